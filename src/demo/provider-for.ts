import type { ProviderConfig } from '../config/world.ts';
import { acsUrl, callbackUrl, OWN_ROUTES, sloUrl } from '../http/own-routes.ts';
import type { DemoProvider, IdpOptions } from './idp-server.ts';
import { startDemoOidcProvider } from './oidc/provider.ts';
import { startDemoSamlProvider } from './saml/provider.ts';

/**
 * Starts the identity provider that an entry of gateway.yaml is about, with the gateway as its only application.
 *
 * @param origin - of the gateway
 * @throws what the provider of that protocol throws
 */
export function startProviderFor(config: ProviderConfig, origin: string, options: IdpOptions): Promise<DemoProvider> {
  const { name } = config;
  if (config.type === 'oidc') {
    const { clientId, clientSecret, clientAuth } = config;
    const client = {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [callbackUrl(origin, name)],
      post_logout_redirect_uris: [`${origin}${OWN_ROUTES.signedOut}`],
      token_endpoint_auth_method: clientAuth === 'client_secret_post' ? clientAuth : 'client_secret_basic',
    } as const;
    return startDemoOidcProvider({ ...options, clients: [client] });
  }
  const certificates = [config.sign?.current, config.sign?.next].flatMap((pair) => pair?.certificate ?? []);
  const service = { entityId: config.entityId, acs: [acsUrl(origin, name)], slo: sloUrl(origin, name), certificates };
  return startDemoSamlProvider({ ...options, service });
}
