import { LRUCache } from 'lru-cache';
import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import { type EvidenceMap, type Standing, standingOf } from '../core/evidence.ts';
import type { Session } from '../core/session.ts';
import type { Seconds } from '../core/time.ts';
import type { Ledger } from '../ports.ts';
import { type CookieHost, cookieNames, deleteCookie, type OwnCookies, setCookie } from './cookies.ts';
import { isSeconds, isText, readFields } from './fields.ts';
import { type Sealer, TAG_CHARACTERS } from './seal.ts';
import { decodeSession, encodeSession } from './session-codec.ts';

/** Bytes of one Set-Cookie value; browsers drop cookies over 4,096. */
export const SESSION_COOKIE_LIMIT = 3_800;

/** The seen cookie is renewed once it is older than this part of the idle time. */
const TOUCH_PART = 10;

export interface SessionCookiesOptions {
  readonly sealer: Sealer;
  readonly prefix: string;
  readonly ledger: Pick<Ledger, 'isRevoked'>;
  readonly session: { readonly lifetime: Seconds; readonly idle: Seconds };
  /** How many opened session cookies, and as many seen cookies, are kept in memory. */
  readonly cacheSize: number;
}

/** A session that may be used now. */
export interface Opened {
  /** The same object as long as the cookie is the same and stays in memory: others may hang what they derive on it. */
  readonly standing: Standing;
  readonly seenAt: Seconds;
}

/**
 * The session in the browser: one sealed cookie per provider that is the session, and one that says when it was last
 * used. One instance belongs to one world, so that a reload forgets every cookie opened under the old mappings and keys.
 */
export interface SessionCookies {
  /**
   * The session of `provider` on this host, or null when there is none that may be used at `now`. No I/O.
   *
   * @param evidence - what the proofs of this provider are worth
   * @param holding - set for what outlives its request: it has the cookies of then
   */
  open(
    host: CookieHost,
    provider: ProviderIdentity,
    evidence: EvidenceMap,
    cookies: OwnCookies,
    now: Seconds,
    holding?: Holding | null,
  ): Opened | null;
  /** Set-Cookie values for a session just made or raised; null when it does not fit ({@link SESSION_COOKIE_LIMIT}). */
  write(host: CookieHost, session: Session, now: Seconds): readonly string[] | null;
  /** A Set-Cookie value that starts the idle time anew, or null while the one sent is young enough. */
  touch(host: CookieHost, opened: Opened, now: Seconds): string | null;
  /** Set-Cookie values that remove the session of a provider. */
  remove(host: CookieHost, provider: string): readonly string[];
  /** Set-Cookie values that remove every cookie of ours that was sent. */
  removeAll(host: CookieHost, cookies: OwnCookies): readonly string[];
}

/** Something that is open since a request of then, and what has happened to its session meanwhile. */
export interface Holding {
  /** When the person was last active. A step-up that superseded the cookie of then ends nothing either. */
  readonly seenAt: Seconds;
}

/** Who signed the person in: a provider of the same name that is somebody else by now is not the same provider. */
export interface ProviderIdentity {
  readonly name: string;
  readonly issuer: string;
}

/** Where the session of one provider is on one host. */
interface Place {
  readonly host: CookieHost;
  readonly session: Drawer;
  readonly seen: Drawer;
}

/** One cookie: its name, what it is sealed for, and the start of its keys in the cache, which no other cookie shares. */
interface Drawer {
  readonly name: string;
  readonly purpose: string;
  readonly cacheKey: string;
}

interface KnownSession {
  readonly sealed: string;
  readonly evidence: EvidenceMap;
  readonly standing: Standing;
}

interface KnownSeen {
  readonly sealed: string;
  readonly seen: Seen;
}

interface Seen {
  readonly family: string;
  readonly at: Seconds;
}

