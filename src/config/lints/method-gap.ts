import { below } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { hasMethod, WRITES } from './method-sets.ts';
import { inWords, outcomeOf, outcomeWithout, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const one of app.rules) {
      const { rule } = one;
      if (!one.inForce || rule.methods === null || rule.effect.kind !== 'require') continue;
      if (!['GET', ...WRITES].some((method) => hasMethod(rule.methods, method))) continue;
      const gaps = WRITES.flatMap((method) => gapsOf(app, one, method));
      const [first] = gaps;
      if (first === undefined) continue;
      const methods = [...new Set(gaps.map(({ method }) => method))].join(', ');
      const message = `${methods} on the same path: ${first.gets}, as "${first.by}" has it`;
      yield { where: below(one.where, 'methods'), message, hint: 'write methods: write, or leave methods out' };
    }
  }
}

interface Gap {
  readonly method: string;
  readonly gets: string;
  readonly by: string;
}

/** What a method that changes things comes to on a rule's paths, where that is less than the rule wants. */
function gapsOf(app: LintedApp, one: LintedRule, method: string): readonly Gap[] {
  if (hasMethod(one.rule.methods, method)) return [];
  const mine = outcomeOf(app, one.rule);
  for (const pattern of one.patterns) {
    const theirs = outcomeWithout(app, pattern, method, (other) => other !== one);
    if (theirs !== null && weaker(theirs, mine)) return [{ method, gets: inWords(theirs), by: theirs.by }];
  }
  return [];
}

export const methodGap: Lint = {
  id: 'method-gap',
  severity: 'warning',
  summary: 'A rule names some methods, and others that change things too get by with less on the same path.',
  why: `Many applications take PUT, PATCH or DELETE where they expect POST, or do not look at the method at all. A rule about POST alone is
passed by whoever writes another method. \`methods: write\` is every method but GET, HEAD and OPTIONS, also those nobody has thought of.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: transfer, path: /transfers/**, methods: POST, require: mfa}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: transfer, path: /transfers/**, methods: write, require: mfa}`,
  },
  meant: acceptAt('rule', 'method-gap'),
  find,
};
