import { countingLevels, youngerThan } from '../../core/demand.ts';
import type { Standing } from '../../core/evidence.ts';
import { bitOf, type Ladder, type Level, standsAtOrAbove } from '../../core/ladder.ts';
import type { Seconds } from '../../core/time.ts';
import { suggest } from '../nearest.ts';
import type { Wrong } from '../problems.ts';
import { memberText, ofPerson, type Subject } from './subject.ts';
import { FAILED, guarded } from './term.ts';

/** The name of the strongest level that counts; empty where none does. */
export function strongestLevel(ladder: Ladder | null, standing: Standing, now: Seconds): string {
  const levels = ladder?.levels ?? [];
  const counting = countingLevels(standing, levels, now);
  return levels.findLast((level) => (counting & bitOf(level)) !== 0)?.name ?? '';
}

/** How long ago a level was proven: `session.age.LEVEL`. */
export function ageOf(ladder: Ladder | null, name: string): Subject | Wrong {
  const level = ladder?.named.get(name);
  const dotted = `session.age.${name}`;
  if (level === undefined) {
    // Of broken levels it is not known whether this is one; the file is refused for them.
    if (ladder === null) return { name: dotted, kind: 'duration', run: () => FAILED, has: () => FAILED };
    const near = ladder.levels.find((other) => other.name.startsWith(`${name}-`));
    const hint = near === undefined ? suggest(name, ladder.named.keys()) : `write session.age${memberText(near.name)}`;
    return { wrong: 'unknown-level', message: `there is no level "${name}"`, hint };
  }
  return {
    name: dotted,
    kind: 'duration',
    run: guarded(ofPerson((_, standing, { now }) => youngest(standing, level, now) ?? FAILED)),
    has: guarded(ofPerson((_, standing, { now }) => (countingLevels(standing, [level], now) & bitOf(level)) !== 0)),
  };
}

/**
 * The age of the youngest proof that counts for `level`, as `max_age` counts it: by the time of authentication that the
 * provider stated. A time of issue says nothing about it. Null where no such proof counts.
 */
function youngest(standing: Standing, level: Level, now: Seconds): Seconds | null {
  let age: Seconds | null = null;
  for (const { proof, level: proven } of standing.proofs) {
    if (!standsAtOrAbove(proven, level) || !youngerThan(proof.at, level.validity, now)) continue;
    if (proof.freshAt === null || !youngerThan(proof.freshAt, Infinity, now)) continue;
    const own = Math.max(0, now - proof.freshAt);
    if (age === null || own < age) age = own;
  }
  return age;
}
