import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { DemoPerson } from '../people.ts';
import { newId } from './message.ts';

/** Somebody who is signed in here. */
export interface IdpSession {
  readonly person: DemoPerson;
  /** How they authenticated last, and when: milliseconds since 1970. */
  readonly acr: string;
  readonly at: number;
  /** What services call the session by when they ask to end it (Core 2.7.2). */
  readonly index: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** The sessions of an identity provider, in memory: gone when it stops. */
export interface IdpSessions {
  /** Whose cookie this is; null = nobody's. */
  find(cookie: string | null): IdpSession | null;
  /** Signs somebody in, and gives the cookie that says so. The one of before is worth nothing then. */
  begin(
    before: string | null,
    person: DemoPerson,
    acr: string,
  ): { readonly session: IdpSession; readonly cookie: string };
  /** Ends the sessions of one person: the one with this index, or all of them for null. */
  end(username: string, index: string | null): void;
}

const LIFETIME_MS = 12 * 3_600_000;
const MAX_SESSIONS = 5000;

/** @param now - milliseconds since 1970 */
export function keepSessions(now: () => number): IdpSessions {
  const sessions = new LRUCache<string, IdpSession>({ max: MAX_SESSIONS });
  const find = (cookie: string | null): IdpSession | null => {
    const session = cookie === null ? undefined : sessions.get(cookie);
    return session !== undefined && session.expires > now() ? session : null;
  };
  return {
    find,
    begin(before, person, acr) {
      const known = find(before);
      // A new name for it each time, so that nobody signs in to a session that somebody else has planted.
      if (before !== null) sessions.delete(before);
      // A stronger login of the same person is one more act in the same session.
      const same = known?.person === person ? known : { index: newId(), expires: now() + LIFETIME_MS };
      const session = { person, acr, at: now(), index: same.index, expires: same.expires };
      const cookie = randomBytes(24).toString('base64url');
      sessions.set(cookie, session);
      return { session, cookie };
    },
    end(username, index) {
      for (const [cookie, session] of sessions.entries()) {
        const isMeant = session.person.username === username && (index === null || session.index === index);
        if (isMeant) sessions.delete(cookie);
      }
    },
  };
}
