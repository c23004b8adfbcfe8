/**
 * A small OpenID provider on 127.0.0.1 that does as it is told, for tests of attacks and outages.
 *
 *   const op = await startFakeOp();
 *   op.script.person = {sub: 'bob', email: 'bob@example.com', email_verified: true};
 *   op.script.claims = (claims) => ({...claims, acr: 'gold'});
 *   …send a browser to the gateway; or, without one:
 *   const callback = await op.visit(begun.url);        // signs in at once, answers with the callback URL
 *   …
 *   await op.stop();
 *
 * `/authorize` signs the scripted person in without asking and redirects (302) to the redirect_uri at once. Nothing is
 * verified there, so that a test may ask for nonsense; `/token` verifies the client, the code (used once, bound to
 * redirect_uri) and PKCE as a real provider does. `/par`, `/userinfo` and `/end-session` are there where the script says so. Times come from `Date`, so `mock.timers.enable({apis: ['Date']})` moves
 * it. Everything in `script` may be changed at any time and holds for the requests that follow.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JSONWebKeySet } from 'jose';
import { type FakeAlgorithm, type FakeKeys, makeKeys, unsignedToken } from './fake-op-keys.ts';
import { type Code, formOf, isClient, type KnownClient, redeem } from './fake-op-token.ts';

export type Json = Record<string, unknown>;

/** How an endpoint answers: as a provider does, never, by cutting the connection, or with this status and body. */
export type Answer = 'ok' | 'hang' | 'cut' | { readonly status: number; readonly body?: unknown };

export interface FakeOpOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Of the ID tokens, and of the keys at `/jwks`. */
  readonly algorithm?: FakeAlgorithm;
  /** Script entries that differ from the start, discovery's above all. */
  readonly script?: Partial<FakeOpScript>;
}

export interface FakeOpScript {
  /** Claims about the person. Default: alice. */
  person: Json & { sub: string };
  /** Seconds since the epoch; null = the moment of the request; `absent` = no auth_time in the token. */
  authTime: number | null | 'absent';
  /** `asked` = the first acr value asked for, absent where none was. */
  acr: string | 'asked' | null;
  amr: readonly string[] | null;
  /** The last word on the ID token's claims. */
  claims: (claims: Json, request: URLSearchParams) => Json;
  /** The last word on its header, before it is signed with the algorithm's key. */
  header: (header: Json) => Json;
  /** `foreign` = signed with a key of the same kid that is not at `/jwks`; `none` = alg none; else the whole token. */
  sign: 'ours' | 'foreign' | 'none' | ((header: Json, claims: Json, keys: FakeKeys) => Promise<string>);
  /** The authentication response: an error's code instead of a code. */
  error: string | null;
  /** The last word on the authentication response's parameters. */
  answer: (parameters: URLSearchParams, request: URLSearchParams) => URLSearchParams;
  /** Whether the authentication response has `iss` (RFC 9207), and discovery says so. */
  sendsIss: boolean;
  /** The last word on discovery's metadata. */
  metadata: (metadata: Json) => Json;
  /** Whether requests may be pushed (RFC 9126), or must be. */
  pushing: 'no' | 'offered' | 'required';
  /** What the userinfo endpoint answers for the person; null = there is none. A text is sent as a signed answer. */
  userinfo: ((person: Json) => Json | Promise<string>) | null;
  /** Whether there is a sign-out (OpenID Connect RP-Initiated Logout). */
  signsOut: boolean;
  /** The keys that the client shows itself by; null = by its secret. */
  clientKeys: JSONWebKeySet | null;
  /** How each endpoint answers. */
  discovery: Answer;
  authorize: Answer;
  token: Answer;
  jwks: Answer;
  par: Answer;
  userinfoAnswer: Answer;
}

/** Requests so far, per endpoint. */
export interface FakeOpCounts {
  discovery: number;
  authorize: number;
  token: number;
  jwks: number;
  par: number;
  userinfo: number;
}

