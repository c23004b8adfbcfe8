import type { Rule } from '../../core/policy.ts';
import { below } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { hasMethod, WRITES } from './method-sets.ts';
import { outcomeBelow, outcomeOf, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

const MESSAGE = 'the same parameter may come in the body of a request that writes, where query does not look';
const HINT = 'write param instead of query';

function* find({ apps, floors }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const one of app.rules) {
      if (one.inForce && isPassedByBody(app, one)) {
        yield { where: below(one.where, 'query'), message: MESSAGE, hint: HINT };
      }
    }
  }
  for (const { where, laid } of floors) {
    if (laid.some(({ floor, inForce }) => inForce && asksQueryOfWrites(floor))) {
      yield { where: below(where, 'query'), message: MESSAGE, hint: HINT };
    }
  }
}

const writesOf = ({ methods }: Pick<Rule, 'methods'>): readonly string[] =>
  WRITES.filter((method) => hasMethod(methods, method));

const asksQueryOfWrites = (criteria: Pick<Rule, 'methods' | 'query'>): boolean =>
  criteria.query.length > 0 && writesOf(criteria).length > 0;

/** Whether a request gets by with less when it has the parameter where the rule does not look. */
function isPassedByBody(app: LintedApp, one: LintedRule): boolean {
  if (!asksQueryOfWrites(one.rule)) return false;
  const mine = outcomeOf(app, one.rule);
  return one.patterns.some((pattern) =>
    writesOf(one.rule).some((method) => {
      const theirs = outcomeBelow(app, pattern, method, one);
      return theirs !== null && weaker(theirs, mine);
    }),
  );
}

export const queryOrForm: Lint = {
  id: 'query-or-form',
  severity: 'warning',
  summary: 'A rule about requests that write looks for a parameter in the query only.',
  why: `Applications take most parameters from the query and from a form alike. Whoever sends \`action=delete\` in the body has passed a rule
that looks at the query. \`param\` looks at both: where the body might have it, and that cannot be told, the rule's demand holds.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: delete, path: /records/*, methods: write, query: {action: delete}, require: mfa}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: delete, path: /records/*, methods: write, param: {action: delete}, require: mfa}`,
  },
  meant: acceptAt('rule or floor', 'query-or-form'),
  find,
};
