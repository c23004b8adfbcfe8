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
  /** What every name starts with. */
  readonly start: string;
  session(provider: string): string;
  /** The second half of a session that one cookie does not hold. No provider's name has a hyphen. */
  secondHalf(provider: string): string;
  /** When the session was last used. */
  seen(provider: string): string;
  /** @param slot - 0 to {@link FLOW_SLOTS} - 1 */
  flow(slot: number): string;
  /** Tells a browser that keeps cookies from one that does not. */
  readonly browser: string;
}

/** @param prefix - the configured one, `stepgate` */
export function cookieNames(prefix: string, secure: boolean): CookieNames {
  const start = `${secure ? '__Host-' : ''}${prefix}-`;
  return {
    start,
    session: (provider) => start + provider,
    secondHalf: (provider) => `${start}${provider}-1`,
    seen: (provider) => `${start}seen-${provider}`,
    flow: (slot) => `${start}flow-${slot}`,
    browser: `${start}browser`,
  };
}

/** Our cookies of one request. Null = the name came twice: whose it is cannot be told, so it counts for nobody. */
export type OwnCookies = ReadonlyMap<string, string | null>;

const NO_COOKIES: OwnCookies = new Map();

/**
 * Whether a cookie of this name is ours: after `__Host-` or `__Secure-` (which browsers compare without case) it is the
 * prefix, or starts with it and a hyphen. None of these crosses to or from an upstream.
 */
export const isOwnCookie = (name: string, prefix: string): boolean => endOfOwnName(name, 0, name.length, prefix) >= 0;

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
    const equals = endOfOwnName(header, start, end, prefix);
    if (equals >= 0) {
      own ??= new Map();
      const name = cut(header, start, equals);
      own.set(name, own.has(name) ? null : cut(header, equals + 1, end));
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
    if (endOfOwnName(header, start, end, prefix) >= 0) removed = true;
    else kept += kept === '' ? header.slice(start, end) : `;${header.slice(at, end)}`;
    at = end + 1;
  }
  if (!removed) return header;
  return kept.trim() === '' ? null : kept;
}

/**
 * Whether a Set-Cookie value of an upstream could make the browser send a cookie that we take for ours. One without a
 * name is sent back as its bare value, which can be read as any cookie (`=stepgate-x=y`), so it always could.
 */
export function setsOwnCookie(setCookie: string, prefix: string): boolean {
  const pair = setCookie.slice(0, endOfPair(setCookie, 0));
  const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim();
  return name === '' || isOwnCookie(name, prefix);
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

/** Our cookies as a browser will send them once it has taken these Set-Cookie values of ours. */
export function withSetCookies(cookies: OwnCookies, setCookies: readonly string[]): OwnCookies {
  const kept = new Map(cookies);
  for (const line of setCookies) {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
    if (value === '') kept.delete(name);
    else kept.set(name, value);
  }
  return kept;
}

function endOfPair(header: string, at: number): number {
  const end = header.indexOf(';', at);
  return end < 0 ? header.length : end;
}

/** Where the name that starts at `start` ends, if it is ours: at its `=`, or with the pair; else -1. Reads nothing behind. */
function endOfOwnName(text: string, start: number, end: number, prefix: string): number {
  const bare = start + lengthOfBinding(text, start);
  if (!text.startsWith(prefix, bare)) return -1;
  const after = bare + prefix.length;
  let equals = after;
  // Not indexOf: a search to the end of the header for each pair would be quadratic.
  while (equals < end && text.charCodeAt(equals) !== EQUALS) equals++;
  const ours = text.charCodeAt(after) === HYPHEN || skipBlanks(text, after, equals) === equals;
  return ours ? equals : -1;
}

function lengthOfBinding(text: string, start: number): number {
  if (text.charCodeAt(start) !== UNDERSCORE || text.charCodeAt(start + 1) !== UNDERSCORE) return 0;
  if (text.startsWith(HOST, start)) return HOST.length;
  for (const binding of [HOST, SECURE]) {
    if (text.slice(start, start + binding.length).toLowerCase() === binding.toLowerCase()) return binding.length;
  }
  return 0;
}

/** The text between two places, without outer blanks, of which there usually are none. */
function cut(text: string, start: number, end: number): string {
  const found = text.slice(start, end);
  const blank = text.charCodeAt(start) <= SPACE || text.charCodeAt(end - 1) <= SPACE;
  return blank ? found.trim() : found;
}

function skipBlanks(header: string, at: number, end: number): number {
  let start = at;
  while (start < end && header.charCodeAt(start) <= SPACE) start++;
  return start;
}

const HOST = '__Host-';
const SECURE = '__Secure-';
const SPACE = 0x20;
const HYPHEN = 0x2d;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