export function createSessionCookies(options: SessionCookiesOptions): SessionCookies {
  const { sealer, ledger } = options;
  const { lifetime, idle } = options.session;
  const sessions = new LRUCache<string, KnownSession>({ max: options.cacheSize });
  const sightings = new LRUCache<string, KnownSeen>({ max: options.cacheSize });
  const placeOf = places(options.prefix);

  const openSession = ({ host, session: drawer }: Place, evidence: EvidenceMap, sealed: string): Standing | null => {
    const key = drawer.cacheKey + sealed.slice(-TAG_CHARACTERS);
    const known = sessions.get(key);
    if (known !== undefined && known.sealed === sealed && known.evidence === evidence) return known.standing;
    const text = sealer.open(drawer.purpose, host.origin, sealed);
    const session = text === null ? null : decodeSession(text);
    if (session === null) return null;
    const standing = standingOf(session, evidence);
    sessions.set(key, { sealed: detached(sealed), evidence, standing });
    return standing;
  };

  const openSeen = ({ host, seen: drawer }: Place, sealed: string): Seen | null => {
    const key = drawer.cacheKey + sealed.slice(-TAG_CHARACTERS);
    const known = sightings.get(key);
    if (known !== undefined && known.sealed === sealed) return known.seen;
    const text = sealer.open(drawer.purpose, host.origin, sealed);
    const seen = text === null ? null : decodeSeen(text);
    if (seen === null) return null;
    sightings.set(key, { sealed: detached(sealed), seen });
    return seen;
  };

  /** Asked on every request: all of it can change while the cookie stays the same. */
  const mayBeUsed = (session: Session, provider: ProviderIdentity, now: Seconds, holding: Holding | null): boolean =>
    session.provider === provider.name &&
    session.issuer === provider.issuer &&
    session.expiresAt > now &&
    // A lifetime that was shortened since holds for sessions that are under way as well.
    session.createdAt + lifetime > now &&
    session.createdAt <= now + CLOCK_STEP_TOLERANCE &&
    !ledger.isRevoked(holding === null ? session : inItsNewestGeneration(session), now);

  const seenCookie = ({ host, seen }: Place, family: string, at: Seconds): string =>
    setCookie(seen.name, sealer.seal(seen.purpose, host.origin, encodeSeen({ family, at })), { secure: host.secure });

  return {
    open(host, provider, evidence, cookies, now, holding = null) {
      const place = placeOf(host, provider.name);
      const sealedSession = cookies.get(place.session.name);
      const sealedSeen = cookies.get(place.seen.name);
      if (!sealedSession || !sealedSeen) return null;
      const standing = openSession(place, evidence, sealedSession);
      if (standing === null || !mayBeUsed(standing.session, provider, now, holding)) return null;
      const seen = openSeen(place, sealedSeen);
      if (seen === null || seen.family !== standing.session.family) return null;
      const seenAt = Math.max(seen.at, holding?.seenAt ?? 0);
      if (now - seenAt >= idle || seenAt > now + CLOCK_STEP_TOLERANCE) return null;
      return { standing, seenAt };
    },
    write(host, session, now) {
      const place = placeOf(host, session.provider);
      const sealed = sealer.seal(place.session.purpose, host.origin, encodeSession(session));
      const cookie = setCookie(place.session.name, sealed, { secure: host.secure });
      if (cookie.length > SESSION_COOKIE_LIMIT) return null;
      return [cookie, seenCookie(place, session.family, now)];
    },
    touch(host, { standing, seenAt }, now) {
      if (now - seenAt <= idle / TOUCH_PART) return null;
      return seenCookie(placeOf(host, standing.session.provider), standing.session.family, now);
    },
    remove(host, provider) {
      const { session, seen } = placeOf(host, provider);
      return [deleteCookie(session.name, host), deleteCookie(seen.name, host)];
    },
    removeAll(host, cookies) {
      // A name that is no token (RFC 6265 section 4.1.1) is none that a browser got from us.
      const names = [...cookies.keys()].filter((name) => /^[\w.-]+$/.test(name));
      return names.map((name) => deleteCookie(name, host));
    },
  };
}

const inItsNewestGeneration = (session: Session): Session => ({ ...session, generation: Number.POSITIVE_INFINITY });

/** Places are made once: hosts and providers are configured, so there are few. */
function places(prefix: string): (host: CookieHost, provider: string) => Place {
  const byOrigin = new Map<string, Map<string, Place>>();
  return (host, provider) => {
    const known = byOrigin.get(host.origin)?.get(provider);
    if (known !== undefined) return known;
    const names = cookieNames(prefix, host.secure);
    const drawer = (name: string, purpose: string): Drawer => ({
      name,
      purpose,
      cacheKey: `${purpose} ${host.origin} `,
    });
    const made: Place = {
      host: { origin: host.origin, secure: host.secure },
      session: drawer(names.session(provider), `session ${provider}`),
      seen: drawer(names.seen(provider), `seen ${provider}`),
    };
    const here = byOrigin.get(host.origin) ?? new Map<string, Place>();
    byOrigin.set(host.origin, here.set(provider, made));
    return made;
  };
}

/** A copy that does not keep the whole Cookie header alive, of which the value is only a slice to the engine. */
const detached = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const SEEN_VERSION = 1;

const encodeSeen = ({ family, at }: Seen): string => JSON.stringify([SEEN_VERSION, family, at]);

function decodeSeen(text: string): Seen | null {
  const fields = readFields(text, SEEN_VERSION, 2);
  if (fields === null) return null;
  const [family, at] = fields;
  return isText(family) && isSeconds(at) ? { family, at } : null;
}
