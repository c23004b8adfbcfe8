import type { Standing, StandingProof } from './evidence.ts';
import { type Level, type LevelSet, standsAtOrAbove } from './ladder.ts';
import type { Seconds } from './time.ts';

/** One thing asked of a request: a level, and how young its proof must be. Met by itself; demands are never merged. */
export interface Demand {
  readonly level: Level;
  /** Younger than this, beyond the level's own validity; null = the validity alone. */
  readonly maxAge: Seconds | null;
  /** Who asks: `default`, the app's name, or `app/rule`. */
  readonly source: string;
}

/** Every demand that applies to a request. Each is to be met by itself. */
export interface Requirement {
  readonly demands: readonly Demand[];
}

/** Why a demand is not met, in the order in which one is named when several hold. */
export const CHALLENGE_WHYS = ['no_session', 'insufficient_level', 'stale_authentication'] as const;
export type ChallengeWhy = (typeof CHALLENGE_WHYS)[number];

/**
 * How far a proof may seem to lie in the future before it stops counting: instances' clocks differ a little, and a
 * clock set back by more than this must not make old proofs young again.
 */
export const CLOCK_STEP_TOLERANCE: Seconds = 60;

/** Whether a time of authentication is younger than `span`. */
export const youngerThan = (at: Seconds, span: Seconds, now: Seconds): boolean =>
  now - at < span && now - at >= -CLOCK_STEP_TOLERANCE;

function counts(standing: StandingProof, demand: Demand, now: Seconds): boolean {
  const { proof, level } = standing;
  if (!standsAtOrAbove(level, demand.level)) return false;
  if (!youngerThan(proof.at, demand.level.validity, now)) return false;
  if (demand.maxAge === null) return true;
  return proof.freshAt !== null && youngerThan(proof.freshAt, demand.maxAge, now);
}

/** Why `demand` is not met by `standing` at `now`, or null when it is met. */
export function unmet(demand: Demand, standing: Standing | null, now: Seconds): ChallengeWhy | null {
  if (standing === null) return 'no_session';
  let given = false;
  for (const proof of standing.proofs) {
    if (counts(proof, demand, now)) return null;
    given ||= standsAtOrAbove(proof.level, demand.level);
  }
  return given ? 'stale_authentication' : 'insufficient_level';
}

/** Every level that counts at `now`: for each proof its level and those below, each with that level's own validity. */
export function countingLevels(standing: Standing, levels: readonly Level[], now: Seconds): LevelSet {
  let set = 0;
  for (const { proof, level } of standing.proofs) {
    for (const below of levels) {
      if (standsAtOrAbove(level, below) && youngerThan(proof.at, below.validity, now)) set |= 1 << below.rank;
    }
  }
  return set >>> 0;
}

/** The younger of the two limits a demand sets: the level's validity and the rule's `max_age`. */
export const ageLimit = (demand: Demand): Seconds => Math.min(demand.level.validity, demand.maxAge ?? Infinity);

/** Orders demands hardest first: the higher level, then the younger proof. */
export function harder(a: Demand, b: Demand): number {
  return b.level.rank - a.level.rank || ageLimit(a) - ageLimit(b);
}
