import type { World } from '../config/world.ts';
import { OWN_SEGMENT } from '../core/return-url.ts';
import type { Provider } from '../ports.ts';

const own = (path: string): string => `/${OWN_SEGMENT}/${path}`;

/** The gateway's own routes, on every app origin. Never proxied. */
export const OWN_ROUTES = {
  callback: own('callback/:provider'),
  acs: own('saml/:provider/acs'),
  samlContinue: own('saml/:provider/continue'),
  samlMetadata: own('saml/:provider/metadata'),
  slo: own('saml/:provider/slo'),
  stepUp: own('step-up'),
  signOut: own('sign-out'),
  signedOut: own('signed-out'),
  session: own('session'),
  assertionKeys: own('jwks.json'),
  clientKeys: own('client-jwks.json'),
  healthz: own('healthz'),
  readyz: own('readyz'),
} as const;

/** Where an OpenID provider sends people back to on one origin. */
export const callbackUrl = (origin: string, provider: string): string => urlOf(OWN_ROUTES.callback, origin, provider);

/** Where a SAML provider posts its answers to on one origin: the assertion consumer service. */
export const acsUrl = (origin: string, provider: string): string => urlOf(OWN_ROUTES.acs, origin, provider);

/** Where a SAML provider sends its messages about signing out on one origin: the single logout service. */
export const sloUrl = (origin: string, provider: string): string => urlOf(OWN_ROUTES.slo, origin, provider);

/** The origins of the apps that name a provider: where it finds us. */
export function originsOf({ apps }: Pick<World, 'apps'>, provider: string): readonly string[] {
  const origins = [...apps.values()].flatMap((app) => (app.provider === provider ? app.origins : []));
  return [...new Set(origins)];
}

/** Where people come back to from a provider, of whatever type. */
export const answerUrl = (origin: string, { type, name }: Pick<Provider, 'type' | 'name'>): string =>
  type === 'saml' ? acsUrl(origin, name) : callbackUrl(origin, name);

/** One of our routes of a provider, on one origin. */
export const urlOf = (route: string, origin: string, provider: string): string =>
  `${origin}${route.replace(':provider', provider)}`;
