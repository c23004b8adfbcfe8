import type { Seconds } from '../core/time.ts';

/** The origin a cookie belongs to. */
export interface CookieHost {
  /** With scheme; what is sealed into every cookie. */
  readonly origin: string;
  /** https: `Secure` and `__Host-`. Plain http is for loopback origins only. */
  readonly secure: boolean;
}

/** How many flows one browser can have under way on one host. */
export const FLOW_SLOTS = 5;

/** The names of our cookies on one kind of host. */
export interface CookieNames {
  session(provider: string): string;
  /** When the session was last used. */
  seen(provider: string): string;
  /** @param slot - 0 to {@link FLOW_SLOTS} - 1 */
  flow(slot: number): string;
  /** Tells a browser that keeps cookies from one that does not. */
  readonly browser: string;
}

/** @param prefix - the configured one, `stepgate` */
export function cookieNames(prefix: string, secure: boolean): CookieNames {
  const base = `${secure ? '__Host-' : ''}${prefix}-`;
  return {
    session: (provider) => base + provider,
    seen: (provider) => `${base}seen-${provider}`,
    flow: (slot) => `${base}flow-${slot}`,
    browser: `${base}browser`,
  };
}

/** Our cookies of one request. Null = the name came twice: whose it is cannot be told, so it counts for nobody. */
export type OwnCookies = ReadonlyMap<string, string | null>;

const NO_COOKIES: OwnCookies = new Map();

/**
 * Whether a cookie of this name is ours: after `__Host-` or `__Secure-` (which browsers compare without case) it is the
 * prefix, or starts with it and a hyphen. None of these crosses to or from an upstream.
 */
export function isOwnCookie(name: string, prefix: string): boolean {
  const from = /^__(?:host|secure)-/i.exec(name)?.[0].length ?? 0;
  if (!name.startsWith(prefix, from)) return false;
  return name.length === from + prefix.length || name[from + prefix.length] === '-';
}

/**
 * Our cookies in a Cookie header (RFC 6265 section 4.2.1), in one scan: every signed-in request comes through here.
 * A pair without `=` counts as a name.
 */
export function readOwnCookies(header: string | undefined, prefix: string): OwnCookies {
  if (header === undefined) return NO_COOKIES;
  let own: Map<string, string | null> | null = null;
  for (let at = 0; at < header.length; ) {
    const end = endOfPair(header, at);
    const start = skipBlanks(header, at, end);
    if (maybeOwn(header, start, prefix)) {
      const equals = endOfName(header, start, end);
      const name = header.slice(start, equals).trimEnd();
      if (isOwnCookie(name, prefix)) {
        own ??= new Map();
        own.set(name, own.has(name) ? null : header.slice(equals + 1, end).trim());
      }
    }
    at = end + 1;
  }
  return own ?? NO_COOKIES;
}

/** What of a Cookie header goes upstream: everything but ours, byte for byte; null when nothing is left. */
export function withoutOwnCookies(header: string | undefined, prefix: string): string | null {
  if (header === undefined) return null;
  let kept = '';
  let removed = false;
  for (let at = 0; at < header.length; ) {
    const end = endOfPair(header, at);
    const start = skipBlanks(header, at, end);
    const own =
      maybeOwn(header, start, prefix) &&
      isOwnCookie(header.slice(start, endOfName(header, start, end)).trimEnd(), prefix);
    if (own) removed = true;
    else kept += kept === '' ? header.slice(start, end) : `;${header.slice(at, end)}`;
    at = end + 1;
  }
  if (!removed) return header;
  return kept.trim() === '' ? null : kept;
}

/**
 * Whether a Set-Cookie value of an upstream would make the browser send a cookie that we take for ours. A cookie
 * without a name is sent back as its bare value, so `=stepgate-x=y` counts as well.
 */
export function setsOwnCookie(setCookie: string, prefix: string): boolean {
  const sent = setCookie.slice(0, endOfPair(setCookie, 0)).replace(/^[\s=]+/, '');
  return isOwnCookie(sent.slice(0, endOfName(sent, 0, sent.length)).trimEnd(), prefix);
}

/** A Set-Cookie value. Without `maxAge` (seconds) the cookie goes when the browser closes. */
export function setCookie(
  name: string,
  value: string,
  { secure, maxAge }: { readonly secure: boolean; readonly maxAge?: Seconds },
): string {
  const life = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=/${life}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** A Set-Cookie value that removes a cookie of ours. */
export const deleteCookie = (name: string, { secure }: { readonly secure: boolean }): string =>
  setCookie(name, '', { secure, maxAge: 0 });

function endOfPair(header: string, at: number): number {
  const end = header.indexOf(';', at);
  return end < 0 ? header.length : end;
}

/** Bounded by the pair: a search to the end of the header for each pair would be quadratic. */
function endOfName(header: string, start: number, end: number): number {
  let at = start;
  while (at < end && header.charCodeAt(at) !== EQUALS) at++;
  return at;
}

function skipBlanks(header: string, at: number, end: number): number {
  let start = at;
  while (start < end && header.charCodeAt(start) <= SPACE) start++;
  return start;
}

const SPACE = 0x20;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;

/** Spares most foreign cookies the cutting out of their name. */
function maybeOwn(header: string, start: number, prefix: string): boolean {
  const first = header.charCodeAt(start);
  if (first === prefix.charCodeAt(0)) return true;
  return first === UNDERSCORE && header.charCodeAt(start + 1) === UNDERSCORE;
}
