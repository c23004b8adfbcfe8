import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import { coversMethods } from './method-sets.ts';
import { covers } from './pattern-sets.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

/** The earlier rule because of which a rule never decides. */
export function shadowOf({ certain }: LintedApp, { rule, patterns }: LintedRule): LintedRule | null {
  const [first] = patterns;
  if (first === undefined) return null;
  let shadow: LintedRule | null = null;
  certain.covering(first, (other) => {
    const takesAll =
      other.rule.order < rule.order &&
      coversMethods(other.rule.methods, rule.methods) &&
      patterns.every((pattern) => other.patterns.some((outer) => covers(outer, pattern)));
    if (takesAll) shadow = other;
    return takesAll;
  });
  return shadow;
}

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const one of app.rules) {
      const shadow = shadowOf(app, one);
      if (shadow === null) continue;
      const message = `this rule never decides: "${shadow.rule.id}" above is about everything that it is about`;
      yield { where: one.where, message, hint: 'move it above that rule, or delete it' };
    }
  }
}

export const shadowed: Lint = {
  id: 'shadowed',
  severity: 'error',
  summary: 'A rule can never decide, because one rule above it is about every request that it is about.',
  why: `The first rule that fits decides. A rule below another one with the same or wider paths and methods, and without conditions, is
dead: what it says holds for nobody, although it stands in the file. Most often the general rule was written first.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: everything, path: /**, require: password}
      - {id: admin, path: /admin/**, require: mfa}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: admin, path: /admin/**, require: mfa}
      - {id: everything, path: /**, require: password}`,
  },
  meant: NOT_ACCEPTED,
  find,
};
