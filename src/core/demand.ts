import type { Standing, StandingProof } from './evidence.ts';
import { type Ladder, type Level, type LevelSet, standsAtOrAbove } from './ladder.ts';
import type { Seconds } from './time.ts';

/** How a proof's level is compared with the demanded one (SAML Core 3.3.2.2.1, applied to proofs). */
export const COMPARISONS = ['minimum', 'exact', 'better', 'maximum'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** One thing asked of a request: a level, and how young its proof must be. Met by itself; demands are never merged. */
export interface Demand {
  readonly level: Level;
  readonly comparison: Comparison;
  /** Younger than this, beyond the level's own validity; null = the validity alone. */
  readonly maxAge: Seconds | null;
  /** Given later than this; null = whenever. */
  readonly since: Seconds | null;
  /** For each level, by rank, how long a proof of it meets the demand; 0 = never. Computed once, from the comparison. */
  readonly spans: readonly Seconds[];
  /** What to name to whoever is to meet it: the level itself, or the weakest that is better. */
  readonly named: Level;
  /** Language tag -> what a person who is asked reads: the sentence of the rule, else that of the level. */
  readonly message: ReadonlyMap<string, string>;
  /** Who asks: `default`, the app's name, `app/rule` or `floor/id`. */
  readonly source: string;
}

/** What a demand is made of; what is left out is not asked. */
export type DemandTerms = Pick<Demand, 'level' | 'source'> &
  Partial<Pick<Demand, 'comparison' | 'maxAge' | 'since' | 'message'>>;

/** Makes a demand on the levels of one ladder. */
export function demandOn({ levels }: Pick<Ladder, 'levels'>, terms: DemandTerms): Demand {
  const { level, source, comparison = 'minimum', maxAge = null, since = null, message = level.message } = terms;
  const spans = levels.map((proven) => spanOf(proven, level, comparison, levels));
  const named = comparison === 'better' ? (levels.find(({ rank }) => (spans[rank] ?? 0) > 0) ?? level) : level;
  return { level, comparison, maxAge, since, spans, named, message, source };
}

/** How long a proof of `proven` meets a demand for `level`: as long as it counts for a level that does. 0 = never. */
function spanOf(proven: Level, level: Level, comparison: Comparison, levels: readonly Level[]): Seconds {
  switch (comparison) {
    case 'minimum':
      return standsAtOrAbove(proven, level) ? level.validity : 0;
    case 'exact':
      return proven === level ? level.validity : 0;
    case 'better': {
      const counting = levels.filter((other) => isAbove(other, level) && standsAtOrAbove(proven, other));
      return Math.max(0, ...counting.map(({ validity }) => validity));
    }
    case 'maximum':
      return standsAtOrAbove(level, proven) ? proven.validity : 0;
  }
}

const isAbove = (one: Level, other: Level): boolean => one !== other && standsAtOrAbove(one, other);

/** Whether a proof of `proven` meets the demand while it is young enough. */
export const meetsLevel = (proven: Level, demand: Demand): boolean => (demand.spans[proven.rank] ?? 0) > 0;

/** Every demand that applies to a request. Each is to be met by itself. */
export interface Requirement {
  readonly demands: readonly Demand[];
  /** The demand whose rule wants a step-up of its own for this very request; null = none does. */
  readonly oneTime: Demand | null;
}

/** Why a demand is not met. */
export const CHALLENGE_WHYS = ['no_session', 'insufficient_level', 'stale_authentication', 'one_time'] as const;
export type ChallengeWhy = (typeof CHALLENGE_WHYS)[number];

/**
 * How far a proof may seem to lie in the future before it stops counting: instances' clocks differ a little, and a
 * clock set back by more than this must not make old proofs young again.
 */
export const CLOCK_STEP_TOLERANCE: Seconds = 60;

/** Whether a time of authentication is younger than `span`. */
export const youngerThan = (at: Seconds, span: Seconds, now: Seconds): boolean =>
  now - at < span && now - at >= -CLOCK_STEP_TOLERANCE;

function counts({ proof, level }: StandingProof, demand: Demand, now: Seconds): boolean {
  const { maxAge, since } = demand;
  if (!youngerThan(proof.at, demand.spans[level.rank] ?? 0, now)) return false;
  if (maxAge === null && since === null) return true;
  // A time of issue says when the provider answered, not when the person authenticated: it is no freshness.
  if (proof.freshAt === null) return false;
  if (since !== null && proof.freshAt <= since) return false;
  return maxAge === null || youngerThan(proof.freshAt, maxAge, now);
}

/** Why `demand` is not met by `standing` at `now`, or null when it is met. */
export function unmet(demand: Demand, standing: Standing | null, now: Seconds): ChallengeWhy | null {
  if (standing === null) return 'no_session';
  let given = false;
  for (const proof of standing.proofs) {
    if (!meetsLevel(proof.level, demand)) continue;
    if (counts(proof, demand, now)) return null;
    given = true;
  }
  return given ? 'stale_authentication' : 'insufficient_level';
}

/** When a demand that is met at `now` stops being met, if nothing is proven anew; null where it is not met. */
export function metUntil(demand: Demand, standing: Standing, now: Seconds): Seconds | null {
  const ends = standing.proofs
    .filter((proof) => meetsLevel(proof.level, demand) && counts(proof, demand, now))
    .map(({ proof, level }) => {
      const lapses = proof.at + (demand.spans[level.rank] ?? 0);
      return demand.maxAge === null ? lapses : Math.min(lapses, (proof.freshAt ?? proof.at) + demand.maxAge);
    });
  return ends.length === 0 ? null : Math.max(...ends);
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

/** The shortest of the limits a demand sets on a proof's age: the validity of what meets it, and `max_age`. */
export function ageLimit({ spans, maxAge }: Demand): Seconds {
  let limit = maxAge ?? Infinity;
  for (const span of spans) if (span > 0 && span < limit) limit = span;
  return limit;
}

/** What a provider is told of a proof's age: younger than the limit, and than whatever happened at `since`. */
export const askedAge = (demand: Demand, now: Seconds): Seconds =>
  Math.min(ageLimit(demand), demand.since === null ? Infinity : Math.max(0, now - demand.since));

/** Orders demands hardest first: the higher level, then the younger proof. */
export function harder(a: Demand, b: Demand): number {
  return (
    b.level.rank - a.level.rank || ageLimit(a) - ageLimit(b) || (b.since ?? -Infinity) - (a.since ?? -Infinity) || 0
  );
}
