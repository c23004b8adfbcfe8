import { below, keysAt, type SourceFile, top } from '../source-file.ts';
import { readingsOf } from './conditions.ts';
import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import { conditionsOf } from './places.ts';
import type { Whole } from './whole.ts';

function* find(whole: Whole): Iterable<Found> {
  const used = new Set<string>();
  for (const { where, text, names } of conditionsOf(whole)) {
    // A condition that only another unused one names is unused too; it is enough to say so of one of them.
    for (const { name } of readingsOf(text, names)) used.add(`${fileOf(name, names, where.source, whole)} ${name}`);
  }
  const sources = [whole.policies, ...whole.apps.flatMap(({ policy }) => policy.file ?? [])];
  for (const source of sources) {
    const all = below(top(source), 'conditions');
    for (const name of keysAt(all)) {
      if (used.has(`${source.file} ${name}`)) continue;
      const message = `nothing uses the condition "${name}"`;
      yield { where: below(all, name), message, hint: 'use it where it was meant to be used, or delete it' };
    }
  }
}

/** The file that a name is of, as seen from a condition in another one. */
function fileOf(name: string, names: ReadonlyMap<string, string>, source: SourceFile, { policies }: Whole): string {
  const own = keysAt(below(top(source), 'conditions')).includes(name);
  return own && names.has(name) ? source.file : policies.file;
}

export const unusedCondition: Lint = {
  id: 'unused-condition',
  severity: 'warning',
  summary: 'A condition has a name, and nothing uses it.',
  why: `Somebody wrote down who may, or when, and no rule asks. Either it was forgotten where it was meant to be used, and the rule there
is open to more people than it says, or it is left over.`,
  wrong: {
    policies: `conditions:
  hr: '"hr" in user.groups'
apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, require: mfa}`,
  },
  right: {
    policies: `conditions:
  hr: '"hr" in user.groups'
apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, only: hr, require: mfa}`,
  },
  meant: NOT_ACCEPTED,
  find,
};
