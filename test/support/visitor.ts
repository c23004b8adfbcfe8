import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly setCookies: readonly string[];
  readonly location: string | null;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** What a browser sends with a page that somebody opens. */
export const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'sec-fetch-user': '?1',
} as const;

/** What a browser sends with a fetch() of a page of the same origin. */
export const FETCH = {
  accept: '*/*',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'sec-fetch-site': 'same-origin',
} as const;

/** A browser without a screen: keeps cookies by host, follows nothing, sends request targets byte for byte. */
export interface Visitor {
  /** Name -> value, for the gateway's host. Tests may read and change it. */
  readonly jar: Map<string, string>;
  send(target: string, sending?: Sending): Promise<Reply>;
  /** Opens a page, as a person does. */
  open(target: string, sending?: Sending): Promise<Reply>;
  /** Calls from a script of the page. */
  fetch(target: string, sending?: Sending): Promise<Reply>;
}

/** @param origin - of the gateway: where cookies are kept for, and what Host says */
export function createVisitor(origin: string): Visitor {
  const jar = new Map<string, string>();
  const { hostname, port, host } = new URL(origin);

  async function send(target: string, { method = 'GET', headers = {}, body }: Sending = {}): Promise<Reply> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { host, ...(cookie === '' ? {} : { cookie }), ...headers } as Record<string, string | string[]>;
    const reply = await exchange({ hostname, port, path: target, method, headers: all }, body);
    for (const line of reply.setCookies) keep(jar, line);
    return reply;
  }
  return {
    jar,
    send,
    open: (target, sending = {}) => send(target, { ...sending, headers: { ...NAVIGATION, ...sending.headers } }),
    fetch: (target, sending = {}) => send(target, { ...sending, headers: { ...FETCH, ...sending.headers } }),
  };
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at);
  const value = pair.slice(at + 1);
  const gone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
  if (gone) jar.delete(name);
  else jar.set(name, value);
}

interface Wire {
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string | string[]>;
}

function exchange(wire: Wire, body: string | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...wire, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          setCookies: response.headers['set-cookie'] ?? [],
          location: response.headers.location ?? null,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
