import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { brokenPage, signedInPage, welcomePage } from './idp-pages.ts';
import { IDP_STYLE_HASH } from './idp-style.ts';
import { type PageScript, type Show, serveInteractions } from './interactions.ts';
import { listen, stop } from './listen.ts';
import { PASSKEY_JS, PASSKEY_SCRIPT_PATH } from './passkey-script.ts';
import { keepPasskeys, loadWebAuthn } from './passkeys.ts';
import { type DemoPerson, demoPeople } from './people.ts';
import { POST_ITSELF_HASH } from './post-itself.ts';
import type { Trip, Trips } from './trip.ts';

export interface IdpOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** Where to listen; `localhost` unless given. */
  readonly host?: string;
  /** The name in the issuer, as browser and gateway reach it; `host` unless given. */
  readonly issuerHost?: string;
  readonly people?: readonly DemoPerson[];
}

/** An identity provider that runs. */
export interface DemoProvider {
  /** Its origin. */
  readonly issuer: string;
  readonly people: readonly DemoPerson[];
  close(): Promise<void>;
}

/** What a protocol is given to stand on. */
export interface IdpSite {
  readonly issuer: string;
  readonly people: readonly DemoPerson[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of every page. */
  readonly headers: Readonly<Record<string, string>>;
  readonly show: Show;
}

/** What a protocol adds to the pages. */
export interface IdpProtocol<T extends Trip> {
  readonly trips: Trips<T>;
  /** Who is signed in, and the path of a form that signs them out everywhere; null where nobody is, or nothing can. */
  readonly signedIn?: (request: IncomingMessage) => { readonly person: DemoPerson; readonly signOut: string } | null;
  /** Answers what is none of the pages that all protocols share. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): unknown;
}

/**
 * Starts an identity provider with people, passwords, second factors and passkeys. For a demo and for tests: its people's
 * passwords and codes are printed on its pages, so it belongs on loopback. Its time is the system's, so that a test which
 * moves `Date` moves it.
 *
 * @param endings - addresses of the applications that forms here lead to in the end
 * @param speak - makes the protocol, once it is known where the provider is
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when an optional package is not installed, or the system's code when
 * the port is taken
 */
export async function startIdp<T extends Trip>(
  options: IdpOptions,
  endings: readonly string[],
  speak: (site: IdpSite) => IdpProtocol<T> | Promise<IdpProtocol<T>>,
): Promise<DemoProvider> {
  const { port, host = 'localhost', issuerHost = host, people = demoPeople(randomBytes) } = options;
  const webauthn = await loadWebAuthn();
  const server = createServer();
  const { origin: issuer, host: authority } = new URL(`http://${issuerHost}:${await listen(server, port, host)}`);
  try {
    const { headers, show } = pageSender(issuer, endings);
    const protocol = await speak({ issuer, people, now, headers, show });
    const passkeys = keepPasskeys(issuer, webauthn);
    const interactions = serveInteractions({ trips: protocol.trips, people, passkeys, now, show });
    const serve = (request: IncomingMessage, response: ServerResponse, path: string): unknown => {
      if (request.headers.host !== authority) {
        return show(response, 421, brokenPage('Unknown host', `This identity provider is at http://${authority}.`));
      }
      if (path === '/') {
        const here = protocol.signedIn?.(request) ?? null;
        return show(response, 200, here === null ? welcomePage(people) : signedInPage(here.person, here.signOut));
      }
      if (path === PASSKEY_SCRIPT_PATH) {
        return response
          .writeHead(200, { ...headers, 'Content-Type': 'text/javascript; charset=utf-8' })
          .end(PASSKEY_JS);
      }
      return path.startsWith('/interaction/')
        ? interactions(request, response, path)
        : protocol.serve(request, response, path);
    };
    server.on('request', async (request, response) => {
      try {
        await serve(request, response, (request.url ?? '/').split('?')[0] ?? '/');
      } catch {
        if (!response.headersSent) show(response, 500, brokenPage('Something went wrong', 'Go back and try again.'));
      }
    });
  } catch (error) {
    await stop(server);
    throw error;
  }
  return { issuer, people, close: () => stop(server) };
}

/**
 * Sends pages. A form here is answered by redirects that end at the application, and browsers hold those against
 * `form-action` as well, so the origins of the applications are named in it.
 */
function pageSender(issuer: string, endings: readonly string[]): Pick<IdpSite, 'headers' | 'show'> {
  const formAction = ["'self'", ...new Set(endings.map((uri) => new URL(uri).origin))].join(' ');
  const scripts: Readonly<Record<PageScript, string>> = {
    passkeys: `${issuer}${PASSKEY_SCRIPT_PATH}`,
    post_itself: POST_ITSELF_HASH,
  };
  const headersFor = (script?: PageScript): Readonly<Record<string, string>> => {
    const allowed = script === undefined ? '' : ` script-src ${scripts[script]};`;
    return {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': `default-src 'none'; style-src ${IDP_STYLE_HASH};${allowed} form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    };
  };
  return {
    headers: headersFor(),
    show: (response, status, page, script) => void response.writeHead(status, headersFor(script)).end(page),
  };
}

/** Engines underneath ask `Date` for the time; so do their surroundings, lest the two disagree. */
function now(): number {
  return Date.now();
}
