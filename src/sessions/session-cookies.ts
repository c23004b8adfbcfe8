import { LRUCache } from 'lru-cache';
import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import { type EvidenceMap, type Standing, standingOf } from '../core/evidence.ts';
import type { Session } from '../core/session.ts';
import { wasSought } from '../core/sought.ts';
import type { Seconds } from '../core/time.ts';
import type { Ledger } from '../ports.ts';
import { roomForSession, sentBytesOf } from './budget.ts';
import { type CookieHost, deleteCookie, type OwnCookies, setCookie } from './cookies.ts';
import { areHalves, halvesOf } from './halves.ts';
import { type Sealer, TAG_CHARACTERS } from './seal.ts';
import { decodeSeen, encodeSeen, type Seen } from './seen.ts';
import { decodeSession, encodeSession } from './session-codec.ts';
import { type Place, places } from './session-places.ts';
import { largestPart, type SessionPart, waysToFit } from './session-size.ts';

/** Bytes of a Set-Cookie value that holds a whole session; a larger one is halved. Browsers drop cookies over 4,096. */
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
  /** Whether all that any policy of its provider reads of a person was looked for when the session was written. */
  readonly informed: boolean;
}

/** What a session has to fit beside, and what of it may go. */
export interface Fitting {
  /** Our cookies that the browser has. */
  readonly cookies: OwnCookies;
  /** Whether an app or policy names this very group. */
  readonly namesGroup: (group: string) => boolean;
}

/** What became of a session that was to be written. */
export type Written =
  | {
      readonly ok: true;
      readonly cookies: readonly string[];
      /** As it was sealed: without groups that nobody names, where it did not fit with them. */
      readonly session: Session;
    }
  | { readonly ok: false; readonly largest: SessionPart };

/**
 * The session in the browser: one sealed cookie per provider that is the session, or its halves in two, and one that
 * says when it was last used. One instance belongs to one world, so that a reload forgets every cookie opened under the old mappings and keys.
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
  /** Set-Cookie values for a session just made or raised. */
  write(host: CookieHost, session: Session, fitting: Fitting, now: Seconds): Written;
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
  /** Null where the configuration does not say: then the name alone tells providers apart. */
  readonly issuer: string | null;
  /** Marks of what policies read of its people. */
  readonly sought: string;
}

interface KnownSession {
  readonly first: string;
  readonly second: string | null;
  readonly evidence: EvidenceMap;
  readonly standing: Standing;
  readonly informed: boolean;
}

interface KnownSeen {
  readonly sealed: string;
  readonly seen: Seen;
}

export function createSessionCookies(options: SessionCookiesOptions): SessionCookies {
  const { sealer, ledger } = options;
  const { lifetime, idle } = options.session;
  const sessions = new LRUCache<string, KnownSession>({ max: options.cacheSize });
  const sightings = new LRUCache<string, KnownSeen>({ max: options.cacheSize });
  const placeOf = places(options.prefix);

  const openSession = (
    place: Place,
    { sought }: ProviderIdentity,
    evidence: EvidenceMap,
    first: string,
    second: string | null,
  ): Pick<KnownSession, 'standing' | 'informed'> | null => {
    const { host } = place;
    const drawer = second === null ? place.session : place.halved;
    if (second !== null && !areHalves(first, second)) return null;
    const key = drawer.cacheKey + (second ?? first).slice(-TAG_CHARACTERS);
    const known = sessions.get(key);
    // Each half by itself: put together first, they would have to be copied on every request.
    if (known !== undefined && known.evidence === evidence && known.first === first && known.second === second)
      return known;
    const text = sealer.open(drawer.purpose, host.origin, second === null ? first : first + second);
    const session = text === null ? null : decodeSession(text);
    if (session === null) return null;
    const standing = standingOf(session, evidence);
    const kept = { first: detached(first), second: second === null ? null : detached(second) };
    const opened = { standing, informed: wasSought(sought, session.sought) };
    sessions.set(key, { ...kept, evidence, ...opened });
    return opened;
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
    (provider.issuer === null || session.issuer === provider.issuer) &&
    session.expiresAt > now &&
    // A lifetime that was shortened since holds for sessions that are under way as well.
    session.createdAt + lifetime > now &&
    session.createdAt <= now + CLOCK_STEP_TOLERANCE &&
    !ledger.isRevoked(holding === null ? session : inItsNewestGeneration(session), now);

  const seenCookie = ({ host, seen }: Place, family: string, at: Seconds): string =>
    setCookie(seen.name, sealer.seal(seen.purpose, host.origin, encodeSeen({ family, at })), { secure: host.secure });

  const sessionCookies = ({ host, session, halved }: Place, text: string): readonly string[] => {
    const { secure } = host;
    const whole = setCookie(session.name, sealer.seal(session.purpose, host.origin, text), { secure });
    // A second half of before must not stay: beside this one it would be nobody's session.
    if (whole.length <= SESSION_COOKIE_LIMIT) return [whole, deleteCookie(halved.name, host)];
    const [first, second] = halvesOf(sealer.seal(halved.purpose, host.origin, text));
    return [setCookie(session.name, first, { secure }), setCookie(halved.name, second, { secure })];
  };

  return {
    open(host, provider, evidence, cookies, now, holding = null) {
      const place = placeOf(host, provider.name);
      const first = cookies.get(place.session.name);
      const second = cookies.get(place.halved.name);
      const sealedSeen = cookies.get(place.seen.name);
      if (!first || !sealedSeen || second === null) return null;
      const opened = openSession(place, provider, evidence, first, second ?? null);
      if (opened === null || !mayBeUsed(opened.standing.session, provider, now, holding)) return null;
      const { standing, informed } = opened;
      const seen = openSeen(place, sealedSeen);
      if (seen === null || seen.family !== standing.session.family) return null;
      const seenAt = Math.max(seen.at, holding?.seenAt ?? 0);
      if (now - seenAt >= idle || seenAt > now + CLOCK_STEP_TOLERANCE) return null;
      return { standing, seenAt, informed };
    },
    write(host, session, { cookies, namesGroup }, now) {
      const place = placeOf(host, session.provider);
      const seen = seenCookie(place, session.family, now);
      const room = roomForSession(place.names, cookies, session.provider) - sentBytesOf(seen);
      let smallest = session;
      for (const way of waysToFit(session, namesGroup)) {
        const made = sessionCookies(place, encodeSession(way));
        const bytes = made.reduce((sum, cookie) => sum + sentBytesOf(cookie), 0);
        if (bytes <= room) return { ok: true, cookies: [...made, seen], session: way };
        smallest = way;
      }
      return { ok: false, largest: largestPart(smallest) };
    },
    touch(host, { standing, seenAt }, now) {
      if (now - seenAt <= idle / TOUCH_PART) return null;
      return seenCookie(placeOf(host, standing.session.provider), standing.session.family, now);
    },
    remove(host, provider) {
      const { session, halved, seen } = placeOf(host, provider);
      return [session, halved, seen].map(({ name }) => deleteCookie(name, host));
    },
    removeAll(host, cookies) {
      // A name that is no token (RFC 6265 section 4.1.1) is none that a browser got from us.
      const names = [...cookies.keys()].filter((name) => /^[\w.-]+$/.test(name));
      return names.map((name) => deleteCookie(name, host));
    },
  };
}

const inItsNewestGeneration = (session: Session): Session => ({ ...session, generation: Number.POSITIVE_INFINITY });

/** A copy that does not keep the whole Cookie header alive, of which the value is only a slice to the engine. */
const detached = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
