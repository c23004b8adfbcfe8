import { below } from '../source-file.ts';
import { readingsOf } from './conditions.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { hasMethod, methodsOverlap, WRITES } from './method-sets.ts';
import { inWords, outcomeBelow, outcomeOf, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const one of app.rules) {
      const { rule } = one;
      if (!one.inForce || rule.when === null || rule.effect.kind !== 'require') continue;
      const asks = readingsOf(rule.when.text, app.conditions);
      // "Whoever is not one of ours needs more" is what `when` is for.
      if (!asks.some(({ name, negated }) => name.startsWith('user.') && !negated)) continue;
      const others = outcomeOfOthers(app, one);
      if (others === null) continue;
      const message = `whom the condition is not true of is not refused here, and gets by with less: ${others}`;
      yield { where: below(one.where, 'when'), message, hint: 'write only instead of when, if nobody else may' };
    }
  }
}

/** What somebody else comes to, where that is less and no other rule with a condition looks after it. */
function outcomeOfOthers(app: LintedApp, one: LintedRule): string | null {
  const mine = outcomeOf(app, one.rule);
  const method = ['GET', ...WRITES].find((word) => hasMethod(one.rule.methods, word)) ?? 'GET';
  for (const pattern of one.patterns) {
    const theirs = outcomeBelow(app, pattern, method, one);
    if (theirs === null || !weaker(theirs, mine)) continue;
    return lookedAfter(app, one) ? null : inWords(theirs);
  }
  return null;
}

/** Whether a rule with a condition follows that is about some of the same requests, and no weaker. */
function lookedAfter(app: LintedApp, { rule, patterns }: LintedRule): boolean {
  let found = false;
  for (const pattern of patterns) {
    app.enforced.overlapping(pattern, (other) => {
      found ||=
        other.rule.order > rule.order &&
        !other.unconditional &&
        methodsOverlap(other.rule.methods, rule.methods) &&
        !weaker(outcomeOf(app, other.rule), outcomeOf(app, rule));
      return found;
    });
  }
  return found || app.enforced.exhausted;
}

export const whenAsPermission: Lint = {
  id: 'when-as-permission',
  severity: 'warning',
  summary: 'A rule asks who somebody is with `when`, and whoever is somebody else needs less.',
  why: `\`when\` says which requests a rule is about. Whoever it is not about is not refused: the search goes on below, and ends at
something weaker. \`only\` says who may; others get 403. A stricter rule for a group of people is one thing, a path for that group another,
and the second is what is mostly meant.`,
  wrong: {
    policies: `conditions:
  hr: '"hr" in user.groups'
apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, when: hr, require: mfa}`,
  },
  right: {
    policies: `conditions:
  hr: '"hr" in user.groups'
apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, only: hr, require: mfa}`,
  },
  meant: acceptAt('rule', 'when-as-permission'),
  find,
};
