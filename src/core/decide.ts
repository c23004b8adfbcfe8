import { CHALLENGE_WHYS, type ChallengeWhy, type Demand, harder, type Requirement, unmet } from './demand.ts';
import type { Standing } from './evidence.ts';
import { standsAtOrAbove } from './ladder.ts';
import type { AppPolicy, Rule } from './policy.ts';
import type { Seconds } from './time.ts';

/** Why a request is refused whatever the person proves. */
export type DenyWhy = 'no_app' | 'no_rule' | 'forbidden' | 'unsatisfiable' | 'ambiguous_request';

/** The answer to every request. Challenge and deny are normal answers, never exceptions. */
export type Decision =
  | { readonly kind: 'allow'; readonly rule: Rule | null; readonly standing: Standing | null }
  | {
      readonly kind: 'challenge';
      readonly rule: Rule | null;
      readonly requirement: Requirement;
      /** The hardest demand that is missing: the one to ask for. */
      readonly missing: Demand;
      readonly why: ChallengeWhy;
    }
  | { readonly kind: 'deny'; readonly rule: Rule | null; readonly why: DenyWhy };

/**
 * Decides one request: may it pass, what is missing, or is it refused?
 *
 * @param app - the app the request is for
 * @param rules - the rule hit by each reading of the path, null where none is. One entry for almost every request; where
 *   an app lets a path be read in several ways there is one for each, and the strictest wins
 * @param standing - the person's session as this world sees it, null when nobody is signed in
 * @param now - our clock
 */
export function decide(
  app: AppPolicy,
  rules: readonly (Rule | null)[],
  standing: Standing | null,
  now: Seconds,
): Decision {
  const rule = rules[0] ?? null;
  const demands: Demand[] = [];
  let open = rules.length > 0;
  for (const hit of rules) {
    const effect = hit === null ? app.unmatched : hit.effect;
    if (effect.kind === 'deny') return { kind: 'deny', rule: hit, why: hit === null ? 'no_rule' : 'forbidden' };
    if (effect.kind === 'public') continue;
    open = false;
    // A requirement that asks for nothing is a mistake, and stays one beside another reading that asks for something.
    if (effect.requirement.demands.length === 0) return { kind: 'deny', rule: hit, why: 'no_rule' };
    demands.push(...effect.requirement.demands);
  }
  // Public means that every reading says so in as many words, not that no demand was found.
  if (open) return { kind: 'allow', rule, standing: null };
  if (demands.length === 0) return { kind: 'deny', rule, why: 'no_rule' };
  if (demands.some((demand) => !satisfiable(app, demand))) return { kind: 'deny', rule, why: 'unsatisfiable' };

  const missing = firstMissing(demands, standing, now);
  if (missing !== null) return { kind: 'challenge', rule, requirement: { demands }, ...missing };
  // Cannot happen while every demand is missing without a session; if it ever could, it is no allow.
  if (standing === null) return { kind: 'deny', rule, why: 'unsatisfiable' };
  return { kind: 'allow', rule, standing };
}

/** Whether some proof that the app's provider can give meets the demand while fresh. */
const satisfiable = (app: AppPolicy, demand: Demand): boolean =>
  app.provable.some((level) => standsAtOrAbove(level, demand.level));

/** What is missing of `demands`, and why: the reason that comes first in the vocabulary, then the hardest demand. */
export function firstMissing(
  demands: readonly Demand[],
  standing: Standing | null,
  now: Seconds,
): { readonly missing: Demand; readonly why: ChallengeWhy } | null {
  let found: { missing: Demand; why: ChallengeWhy } | null = null;
  for (const demand of demands) {
    const why = unmet(demand, standing, now);
    if (why === null) continue;
    if (found === null || before(why, found.why) || (why === found.why && harder(demand, found.missing) < 0)) {
      found = { missing: demand, why };
    }
  }
  return found;
}

const before = (a: ChallengeWhy, b: ChallengeWhy): boolean => CHALLENGE_WHYS.indexOf(a) < CHALLENGE_WHYS.indexOf(b);
