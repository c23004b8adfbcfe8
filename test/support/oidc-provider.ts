import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import {
  type EngineContext,
  type EngineProvider,
  type InteractionResult,
  loadEngine,
} from '../../src/demo/oidc/engine.ts';
import { memoryAdapter } from '../../src/demo/oidc/memory-adapter.ts';

/** oidc-provider, a certified OpenID provider, on 127.0.0.1: a second opinion beside the fake. */
export interface RealOp {
  readonly issuer: string;
  /** Goes to an authorization URL as a new browser, answers every question with `result`; where it is sent back to. */
  visit(url: string, result: InteractionResult): Promise<URL>;
  stop(): Promise<void>;
}

export interface RealOpOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuth: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** The client's public keys, for `private_key_jwt`. */
  readonly clientKeys?: readonly object[];
  readonly redirectUri: string | readonly string[];
}

/** Starts oidc-provider with one client, whom everybody consents to. */
export async function startOidcProvider(options: RealOpOptions): Promise<RealOp> {
  const { Provider, interactionPolicy } = await loadEngine();
  const policy = interactionPolicy.base();
  policy.get('consent').checks.clear();
  const key = await generateKeyPair('RS256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(key.privateKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };

  const answers = new Map<string, InteractionResult>();
  let provider: EngineProvider | null = null;
  const server = createServer((request, response) => {
    if (provider === null) return response.destroy();
    if (request.url?.startsWith('/interaction/'))
      return void interact(provider, request, response).catch(() => response.destroy());
    return provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, configuration(options, policy, jwks));
  provider.silent = true;

  async function interact(op: EngineProvider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await op.interactionDetails(request, response);
    // A request that was pushed (RFC 9126) has its state with the provider only.
    const result = answers.get(String(params.state)) ?? answers.get('') ?? { error: 'access_denied' };
    const location = await op.interactionResult(request, response, result, { mergeWithLastSubmission: false });
    response.writeHead(303, { location }).end();
  }

  return {
    issuer,
    visit: (url, result) => {
      answers.set(new URL(url).searchParams.get('state') ?? '', result);
      return follow(url, issuer);
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const configuration = (options: RealOpOptions, policy: object, jwks: object): object => ({
  acrValues: ['urn:mfa', 'urn:phrh'],
  adapter: memoryAdapter(Date.now),
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  clientBasedCORS: () => false,
  clients: [
    {
      client_id: options.clientId,
      ...(options.clientKeys === undefined
        ? { client_secret: options.clientSecret }
        : { jwks: { keys: options.clientKeys } }),
      token_endpoint_auth_method: options.clientAuth,
      redirect_uris: [options.redirectUri].flat(),
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  cookies: { keys: [randomBytes(16).toString('hex')] },
  features: { claimsParameter: { enabled: true }, devInteractions: { enabled: false } },
  findAccount: (_ctx: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { policy, url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  jwks,
  loadExistingGrant: async ({ oidc }: EngineContext) => {
    const accountId = oidc.account?.accountId;
    if (accountId === undefined) return undefined;
    const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope('openid email profile');
    grant.addOIDCClaims(['email', 'email_verified', 'name', 'acr', 'amr', 'auth_time']);
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
});

/** Follows redirects with a jar of its own, up to the first address outside `within`. */
async function follow(start: string, within: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = new URL(start);
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    const text = await response.text();
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no redirect but ${response.status}: ${text.slice(0, 500)}`);
    url = new URL(location, url);
    if (url.origin !== within) return url;
  }
  throw new Error('redirected for ever');
}
