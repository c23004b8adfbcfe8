import { generateKeyPair, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { type EngineProvider, loadEngine } from './engine.ts';
import { engineConfiguration } from './engine-configuration.ts';
import { brokenPage, welcomePage } from './idp-pages.ts';
import { IDP_STYLE_HASH } from './idp-style.ts';
import { serveInteractions } from './interactions.ts';
import { listen, stop } from './listen.ts';
import { PASSKEY_JS, PASSKEY_SCRIPT_PATH } from './passkey-script.ts';
import { keepPasskeys, loadWebAuthn, type Passkeys } from './passkeys.ts';
import { type DemoPerson, demoPeople } from './people.ts';

/** A client of the demo's identity provider (RFC 7591 metadata). */
export interface DemoClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
  /** Where people may be sent back to after signing out here (OpenID Connect RP-Initiated Logout 1.0 section 3.1). */
  readonly post_logout_redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
}

export interface DemoProviderOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** Where to listen; `localhost` unless given. */
  readonly host?: string;
  /** The name in the issuer, as browser and gateway reach it; `host` unless given. */
  readonly issuerHost?: string;
  readonly clients: readonly DemoClient[];
  readonly people?: readonly DemoPerson[];
}

export interface DemoProvider {
  readonly issuer: string;
  readonly people: readonly DemoPerson[];
  close(): Promise<void>;
}

/**
 * Starts the identity provider of the demo: a real OpenID provider (oidc-provider underneath) with people, passwords,
 * second factors and passkeys. For a demo and for tests: its people's passwords and codes are printed on its pages, so it belongs on
 * loopback. Its time is the system's, so that a test which moves `Date` moves it.
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when oidc-provider or @simplewebauthn/server is not installed, or the
 * system's code when the port is taken
 */
export async function startDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const { port, host = 'localhost', issuerHost = host, clients, people = demoPeople(randomBytes) } = options;
  const [engine, webauthn] = await Promise.all([loadEngine(), loadWebAuthn()]);
  const jwks = { keys: [await signingKey()] };
  const server = createServer();
  const { origin: issuer, host: authority } = new URL(`http://${issuerHost}:${await listen(server, port, host)}`);
  try {
    const headers = pageHeaders(clients);
    const passkeys = keepPasskeys(issuer, webauthn);
    const provider = new engine.Provider(issuer, engineConfiguration({ engine, people, clients, jwks, headers, now }));
    provider.silent = true;
    server.on('request', requestListener({ provider, people, passkeys, issuer, authority, clients }));
  } catch (error) {
    await stop(server);
    throw error;
  }
  return { issuer, people, close: () => stop(server) };
}

interface Serving {
  readonly provider: EngineProvider;
  readonly people: readonly DemoPerson[];
  readonly passkeys: Passkeys;
  readonly clients: readonly DemoClient[];
  readonly issuer: string;
  /** The only `Host` that is answered, so that no other site's name can be pointed at this server. */
  readonly authority: string;
}

function requestListener({ provider, people, passkeys, clients, issuer, authority }: Serving) {
  const plain = pageHeaders(clients);
  const scripted = pageHeaders(clients, `${issuer}${PASSKEY_SCRIPT_PATH}`);
  const show = (response: ServerResponse, status: number, page: string, script?: 'script'): void => {
    response.writeHead(status, script === undefined ? plain : scripted).end(page);
  };
  const protocol = provider.callback();
  const interactions = serveInteractions({ provider, people, passkeys, now, show });
  return (request: Parameters<typeof protocol>[0], response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.headers.host !== authority) {
      show(response, 421, brokenPage('Unknown host', `This identity provider is at http://${authority}.`));
    } else if (path === '/') {
      show(response, 200, welcomePage(people));
    } else if (path === PASSKEY_SCRIPT_PATH) {
      response.writeHead(200, { ...plain, 'Content-Type': 'text/javascript; charset=utf-8' }).end(PASSKEY_JS);
    } else if (path.startsWith('/interaction/')) {
      interactions(request, response, path).catch(() => {
        if (!response.headersSent) show(response, 500, brokenPage('Something went wrong', 'Go back and try again.'));
      });
    } else {
      protocol(request, response);
    }
  };
}

/**
 * Headers of every page. A form here is answered by redirects that end at the application, and browsers hold those
 * against `form-action` as well, so the origins of the clients are named in it.
 *
 * @param script - the address of the only script that the page may run
 */
function pageHeaders(clients: readonly DemoClient[], script?: string): Readonly<Record<string, string>> {
  const endings = clients.flatMap((client) => [...client.redirect_uris, ...(client.post_logout_redirect_uris ?? [])]);
  const formAction = ["'self'", ...new Set(endings.map((uri) => new URL(uri).origin))].join(' ');
  const scripts = script === undefined ? '' : ` script-src ${script};`;
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; style-src ${IDP_STYLE_HASH};${scripts} form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** RS256, made at every start: what was signed before a restart is worth nothing after it. */
async function signingKey(): Promise<object> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('base64url');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

/** The engine underneath asks `Date` for the time; so do its surroundings, lest the two disagree. */
function now(): number {
  return Date.now();
}
