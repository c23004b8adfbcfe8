import type { Demand } from '../../core/demand.ts';
import { formatDuration } from '../durations.ts';
import { below, valueAt } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { coversMethods, methodsOverlap } from './method-sets.ts';
import { implies } from './strength.ts';
import { type LintedApp, type LintedRule, leavesOut, type Whole } from './whole.ts';

function* find({ apps, floors }: Whole): Iterable<Found> {
  for (const app of apps) {
    const { require } = app.policy;
    if (require !== null && valueAt(below(app.where, 'max_age')) !== undefined) yield* asLong(require, app.where);
    for (const one of app.rules) {
      if (one.rule.effect.kind !== 'require') continue;
      for (const demand of one.rule.effect.demands) {
        yield* asLong(demand, one.where);
        const other = demand.maxAge === null ? null : strongerBeside(demand, app, one);
        if (other === null) continue;
        const message = `${other.source} demands at least as much of the same requests: ${other.level.name}${other.maxAge === null ? '' : ` of the last ${formatDuration(other.maxAge)}`}`;
        yield { where: below(one.where, 'max_age'), message, hint: 'leave it out, or make it shorter' };
      }
    }
  }
  for (const { where, laid } of floors) {
    const effect = laid[0]?.floor.effect;
    if (effect?.kind === 'require') for (const demand of effect.demands) yield* asLong(demand, where);
  }
}

/** A proof that is too old for `max_age` would not count for its level either. */
function* asLong({ maxAge, spans, level }: Demand, where: Found['where']): Iterable<Found> {
  const longest = Math.max(...spans);
  if (maxAge === null || maxAge < longest) return;
  const message = `a proof of "${level.name}" is valid for ${formatDuration(longest)} anyway`;
  yield { where: below(where, 'max_age'), message, hint: 'leave it out, or make it shorter' };
}

/** Another demand of all the rule's requests, which whoever meets has met this one. */
function strongerBeside(demand: Demand, app: LintedApp, { rule, patterns }: LintedRule): Demand | null {
  const own = app.policy.require;
  if (own !== null && implies(own, demand)) return own;
  const [first] = patterns;
  if (first === undefined) return null;
  const over = patterns.map((pattern) => {
    let found: Demand | null = null;
    app.lying.covering(pattern, (laid) => {
      const { floor, unconditional } = laid;
      const always =
        unconditional &&
        coversMethods(floor.methods, rule.methods) &&
        !leavesOut(laid, pattern, (methods) => methodsOverlap(methods, rule.methods), 'some');
      if (always && floor.effect.kind === 'require')
        found = floor.effect.demands.find((one) => implies(one, demand)) ?? null;
      return found !== null;
    });
    return found;
  });
  return over.includes(null) ? null : (over[0] ?? null);
}

export const maxAgeNoEffect: Lint = {
  id: 'max-age-no-effect',
  severity: 'warning',
  summary: 'A `max_age` asks for nothing that is not asked for anyway.',
  why: `Whoever wrote it wanted a proof that is younger than usual. It is as long as the level is valid, or the app or a floor demands at least as
much of the same requests, so that nobody is ever asked because of it.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: approve, path: /approve/**, require: mfa, max_age: 1h}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: approve, path: /approve/**, require: mfa, max_age: 5m}`,
  },
  meant: acceptAt('rule or floor', 'max-age-no-effect'),
  find,
};
