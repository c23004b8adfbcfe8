import { generateKeyPair, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { SUPPORTED_ACRS } from './acr.ts';
import { CLAIMS_OF_SCOPES, claimsOf, GRANTED_CLAIMS, GRANTED_SCOPES } from './claims.ts';
import { type Engine, type EngineContext, type EngineProvider, type Grant, loadEngine } from './engine.ts';
import { brokenPage, welcomePage } from './idp-pages.ts';
import { IDP_STYLE_HASH } from './idp-style.ts';
import { serveInteractions } from './interactions.ts';
import { listen, stop } from './listen.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { type DemoPerson, demoPeople, personNamed } from './people.ts';
import { promptPolicy } from './prompting.ts';

/** A client of the demo's identity provider (RFC 7591 metadata). */
export interface DemoClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
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
 * Starts the identity provider of the demo: a real OpenID provider (oidc-provider underneath) with people, passwords and
 * a second factor. For a demo and for tests: its people's passwords and codes are printed on its pages, so it belongs on
 * loopback. Its time is the system's, so that a test which moves `Date` moves it.
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when oidc-provider is not installed, or the system's code when the
 * port is taken
 */
export async function startDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const { port, host = 'localhost', issuerHost = host, clients, people = demoPeople(randomBytes) } = options;
  const headers = pageHeaders(clients);
  const engine = await loadEngine();
  const jwks = { keys: [await signingKey()] };
  const server = createServer();
  const authority = `${issuerHost}:${await listen(server, port, host)}`;
  const issuer = `http://${authority}`;
  try {
    const provider = new engine.Provider(issuer, configuration({ engine, people, clients, jwks, headers }));
    provider.silent = true;
    server.on('request', requestListener({ provider, people, authority, headers }));
  } catch (error) {
    await stop(server);
    throw error;
  }
  return { issuer, people, close: () => stop(server) };
}

interface Serving {
  readonly provider: EngineProvider;
  readonly people: readonly DemoPerson[];
  /** The only `Host` that is answered, so that no other site's name can be pointed at this server. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
}

function requestListener({ provider, people, authority, headers }: Serving) {
  const show = (response: ServerResponse, status: number, page: string): void => {
    response.writeHead(status, headers).end(page);
  };
  const protocol = provider.callback();
  const interactions = serveInteractions({ provider, people, now, show });
  return (request: Parameters<typeof protocol>[0], response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.headers.host !== authority) {
      show(response, 421, brokenPage('Unknown host', `This identity provider is at http://${authority}.`));
    } else if (path === '/') {
      show(response, 200, welcomePage(people));
    } else if (path.startsWith('/interaction/')) {
      interactions(request, response, path).catch(() => {
        if (!response.headersSent) show(response, 500, brokenPage('Something went wrong', 'Go back and try again.'));
      });
    } else {
      protocol(request, response);
    }
  };
}

interface Parts {
  readonly engine: Engine;
  readonly people: readonly DemoPerson[];
  readonly clients: readonly DemoClient[];
  readonly jwks: object;
  readonly headers: Readonly<Record<string, string>>;
}

const HOUR = 3600;

/** oidc-provider's configuration. What it would otherwise say on the console about defaults is set here. */
function configuration({ engine, people, clients, jwks, headers }: Parts): object {
  return {
    acrValues: SUPPORTED_ACRS,
    adapter: memoryAdapter(now),
    claims: CLAIMS_OF_SCOPES,
    clients: clients.map((client) => ({ ...client, grant_types: ['authorization_code'], response_types: ['code'] })),
    clientBasedCORS: () => false,
    // Claims of the scopes come in the ID token too: the gateway asks by name, other clients may not.
    conformIdTokenClaims: false,
    // Ports of one host share cookies: the names must be nobody else's.
    cookies: {
      names: { session: 'demo-idp-session', interaction: 'demo-idp-interaction', resume: 'demo-idp-resume' },
      keys: [randomBytes(32).toString('base64url')],
    },
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    findAccount: (_ctx: unknown, id: string) => accountOf(personNamed(people, id)),
    interactions: {
      policy: promptPolicy(engine, people),
      url: (_ctx: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
    },
    jwks,
    loadExistingGrant: grantEverything,
    pkce: { required: () => true },
    renderError: (ctx: EngineContext) => renderError(ctx, headers),
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      Grant: 12 * HOUR,
      IdToken: HOUR,
      Interaction: 600,
      Session: 12 * HOUR,
    },
  };
}

function accountOf(person: DemoPerson | null): object | undefined {
  return person === null ? undefined : { accountId: person.username, claims: async () => claimsOf(person) };
}

/** The only clients are ours: nobody is asked whether they may know who signed in. */
async function grantEverything({ oidc }: EngineContext): Promise<Grant | undefined> {
  const { clientId } = oidc.client;
  const accountId = oidc.account?.accountId;
  if (accountId === undefined) return undefined;
  const { Grant } = oidc.provider;
  const grantId = oidc.session.grantIdFor(clientId);
  const known = grantId === undefined ? undefined : await Grant.find(grantId);
  if (known !== undefined) return known;
  const grant = new Grant({ accountId, clientId });
  grant.addOIDCScope(GRANTED_SCOPES);
  grant.addOIDCClaims(GRANTED_CLAIMS);
  await grant.save();
  return grant;
}

function renderError(ctx: EngineContext, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value);
  ctx.body = brokenPage(
    'This request cannot be answered',
    'The application sent a request that this identity provider does not take. Go back to the application and try again.',
  );
}

/**
 * Headers of every page. A form here is answered by redirects that end at the application, and browsers hold those
 * against `form-action` as well, so the origins of the clients are named in it.
 */
function pageHeaders(clients: readonly DemoClient[]): Readonly<Record<string, string>> {
  const origins = new Set(clients.flatMap((client) => client.redirect_uris.map((uri) => new URL(uri).origin)));
  const formAction = ["'self'", ...origins].join(' ');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; style-src ${IDP_STYLE_HASH}; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
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
