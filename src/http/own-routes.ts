import { OWN_SEGMENT } from '../core/return-url.ts';

const own = (path: string): string => `/${OWN_SEGMENT}/${path}`;

/** The gateway's own routes, on every app origin. Never proxied. */
export const OWN_ROUTES = {
  callback: own('callback/:provider'),
  stepUp: own('step-up'),
  signOut: own('sign-out'),
  signedOut: own('signed-out'),
  session: own('session'),
  assertionKeys: own('jwks.json'),
  clientKeys: own('client-jwks.json'),
  healthz: own('healthz'),
  readyz: own('readyz'),
} as const;

/** Where a provider sends people back to on one origin. */
export const callbackUrl = (origin: string, provider: string): string =>
  `${origin}${OWN_ROUTES.callback.replace(':provider', provider)}`;
