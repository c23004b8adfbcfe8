import { firstMissing } from './decide.ts';
import { type ChallengeWhy, type Demand, meetsLevel, unmet } from './demand.ts';
import { type EvidenceMap, provenLevels, standingOf } from './evidence.ts';
import { type Identity, identityOf, type Proof, type Session, samePerson, withProof } from './session.ts';
import type { Seconds } from './time.ts';

/** One pending trip to the provider: what it was made for, and by whom. */
export interface Trip {
  /** The session family it was born in; null when nobody was signed in. */
  readonly family: string | null;
  /** Everything that was asked of the original request. */
  readonly demands: readonly Demand[];
  /** The demand this trip asks for. */
  readonly asked: Demand;
  /** Demands that earlier trips of the same chain asked for. */
  readonly tried: readonly Demand[];
  /** Whether this trip already demanded a new authentication. */
  readonly forced: boolean;
}

/** What a new session is made of, beside what the provider said. */
export interface Birth {
  readonly ledger: string;
  readonly family: string;
  readonly provider: string;
  readonly lifetime: Seconds;
  /** When the provider wants it to be over; null where it does not say. */
  readonly ends: Seconds | null;
  /** The newest generation known of the current session's family. */
  readonly generation: number;
}

/** How a trip ends. `session` is the session to write, null where the one before stays as it is. */
export type Arrived =
  | { readonly kind: 'met'; readonly session: Session }
  | { readonly kind: 'next'; readonly session: Session; readonly trip: Pick<Trip, 'asked' | 'tried' | 'forced'> }
  | {
      readonly kind: 'failed';
      readonly session: Session | null;
      readonly failure: 'subject_mismatch' | 'session_changed' | 'level_not_met' | 'stale_authentication';
    };

/**
 * Judges the end of a trip: the person who comes back must be the person who left, and what they proved is compared
 * with what was asked. Never asks for the same thing twice, but for one retry with a forced authentication when the
 * answer is too old.
 *
 * @param current - the session the browser has now, null when nobody is signed in
 */
export function arrive(
  trip: Trip,
  current: Session | null,
  identity: Identity,
  proof: Proof,
  map: EvidenceMap,
  birth: Birth,
  now: Seconds,
): Arrived {
  const changed = whoReturned(trip, current, identity);
  if (changed !== null) return { kind: 'failed', session: null, failure: changed };

  const levels = provenLevels(map, proof);
  const reaches = levels.some((level) => meetsLevel(level, trip.asked));
  // A weaker answer changes nothing about a session; where there was none, it is at least a sign-in.
  if (levels.length === 0 || (!reaches && current !== null)) {
    return { kind: 'failed', session: null, failure: 'level_not_met' };
  }
  const session = current === null ? signIn(identity, proof, birth, now) : stepUp(current, identity, proof, birth);
  return whatIsMissing(trip, session, map, now);
}

function whoReturned(trip: Trip, current: Session | null, identity: Identity) {
  if (trip.family === null) return current === null || samePerson(current, identity) ? null : 'session_changed';
  if (current === null || current.family !== trip.family) return 'session_changed';
  return samePerson(current, identity) ? null : 'subject_mismatch';
}

function whatIsMissing(trip: Trip, session: Session, map: EvidenceMap, now: Seconds): Arrived {
  const standing = standingOf(session, map);
  const askedWhy = unmet(trip.asked, standing, now);
  if (askedWhy !== null) return askedButNotMet(trip, session, askedWhy);
  const rest = firstMissing(trip.demands, standing, now);
  if (rest === null) return { kind: 'met', session };
  const tried = [...trip.tried, trip.asked];
  if (tried.some((demand) => sameDemand(demand, rest.missing))) return failed(session, rest.why);
  return { kind: 'next', session, trip: { asked: rest.missing, tried, forced: false } };
}

function askedButNotMet(trip: Trip, session: Session, why: ChallengeWhy): Arrived {
  if (why !== 'stale_authentication' || trip.forced) return failed(session, why);
  return { kind: 'next', session, trip: { asked: trip.asked, tried: trip.tried, forced: true } };
}

const failed = (session: Session, why: ChallengeWhy): Arrived => ({
  kind: 'failed',
  session,
  failure: why === 'stale_authentication' ? 'stale_authentication' : 'level_not_met',
});

/** Whether two demands ask for the same thing, whoever asks. */
export const sameDemand = (a: Demand, b: Demand): boolean =>
  a.level.name === b.level.name && a.comparison === b.comparison && a.maxAge === b.maxAge && a.since === b.since;

function signIn(identity: Identity, proof: Proof, birth: Birth, now: Seconds): Session {
  return {
    ...identityOf(identity),
    birth: birth.ledger,
    family: birth.family,
    generation: 1,
    provider: birth.provider,
    proofs: [proof],
    createdAt: now,
    expiresAt: Math.min(now + birth.lifetime, birth.ends ?? Infinity),
  };
}

/** The same session with one more proof. Who the person is, is told anew; how long the session lasts is not. */
function stepUp(current: Session, identity: Identity, proof: Proof, birth: Birth): Session {
  return {
    ...current,
    ...identityOf(identity),
    generation: Math.max(current.generation, birth.generation) + 1,
    proofs: withProof(current.proofs, proof),
    // A step-up makes no session longer; a provider may make it shorter.
    expiresAt: Math.min(current.expiresAt, birth.ends ?? Infinity),
  };
}