export interface FakeOp {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly script: FakeOpScript;
  readonly counts: Readonly<FakeOpCounts>;
  /** Parameters of every authentication request, newest last. */
  readonly asked: readonly URLSearchParams[];
  /** What was sent to `/authorize` itself, newest last: the same, but for pushed requests. */
  readonly visited: readonly URLSearchParams[];
  /** `Authorization` header of the last token request, or null. */
  readonly credentials: () => string | null;
  /** What a browser does with an authorization URL: the URL it is sent back to. @throws where no redirect came */
  visit(url: string): Promise<URL>;
  /** The signing keys of now. */
  keys(): FakeKeys;
  /** New signing keys under a new kid; the old ones are gone from `/jwks`. */
  rotateKeys(): Promise<void>;
  stop(): Promise<void>;
}

const defaults = (): FakeOpScript => ({
  person: {
    sub: 'alice',
    name: 'Alice Example',
    email: 'alice@example.com',
    email_verified: true,
    groups: ['hr', 'staff'],
    sid: 'op-session-1',
  },
  authTime: null,
  acr: 'asked',
  amr: null,
  claims: (claims) => claims,
  header: (header) => header,
  sign: 'ours',
  error: null,
  answer: (parameters) => parameters,
  sendsIss: true,
  metadata: (metadata) => metadata,
  discovery: 'ok',
  authorize: 'ok',
  token: 'ok',
  jwks: 'ok',
  par: 'ok',
  userinfoAnswer: 'ok',
  pushing: 'no',
  userinfo: null,
  signsOut: false,
  clientKeys: null,
});

