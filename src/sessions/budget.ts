import { type CookieNames, FLOW_SLOTS, type OwnCookies } from './cookies.ts';

/**
 * Bytes of the Cookie header that sessions and what lasts beside them may take. Servers in front of us commonly read 8 kB
 * a header, and applications have cookies too.
 */
export const LASTING_LIMIT = 6_000;

/** The same while trips are under way. A flow of full size always fits beside whatever lasts. */
export const SENT_LIMIT = 7 * 1_024;

/** Characters of a sealed flow: several of them travel with every request of the host. */
export const FLOW_LIMIT = 1_024;

/** Characters of the cookie that tells that a browser keeps cookies: 128 bits. */
const BROWSER_LENGTH = 22;

/** Bytes that a cookie of ours takes in a Cookie header, with what separates it from the next. */
export const sentBytes = (name: string, value: string): number => name.length + value.length + '=; '.length;

/** The same, of a Set-Cookie value of ours. */
export const sentBytesOf = (setCookie: string): number => setCookie.indexOf(';') + '; '.length;

/**
 * What a session of this provider may take, its seen cookie included. Where a host has apps of several providers, the
 * sessions that the browser has there share the limit.
 */
export function roomForSession(names: CookieNames, cookies: OwnCookies, provider: string): number {
  const own = [names.session(provider), names.secondHalf(provider), names.seen(provider)];
  return LASTING_LIMIT - lastingBytes(names, cookies, own);
}

/** How many flows of full size fit beside what lasts: all slots for almost everybody, one beside the largest session. */
export function slotsBeside(names: CookieNames, cookies: OwnCookies): number {
  const each = sentBytes(names.flow(0), '') + FLOW_LIMIT;
  const fit = Math.floor((SENT_LIMIT - lastingBytes(names, cookies, [])) / each);
  return Math.min(Math.max(fit, 1), FLOW_SLOTS);
}

/** Only names as they are set on this host count: on https no other host can make a browser send one of those. */
function lastingBytes(names: CookieNames, cookies: OwnCookies, without: readonly string[]): number {
  // Counted where it is not there yet as well: the next flow sets it.
  let bytes = sentBytes(names.browser, '') + BROWSER_LENGTH;
  const flows = names.flow(0).slice(0, -1);
  for (const [name, value] of cookies) {
    if (!name.startsWith(names.start) || name.startsWith(flows) || name === names.browser) continue;
    if (!without.includes(name)) bytes += sentBytes(name, value ?? '');
  }
  return bytes;
}
