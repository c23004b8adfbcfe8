import type { Seconds } from './time.ts';

export type LevelName = string;

/** A set of levels: bit `rank` of a 32-bit number. Small on purpose, so that "which levels count" is one integer. */
export type LevelSet = number;

/** One rung of assurance. Compiled once; compared by identity within one world. */
export interface Level {
  readonly name: LevelName;
  /** What a person reads; the name where nobody wrote a label. */
  readonly label: string;
  /** How long a proof counts for this level, by the provider's own time of authentication. */
  readonly validity: Seconds;
  /** Place in the list of levels, weakest 0. A level stands above none that is listed after it. */
  readonly rank: number;
  /** The levels a proof of this one counts for: itself and every level below it. */
  readonly countsFor: LevelSet;
  /** Language tag -> the sentence a person reads before or while being asked for this level. */
  readonly message: ReadonlyMap<string, string>;
}

/** What a ladder is built from, weakest first. */
export interface Rung {
  readonly name: LevelName;
  readonly label?: string | undefined;
  readonly validity: Seconds;
  /** The levels it stands directly above, listed before it; absent = the one listed before it, so that a list is a chain. */
  readonly above?: readonly LevelName[] | undefined;
  readonly message?: ReadonlyMap<string, string> | undefined;
}

/** The ordered levels of one world. The order of the list is the contract: weakest first. */
export interface Ladder {
  readonly levels: readonly Level[];
  readonly named: ReadonlyMap<LevelName, Level>;
}

/** As many levels as fit a {@link LevelSet}. */
export const MAX_LEVELS = 32;

/** The bit of one level. */
export const bitOf = (level: Level): LevelSet => (1 << level.rank) >>> 0;

/** Whether a proof of `proven` is at `demanded` or above it. Of two branches of a tree neither is above the other. */
export const standsAtOrAbove = (proven: Level, demanded: Level): boolean =>
  (proven.countsFor & (1 << demanded.rank)) !== 0;

/**
 * Builds the ladder from its rungs, weakest first.
 *
 * @throws RangeError with more than {@link MAX_LEVELS} rungs, two of one name, or one above a level that is not listed
 *   before it; the configuration reports each with its line before it comes here
 */
export function buildLadder(rungs: readonly Rung[]): Ladder {
  if (rungs.length > MAX_LEVELS) throw new RangeError(`at most ${MAX_LEVELS} levels`);
  const levels: Level[] = [];
  const named = new Map<LevelName, Level>();
  for (const [rank, rung] of rungs.entries()) {
    if (named.has(rung.name)) throw new RangeError(`two levels named ${rung.name}`);
    const before = levels[rank - 1];
    const below = rung.above?.map((name) => listed(named, name)) ?? (before === undefined ? [] : [before]);
    const level: Level = {
      name: rung.name,
      label: rung.label ?? rung.name,
      validity: rung.validity,
      rank,
      countsFor: below.reduce((set, { countsFor }) => (set | countsFor) >>> 0, (1 << rank) >>> 0),
      message: rung.message ?? new Map(),
    };
    levels.push(level);
    named.set(rung.name, level);
  }
  return { levels, named };
}

function listed(named: ReadonlyMap<LevelName, Level>, name: LevelName): Level {
  const level = named.get(name);
  if (level === undefined) throw new RangeError(`${name} is not listed before what stands above it`);
  return level;
}
