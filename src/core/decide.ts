import type { Outcome } from './condition.ts';
import { type ChallengeWhy, type Demand, harder, meetsLevel, type Requirement, unmet } from './demand.ts';
import type { Standing } from './evidence.ts';
import type { Facts, RequestFacts } from './facts.ts';
import { type Gathered, gather } from './gather.ts';
import type { Match } from './match.ts';
import type { AppPolicy, Floor, Rule } from './policy.ts';
import type { Seconds } from './time.ts';

/** Why a request is refused whatever the person proves. */
export const DENY_WHYS = ['no_app', 'no_rule', 'forbidden', 'unsatisfiable', 'ambiguous_request'] as const;
export type DenyWhy = (typeof DENY_WHYS)[number];

/** The answer to every request. Challenge and deny are normal answers, never exceptions. */
export type Decision = Judgement & {
  /** The rule that decided; null = the app itself, for a path that none of its rules is about. */
  readonly rule: Rule | null;
  /** Rules and floors of `mode: report` that would have had a say. */
  readonly reported: readonly (Rule | Floor)[];
};

type Judgement =
  | {
      readonly kind: 'allow';
      /** Who is told to the upstream: null for nobody. */
      readonly standing: Standing | null;
      /** What was met; without demands the path is public. */
      readonly requirement: Requirement;
    }
  | {
      readonly kind: 'challenge';
      readonly requirement: Requirement;
      /** The hardest demand that is missing: the one to ask for. */
      readonly missing: Demand;
      readonly why: ChallengeWhy;
    }
  | {
      readonly kind: 'deny';
      readonly why: DenyWhy;
      /** What refuses: `app/rule`, `floor/id`, the app's name, or who asks for what nobody can prove. */
      readonly by: string;
    };

/** One request, as it is put to the policy of its app. */
export interface Question {
  readonly request: RequestFacts;
  /**
   * Every way its path may be read, as decoded segments. One for almost every request; where an app lets a path be read
   * in several ways the strictest wins.
   */
  readonly readings: readonly (readonly string[])[];
  /** The person's session as this world sees it, null when nobody is signed in. */
  readonly standing: Standing | null;
  /** Our clock. */
  readonly now: Seconds;
  /** Whether rules and floors of `mode: report` are enforced too, to learn what they would change. */
  readonly rehearsal?: boolean;
}

/** Is told what is found out on the way to a decision. What it does with it changes nothing. */
export interface Recorder {
  /** What follows is about this reading of the path. */
  reading(facts: Facts): void;
  rule(rule: Rule, match: Match): void;
  floor(floor: Floor, match: Match): void;
  /** Who may at all, of a rule or of the app. */
  only(owner: Rule | AppPolicy, outcome: Outcome): void;
  /** All of it, before it is compared with what the person has proven. */
  gathered(gathered: Gathered): void;
}

/** Decides one request: may it pass, what is missing, or is it refused? */
export function decide(app: AppPolicy, question: Question, recorder: Recorder | null = null): Decision {
  const gathered = gather(app, question, recorder);
  recorder?.gathered(gathered);
  const { rule, reported } = gathered;
  return { ...judge(app, gathered, question), rule, reported };
}

function judge(app: AppPolicy, gathered: Gathered, { standing, now }: Question): Judgement {
  const { refused, demands, oneTime, unknownPerson, open } = gathered;
  if (refused !== null) return { kind: 'deny', ...refused };
  const requirement: Requirement = { demands, oneTime };
  // Public means that every reading says so in as many words and no floor has a say, not that no demand was found.
  if (open !== null && demands.length === 0 && !unknownPerson) {
    return { kind: 'allow', standing: open === 'known' ? standing : null, requirement };
  }
  if (unknownPerson) return signInFirst(app, requirement, standing, now);
  if (demands.length === 0) return { kind: 'deny', why: 'no_rule', by: app.name };
  const impossible = demands.find((demand) => !satisfiable(app, demand, now));
  if (impossible !== undefined) return { kind: 'deny', why: 'unsatisfiable', by: impossible.source };

  const missing = firstMissing(demands, standing, now);
  if (missing !== null) return { kind: 'challenge', requirement, ...missing };
  // Cannot happen while every demand is missing without a session; if it ever could, it is no allow.
  if (standing === null) return { kind: 'deny', why: 'unsatisfiable', by: app.name };
  if (oneTime !== null) return { kind: 'challenge', requirement, missing: oneTime, why: 'one_time' };
  // A floor over a public path asks who is there; the rule's word stays that nobody is told.
  return { kind: 'allow', standing: open === 'nobody' ? null : standing, requirement };
}

/** A rule or floor has to know the person: they sign in for what is demanded whoever they are, and are decided then. */
function signInFirst(app: AppPolicy, { demands }: Requirement, standing: Standing | null, now: Seconds): Judgement {
  const asked = demands.length > 0 ? demands : app.signIn === null ? [] : [app.signIn];
  const impossible = asked.find((demand) => !satisfiable(app, demand, now));
  const missing = firstMissing(asked, standing, now);
  if (impossible !== undefined || missing === null || standing !== null) {
    return { kind: 'deny', why: 'unsatisfiable', by: impossible?.source ?? app.name };
  }
  return { kind: 'challenge', requirement: { demands: asked, oneTime: null }, ...missing };
}

/** Whether some proof that the app's provider can give meets the demand while fresh. */
export const satisfiable = (app: Pick<AppPolicy, 'provable'>, demand: Demand, now: Seconds): boolean =>
  app.provable.some((level) => meetsLevel(level, demand)) && (demand.since ?? now) <= now;

/** The hardest of the demands that are missing, and why it is. */
export function firstMissing(
  demands: readonly Demand[],
  standing: Standing | null,
  now: Seconds,
): { readonly missing: Demand; readonly why: ChallengeWhy } | null {
  let found: { missing: Demand; why: ChallengeWhy } | null = null;
  for (const demand of demands) {
    const why = unmet(demand, standing, now);
    if (why === null) continue;
    if (found === null || harder(demand, found.missing) < 0) found = { missing: demand, why };
  }
  return found;
}
