import type { Demand } from '../../core/demand.ts';
import { below, valueAt, type Where } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import type { Whole } from './whole.ts';

function* find({ apps, floors }: Whole): Iterable<Found> {
  for (const { where, policy, rules } of apps) {
    if (policy.require !== null) yield* inDemand(policy.require, where);
    for (const { rule, where: place } of rules) {
      if (rule.effect.kind === 'require') for (const demand of rule.effect.demands) yield* inDemand(demand, place);
    }
  }
  for (const { where, laid } of floors) {
    const effect = laid[0]?.floor.effect;
    if (effect?.kind === 'require') for (const demand of effect.demands) yield* inDemand(demand, where);
  }
}

function* inDemand({ comparison, level }: Demand, owner: Where): Iterable<Found> {
  const where = below(owner, 'comparison');
  if (valueAt(where) === undefined) return;
  if (comparison === 'better') {
    const message = `whoever proves "${level.name}" is sent away to prove something above it`;
    yield { where, message, hint: 'require the level above it' };
  } else if (comparison === 'maximum') {
    const message = `a stronger proof than "${level.name}" does not count here`;
    yield { where, message, hint: 'leave comparison out: a proof of a level above counts too' };
  }
}

export const oddComparison: Lint = {
  id: 'odd-comparison',
  severity: 'warning',
  summary: 'A demand is compared in a way that is hardly ever meant.',
  why: `\`better\` and \`maximum\` are there because SAML has them (Core 3.3.2.2.1). \`better\` sends away whoever proves exactly the level that
is named; \`maximum\` refuses those who proved more. Nearly always the level above, or no comparison at all, is what is meant.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: vault, path: /vault/**, require: password, comparison: better, note: a password is too little}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: vault, path: /vault/**, require: mfa, note: a password is too little}`,
  },
  meant: acceptAt('rule, floor or app', 'odd-comparison'),
  find,
};
