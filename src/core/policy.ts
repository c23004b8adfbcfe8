import type { PathOptions } from './canonical-path.ts';
import type { Condition } from './condition.ts';
import type { Demand } from './demand.ts';
import type { Level } from './ladder.ts';
import type { Ordered, PathTree } from './path-tree.ts';

/** What a rule, or an app's unmatched paths, come to. */
export type Effect =
  /** The app's own demand and these; with neither it is a mistake, and denied. */
  | { readonly kind: 'require'; readonly demands: readonly Demand[] }
  /** `known`: whoever is signed in is told to the upstream all the same. */
  | { readonly kind: 'public'; readonly known: boolean }
  | { readonly kind: 'deny' };

/** Which request methods a rule is about. HEAD is judged as GET, so no set ever names it. */
export interface MethodSet {
  readonly names: ReadonlySet<string>;
  /** True: every method but `names`. */
  readonly inverted: boolean;
}

/** A parameter that must have one of these values. */
export interface ParameterCriterion {
  readonly name: string;
  readonly values: readonly string[];
}

/** What, beside its path, a request must fit for a rule or a floor to be about it. All must hold. */
export interface Criteria {
  /** Null = every method. */
  readonly methods: MethodSet | null;
  /** In the query. */
  readonly query: readonly ParameterCriterion[];
  /** In the query or the body. */
  readonly param: readonly ParameterCriterion[];
  readonly when: Condition | null;
}

/** `report`: found out and recorded, then passed over as if it were not there. */
export type Mode = 'enforce' | 'report';

/** One compiled rule of an app. Rules are tried in the order of the file; the first that matches decides. */
export interface Rule extends Ordered, Criteria {
  /** `app/rule`. */
  readonly id: string;
  /** Who may at all; null = whoever meets the demands. */
  readonly only: Condition | null;
  readonly effect: Effect;
  /** Whether each request wants a step-up of its own. */
  readonly oneTime: boolean;
  readonly mode: Mode;
  readonly note: string | null;
}

/** A part of an app that a floor is not about. */
export interface Exception extends Ordered {
  readonly methods: MethodSet | null;
}

/** One compiled floor, as it lies over one app. Every floor that matches adds its demand, or denies. */
export interface Floor extends Ordered, Criteria {
  /** `floor/id`. */
  readonly id: string;
  readonly effect: Extract<Effect, { kind: 'require' | 'deny' }>;
  /** Paths of this app that it is not about; null = it is about all of them. */
  readonly except: PathTree<Exception> | null;
  readonly mode: Mode;
  readonly note: string | null;
}

/** An app as the security team sees it. */
export interface AppPolicy {
  readonly name: string;
  /** The app's own demand, which every request meets but those of public rules; null where it has none. */
  readonly require: Demand | null;
  /** Who may at all, public paths apart; null = whoever meets the demands. */
  readonly only: Condition | null;
  readonly rules: PathTree<Rule>;
  readonly floors: PathTree<Floor>;
  /** What a person who has to be known proves where nothing else is demanded; null where the provider proves nothing. */
  readonly signIn: Demand | null;
  /** The levels that the app's provider can prove. */
  readonly provable: readonly Level[];
  readonly paths: PathOptions;
  /** Whether anything that is enforced looks at the method: then nobody may smuggle another one in (method-override headers). */
  readonly namesMethods: boolean;
}

/** Whether a method is in a set. */
export function coversMethod(set: MethodSet, method: string): boolean {
  return set.names.has(method === 'HEAD' ? 'GET' : method) !== set.inverted;
}
