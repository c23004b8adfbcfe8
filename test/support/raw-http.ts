import { connect } from 'node:net';

/** One answer, taken from the bytes of a connection. */
export interface RawReply {
  readonly status: number;
  /** Lines of the head behind the status line, as received. */
  readonly lines: readonly string[];
  /** Values of one header, by its name in any case. */
  readonly values: (name: string) => readonly string[];
  /** What followed the head, up to the end of the connection. */
  readonly body: string;
}

/** What a connection came to. */
export interface RawExchange {
  /** Everything received, one character for each byte. */
  readonly text: string;
  /** Status of every answer, 1xx too, in order. */
  readonly statuses: readonly number[];
  /** Whether the other side closed, not our patience. */
  readonly closed: boolean;
  /** The first answer that is not 1xx. */
  readonly reply: RawReply;
}

/** Milliseconds of silence after which a connection that stays open is left. */
const PATIENCE_MS = 15_000;

/**
 * Writes exactly these bytes (one for each character) on a connection of its own, and reads until it closes.
 *
 * @param from - the address to come from: any of 127.0.0.0/8
 */
export function sendBytes(port: number, bytes: string, from = '127.0.0.1'): Promise<RawExchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let closed = true;
    const socket = connect({ port, host: '127.0.0.1', localAddress: from }, () => socket.write(bytes, 'latin1'));
    socket.setTimeout(PATIENCE_MS, () => {
      closed = false;
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A reset after the answer is a way to close.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ text, statuses: statusesOf(text), closed, reply: replyOf(text) });
    });
  });
}

export interface RawRequest {
  readonly method?: string;
  readonly host: string;
  /** Header lines, as they are sent. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** The bytes of a request whose target is not looked at, and which asks for the connection to be closed. */
export function requestBytes(target: string, { method = 'GET', host, lines = [], body = '' }: RawRequest): string {
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

const statusesOf = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

/** Reads one answer, after any 1xx before it. Status 0 = there was none. */
export function replyOf(text: string): RawReply {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
  const rest = end < 0 ? '' : text.slice(end + 4);
  if (status >= 100 && status < 200 && status !== 101) return replyOf(rest);
  const values = (name: string): readonly string[] =>
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return line.slice(0, colon).toLowerCase() === name.toLowerCase() ? [line.slice(colon + 1).trim()] : [];
    });
  return { status, lines, values, body: rest };
}

/** The Cookie line of a visitor's jar; none when it is empty. */
export const cookieLines = (jar: ReadonlyMap<string, string>): readonly string[] =>
  jar.size === 0 ? [] : [`Cookie: ${[...jar].map(([name, value]) => `${name}=${value}`).join('; ')}`];
