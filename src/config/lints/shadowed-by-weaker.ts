import { acceptAt, type Found, type Lint } from './lint.ts';
import { methodsOverlap } from './method-sets.ts';
import { PatternIndex } from './pattern-index.ts';
import { covers, type Pattern } from './pattern-sets.ts';
import { isByExtension } from './public-by-extension.ts';
import { shadowOf } from './shadowed.ts';
import { inWords, outcomeOf, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

interface Earlier {
  readonly one: LintedRule;
  readonly pattern: Pattern;
}

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    const above = new PatternIndex<Earlier>(20_000 + 200 * app.rules.length);
    for (const one of app.rules) {
      if (!one.inForce) continue;
      const earlier = weakerAbove(app, one, above);
      if (earlier !== null) {
        const message = `"${earlier.rule.id}" above decides some of these requests, and asks for less: ${inWords(outcomeOf(app, earlier.rule))}`;
        yield { where: one.where, message, hint: 'move this rule above it, or make its path narrower' };
      }
      for (const pattern of one.patterns) above.add(pattern, { one, pattern });
    }
  }
}

/** What is narrower than a rule and stands above it is an exception from it; what reaches into it from outside is not. */
function weakerAbove(app: LintedApp, { rule, ...rest }: LintedRule, above: PatternIndex<Earlier>): LintedRule | null {
  if (rule.effect.kind === 'public') return null;
  const mine = outcomeOf(app, rule);
  let found: LintedRule | null = null;
  for (const inner of rest.patterns) {
    above.overlapping(inner, ({ one, pattern }) => {
      const reachesIn =
        !rest.patterns.some((outer) => covers(outer, pattern)) &&
        methodsOverlap(one.rule.methods, rule.methods) &&
        !(one.rule.effect.kind === 'public' && isByExtension(pattern)) &&
        weaker(outcomeOf(app, one.rule), mine);
      if (reachesIn) found = one;
      return reachesIn;
    });
    if (found !== null) break;
  }
  return found === null || shadowOf(app, { rule, ...rest }) !== null ? null : found;
}

export const shadowedByWeaker: Lint = {
  id: 'shadowed-by-weaker',
  severity: 'warning',
  summary: 'A rule above, which asks for less, decides some of the requests that this rule is about.',
  why: `The first rule that fits decides, not the strictest one. An exception is written above the rule it is an exception from, and is
narrower; nothing is said about those. A weaker rule whose paths reach into another rule's from outside is another matter: whoever wrote
the stricter rule hardly knew that a part of it was taken away.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: exports, path: /*/export, require: password}
      - {id: admin, path: /admin/**, require: mfa}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: admin, path: /admin/**, require: mfa}
      - {id: exports, path: /*/export, require: password}`,
  },
  meant: acceptAt('stricter rule', 'shadowed-by-weaker'),
  find,
};
