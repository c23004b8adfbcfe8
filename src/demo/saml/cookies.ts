import type { IncomingMessage, ServerResponse } from 'node:http';

/** Cookies of the provider. Ports of one host share cookies: the names must be nobody else's. */
export const COOKIES = { session: 'demo-saml-session', trip: 'demo-saml-trip' } as const;

export function readCookie({ headers }: IncomingMessage, name: string): string | null {
  const found = (headers.cookie ?? '').split(/; */).find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

/**
 * Lax: a browser brings them when an application leads here by a link or a redirect, not when it posts here. So what is
 * posted is answered by a redirect to where they are brought again.
 */
export function setCookie(response: ServerResponse, name: string, value: string, path = '/'): void {
  response.appendHeader('Set-Cookie', `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax`);
}
