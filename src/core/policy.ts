import type { PathOptions } from './canonical-path.ts';
import type { Requirement } from './demand.ts';
import type { Level } from './ladder.ts';
import type { PathTree } from './path-tree.ts';

/** What a rule, or an app's unmatched paths, come to. */
export type Effect =
  | { readonly kind: 'require'; readonly requirement: Requirement }
  | { readonly kind: 'public' }
  | { readonly kind: 'deny' };

/** Which request methods a rule is about. HEAD is judged as GET, so no set ever names it. */
export interface MethodSet {
  readonly names: ReadonlySet<string>;
  /** True: every method but `names`. */
  readonly inverted: boolean;
}

/** One compiled rule of an app. Rules are tried in the order of the file; the first that matches decides. */
export interface Rule {
  /** `app/rule`. */
  readonly id: string;
  /** Place in the app's list. */
  readonly order: number;
  /** Null = every method. */
  readonly methods: MethodSet | null;
  readonly effect: Effect;
  readonly note: string | null;
}

/** An app as the security team sees it. */
export interface AppPolicy {
  readonly name: string;
  readonly rules: PathTree<Rule>;
  /** The answer for paths that no rule matches. */
  readonly unmatched: Effect;
  /** The levels that the app's provider can prove. */
  readonly provable: readonly Level[];
  readonly paths: PathOptions;
  /** Whether any rule looks at the method: then nobody may smuggle another one in (method-override headers). */
  readonly namesMethods: boolean;
}

/** Whether a method is in a set. */
export function coversMethod(set: MethodSet, method: string): boolean {
  return set.names.has(method === 'HEAD' ? 'GET' : method) !== set.inverted;
}

/** The first rule of the file that matches, or null. */
export function ruleFor(app: AppPolicy, segments: readonly string[], method: string): Rule | null {
  for (const rule of app.rules.find(segments)) {
    if (rule.methods === null || coversMethod(rule.methods, method)) return rule;
  }
  return null;
}
