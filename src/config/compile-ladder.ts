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
    message: entry?.message === undefined ? undefined : new Map(Object.entries(entry.message)),
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
