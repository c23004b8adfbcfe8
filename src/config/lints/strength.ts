import type { Demand } from '../../core/demand.ts';
import type { Rule } from '../../core/policy.ts';
import { formatDuration } from '../durations.ts';
import { hasMethod } from './method-sets.ts';
import type { Pattern } from './pattern-sets.ts';
import { type LintedApp, type LintedRule, leavesOut } from './whole.ts';

/** What a request comes to, as far as it can be told without one. */
export interface Outcome {
  readonly kind: 'public' | 'require' | 'deny';
  readonly demands: readonly Demand[];
  /** Conditions on who may, as they are written. */
  readonly only: readonly string[];
  readonly oneTime: boolean;
  /** What decides: `app/rule`, or the app. */
  readonly by: string;
}

/** What a rule comes to where it decides. */
export function outcomeOf({ policy }: LintedApp, { id, effect, only, oneTime }: Rule): Outcome {
  if (effect.kind !== 'require') return { kind: effect.kind, demands: [], only: [], oneTime: false, by: id };
  const demands = policy.require === null ? effect.demands : [...effect.demands, policy.require];
  return { kind: 'require', demands, only: textsOf(only, policy.only), oneTime, by: id };
}

/** What a path of an app comes to that no rule is about. */
function unmatched({ name, policy }: LintedApp): Outcome {
  const { require, only } = policy;
  if (require === null) return { kind: 'deny', demands: [], only: [], oneTime: false, by: name };
  return { kind: 'require', demands: [require], only: textsOf(null, only), oneTime: false, by: name };
}

const textsOf = (...conditions: readonly (Rule['only'] | null)[]): readonly string[] =>
  conditions.flatMap((condition) => condition?.text ?? []);

/**
 * What every request of a pattern with this method comes to if only those rules are there that `counts` lets through:
 * rules with conditions are taken to be about none of them. Null where finding out would take too long.
 */
export function outcomeWithout(
  app: LintedApp,
  pattern: Pattern,
  method: string,
  counts: (other: LintedRule) => boolean,
): Outcome | null {
  let first: Rule | null = null;
  app.certain.covering(pattern, (other) => {
    const { rule } = other;
    const decides = hasMethod(rule.methods, method) && counts(other);
    if (decides && (first === null || rule.order < first.order)) first = rule;
    return false;
  });
  const outcome = underFloors(app, pattern, method, first === null ? unmatched(app) : outcomeOf(app, first));
  return app.certain.exhausted || app.lying.exhausted ? null : outcome;
}

/** What its requests come to where a rule does not decide them, and those above it neither. */
export const outcomeBelow = (app: LintedApp, pattern: Pattern, method: string, { rule }: LintedRule): Outcome | null =>
  outcomeWithout(app, pattern, method, (other) => other.rule.order > rule.order);

/** The same with what the floors add that certainly lie over it. */
export function underFloors(app: LintedApp, pattern: Pattern, method: string, outcome: Outcome): Outcome {
  let { kind, demands } = outcome;
  app.lying.covering(pattern, (laid) => {
    const { floor, unconditional } = laid;
    if (!unconditional || !hasMethod(floor.methods, method)) return false;
    if (leavesOut(laid, pattern, (methods) => hasMethod(methods, method), 'some')) return false;
    if (floor.effect.kind === 'deny') kind = 'deny';
    else {
      demands = [...demands, ...floor.effect.demands];
      if (kind === 'public') kind = 'require';
    }
    return kind === 'deny';
  });
  return { ...outcome, kind, demands };
}

/**
 * Whether `one` asks for less than `other`. Of two that are for different people neither does: who may is then said
 * on both sides.
 */
export function weaker(one: Outcome, other: Outcome): boolean {
  if (one.kind === 'deny' || other.kind === 'public') return false;
  if (other.kind === 'deny' || one.kind === 'public') return true;
  if (other.oneTime && !one.oneTime) return true;
  const isForAll = (subset: readonly string[], of: readonly string[]): boolean =>
    subset.every((text) => of.includes(text));
  if (!isForAll(other.only, one.only)) return isForAll(one.only, other.only);
  return !other.demands.every((demand) => one.demands.some((mine) => implies(mine, demand)));
}

/** Whether whatever meets `one` meets `other` too. */
export function implies(one: Demand, other: Demand): boolean {
  if (!one.spans.every((span, rank) => span <= (other.spans[rank] ?? 0))) return false;
  if (other.maxAge !== null && (one.maxAge === null || one.maxAge > other.maxAge)) return false;
  return other.since === null || (one.since !== null && one.since >= other.since);
}

/** What it comes to, in a few words. */
export function inWords({ kind, demands, only }: Outcome): string {
  if (kind === 'public') return 'public';
  if (kind === 'deny') return 'refused';
  const levels = demands.map(({ level, maxAge }) =>
    maxAge === null ? level.name : `${level.name} of the last ${formatDuration(maxAge)}`,
  );
  return [...new Set(levels), ...only.map((text) => `only ${text}`)].join(' and ');
}
