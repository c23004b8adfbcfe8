import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type DemoProvider, type IdpOptions, startIdp } from '../idp-server.ts';
import { loadEngine } from './engine.ts';
import { engineConfiguration } from './engine-configuration.ts';
import { oidcTrips } from './trips.ts';

/** A client of the demo's identity provider (RFC 7591 metadata). */
export interface DemoClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
  /** Where people may be sent back to after signing out here (OpenID Connect RP-Initiated Logout 1.0 section 3.1). */
  readonly post_logout_redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
}

export interface OidcProviderOptions extends IdpOptions {
  readonly clients: readonly DemoClient[];
}

/**
 * Starts the demo's identity provider as one of OpenID Connect: a real provider (oidc-provider underneath).
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when oidc-provider or @simplewebauthn/server is not installed, or the
 * system's code when the port is taken
 */
export async function startDemoOidcProvider(options: OidcProviderOptions): Promise<DemoProvider> {
  const { clients } = options;
  const engine = await loadEngine();
  const jwks = { keys: [await signingKey()] };
  const endings = clients.flatMap((client) => [...client.redirect_uris, ...(client.post_logout_redirect_uris ?? [])]);
  return startIdp(options, endings, ({ issuer, people, headers, now }) => {
    const provider = new engine.Provider(issuer, engineConfiguration({ engine, people, clients, jwks, headers, now }));
    provider.silent = true;
    const protocol = provider.callback();
    return {
      trips: oidcTrips(provider, people),
      serve: (request, response) => protocol(request, response),
    };
  });
}

/** RS256, made at every start: what was signed before a restart is worth nothing after it. */
async function signingKey(): Promise<object> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('base64url');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}
