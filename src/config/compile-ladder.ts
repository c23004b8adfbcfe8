import { buildLadder, type Ladder, MAX_LEVELS, type Rung } from '../core/ladder.ts';
import type { Findings } from './findings.ts';
import { checkName } from './names.ts';
import { suggest } from './nearest.ts';
import { levelSchema } from './policies-schema.ts';
import { readShape } from './shape.ts';
import { below, lengthAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';

/**
 * Builds the ladder from `levels` of policies.yaml. A level that is wrong in some way still counts as a name, so that
 * one mistake is reported once; its validity is then endless, and the ladder never served.
 *
 * @returns null where the list is not one that levels could be compared with
 */
export function compileLadder(policies: SourceFile, findings: Findings): Ladder | null {
  const list = below(top(policies), 'levels');
  if (!Array.isArray(valueAt(list))) return null;
  const count = lengthAt(list);
  if (count === 0) findings.problem(list, 'nothing-listed', 'there are no levels');
  if (count > MAX_LEVELS) {
    findings.problem(below(list, MAX_LEVELS), 'too-many-levels', `${count} levels, at most ${MAX_LEVELS} are possible`);
    return null;
  }
  const rungs = new Map<string, Rung>();
  for (let i = 0; i < count; i++) addRung(below(list, i), rungs, findings);
  return buildLadder([...rungs.values()]);
}

function addRung(where: Where, rungs: Map<string, Rung>, findings: Findings): void {
  const entry = readShape(levelSchema, where, findings);
  const name = valueAt(below(where, 'name'));
  if (typeof name !== 'string') return;
  checkName(name, below(where, 'name'), false, findings);
  if (rungs.has(name)) {
    findings.problem(below(where, 'name'), 'duplicate-level', `there are two levels named "${name}"`);
    return;
  }
  rungs.set(name, {
    name,
    label: entry?.label,
    validity: entry?.validity ?? Infinity,
    above: aboveOf(where, rungs, findings),
    message: entry?.message === undefined ? undefined : new Map(Object.entries(entry.message)),
  });
}

/**
 * The levels that a level says it stands above, or undefined for the one listed before it. Once one level says so every
 * later one has to: else nobody could tell where the chain goes on.
 */
function aboveOf(where: Where, rungs: ReadonlyMap<string, Rung>, findings: Findings): readonly string[] | undefined {
  const written = valueAt(below(where, 'above'));
  const isTree = [...rungs.values()].some(({ above }) => above !== undefined);
  if (!Array.isArray(written)) {
    if (!isTree || written !== undefined) return undefined;
    const hint = 'say above: [names], with [] for none';
    findings.problem(where, 'level-above-missing', 'the levels before say what they stand above; this does not', hint);
    return [];
  }
  return written.filter((name, i): name is string => {
    if (typeof name !== 'string') return false;
    if (rungs.has(name)) return true;
    reportMisplaced(name, where, below(where, 'above', i), rungs, findings);
    return false;
  });
}

/** A level can only stand above one that is listed before it, so that no two stand above each other. */
function reportMisplaced(
  name: string,
  where: Where,
  place: Where,
  before: ReadonlyMap<string, Rung>,
  findings: Findings,
): void {
  const list = below(top(where.source), 'levels');
  const names: unknown[] = Array.from({ length: lengthAt(list) }, (_, i) => valueAt(below(list, i, 'name')));
  const own = valueAt(below(where, 'name'));
  const later = names.indexOf(name);
  if (later < 0) {
    findings.problem(place, 'unknown-level', `there is no level "${name}"`, suggest(name, before.keys()));
  } else if (name === own || leadsTo(list, later, String(own), names, new Set())) {
    findings.problem(place, 'level-cycle', `"${own}" and "${name}" would stand above each other`);
  } else {
    findings.problem(place, 'level-order', `"${name}" is listed below: the weakest level comes first`, 'move it up');
  }
}

/** Whether a level stands, over others, above the one of that name. */
function leadsTo(list: Where, level: number, target: string, names: readonly unknown[], seen: Set<number>): boolean {
  if (seen.has(level)) return false;
  seen.add(level);
  const above = valueAt(below(list, level, 'above'));
  if (!Array.isArray(above)) return false;
  return above.some((name) => {
    const next = names.indexOf(name);
    return name === target || (next >= 0 && leadsTo(list, next, target, names, seen));
  });
}

/** Reports a word that names no level. */
export function reportUnknownLevel(
  name: string,
  where: Where,
  atKey: boolean,
  ladder: Ladder,
  findings: Findings,
): void {
  const message = `there is no level "${name}"`;
  const hint = suggest(name, ladder.named.keys());
  if (atKey) findings.problemAtKey(where, 'unknown-level', message, hint);
  else findings.problem(where, 'unknown-level', message, hint);
}