/** Starts a provider on a free port of 127.0.0.1. */
export async function startFakeOp(options: FakeOpOptions = {}): Promise<FakeOp> {
  const { clientId = 'stepgate', clientSecret = 'fake-op-secret', algorithm = 'RS256' } = options;
  const script: FakeOpScript = { ...defaults(), ...options.script };
  const counts: FakeOpCounts = { discovery: 0, authorize: 0, token: 0, jwks: 0, par: 0, userinfo: 0 };
  const asked: URLSearchParams[] = [];
  const visited: URLSearchParams[] = [];
  const pushed = new Map<string, URLSearchParams>();
  const persons = new Map<string, Json>();
  const codes = new Map<string, Code>();
  let keys = await makeKeys(algorithm);
  let credentials: string | null = null;

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    handle(request, response, url).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return respond(response, 'discovery', async () => json(response, 200, script.metadata(metadata())));
      case '/jwks':
        return respond(response, 'jwks', async () => json(response, 200, { keys: [keys.publicJwk] }));
      case '/authorize':
        return respond(response, 'authorize', async () => authorize(response, url.searchParams));
      case '/token':
        credentials = request.headers.authorization ?? null;
        return respond(response, 'token', async () => token(request, response));
      case '/par':
        return respond(response, 'par', async () => push(request, response));
      case '/userinfo':
        return respond(response, 'userinfo', async () => userinfo(request, response));
      default:
        json(response, 404, { error: 'not_found' });
    }
  }

  async function respond(response: ServerResponse, endpoint: keyof FakeOpCounts, ok: () => Promise<void>) {
    counts[endpoint] += 1;
    const answer = endpoint === 'userinfo' ? script.userinfoAnswer : script[endpoint];
    if (answer === 'ok') return ok();
    if (answer === 'cut') response.destroy();
    else if (answer !== 'hang') json(response, answer.status, answer.body ?? {});
  }

  const metadata = (): Json => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
    code_challenge_methods_supported: ['S256'],
    claims_parameter_supported: true,
    authorization_response_iss_parameter_supported: script.sendsIss,
    ...(script.pushing === 'no' ? {} : { pushed_authorization_request_endpoint: `${issuer}/par` }),
    ...(script.pushing === 'required' ? { require_pushed_authorization_requests: true } : {}),
    ...(script.userinfo === null
      ? {}
      : { userinfo_endpoint: `${issuer}/userinfo`, userinfo_signing_alg_values_supported: [algorithm] }),
    ...(script.signsOut ? { end_session_endpoint: `${issuer}/end-session` } : {}),
  });

  const client: KnownClient = {
    clientId,
    clientSecret,
    issuer,
    clientKeys: () => script.clientKeys,
    used: new Set(),
  };

  async function push(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await formOf(request);
    if (!(await isClient(request, body, client))) return json(response, 401, { error: 'invalid_client' });
    const reference = `urn:fake:${crypto.randomUUID()}`;
    for (const name of ['client_assertion', 'client_assertion_type', 'client_secret']) body.delete(name);
    pushed.set(reference, body);
    json(response, 201, { request_uri: reference, expires_in: 60 });
  }

  async function userinfo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const person = persons.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (person === undefined || script.userinfo === null) return json(response, 401, { error: 'invalid_token' });
    const answer = await script.userinfo(person);
    if (typeof answer !== 'string') return json(response, 200, answer);
    response.writeHead(200, { 'content-type': 'application/jwt' }).end(answer);
  }

  async function authorize(response: ServerResponse, sent: URLSearchParams): Promise<void> {
    visited.push(sent);
    const reference = sent.get('request_uri');
    const request = reference === null ? sent : (pushed.get(reference) ?? new URLSearchParams());
    // A reference is good once (RFC 9126 4).
    if (reference !== null) pushed.delete(reference);
    asked.push(request);
    const parameters = new URLSearchParams({ state: request.get('state') ?? '' });
    if (script.error === null) {
      const code = crypto.randomUUID();
      codes.set(code, { request, used: false });
      parameters.set('code', code);
    } else parameters.set('error', script.error);
    if (script.sendsIss) parameters.set('iss', issuer);
    const back = new URL(request.get('redirect_uri') ?? '');
    back.search = script.answer(parameters, request).toString();
    response.writeHead(302, { location: back.href, 'cache-control': 'no-store' }).end();
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const grant = await redeem(request, client, codes);
    if ('error' in grant) return json(response, grant.error === 'invalid_client' ? 401 : 400, grant);
    const { sign } = script;
    const header = script.header({ alg: algorithm, kid: keys.kid, typ: 'JWT' });
    const claims = script.claims(idTokenClaims(issuer, clientId, script, grant.request), grant.request);
    let idToken: string;
    if (sign === 'none') idToken = unsignedToken(header, claims);
    else if (typeof sign === 'function') idToken = await sign(header, claims, keys);
    else idToken = await keys.sign(header, claims, sign === 'foreign');
    const accessToken = crypto.randomUUID();
    persons.set(accessToken, script.person);
    json(response, 200, { access_token: accessToken, token_type: 'Bearer', expires_in: 60, id_token: idToken });
  }

  return {
    issuer,
    clientId,
    clientSecret,
    script,
    counts,
    asked,
    visited,
    keys: () => keys,
    credentials: () => credentials,
    visit,
    rotateKeys: async () => {
      keys = await makeKeys(algorithm);
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function visit(url: string): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual' });
  await response.body?.cancel();
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect but ${response.status}`);
  return new URL(location);
}

function idTokenClaims(issuer: string, clientId: string, script: FakeOpScript, request: URLSearchParams): Json {
  const now = Math.floor(Date.now() / 1000);
  const acr = script.acr === 'asked' ? askedAcr(request) : script.acr;
  return {
    iss: issuer,
    aud: clientId,
    exp: now + 300,
    iat: now,
    nonce: request.get('nonce') ?? undefined,
    ...script.person,
    ...(acr === null ? {} : { acr }),
    ...(script.amr === null ? {} : { amr: script.amr }),
    ...(script.authTime === 'absent' ? {} : { auth_time: script.authTime ?? now }),
  };
}

/** The first acr value of an authentication request, by either way of asking; null where none is asked for. */
export function askedAcr(request: URLSearchParams): string | null {
  const wanted = JSON.parse(request.get('claims') ?? '{}') as { id_token?: { acr?: { values?: string[] } | null } };
  return wanted.id_token?.acr?.values?.[0] ?? request.get('acr_values')?.split(' ')[0] ?? null;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
