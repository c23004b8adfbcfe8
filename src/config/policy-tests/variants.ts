import type { Demand } from '../../core/demand.ts';
import { type Ordered, PathTree } from '../../core/path-tree.ts';
import type { Floor, Rule } from '../../core/policy.ts';
import { READ } from '../compile-criteria.ts';
import type { Place } from '../source-file.ts';
import type { App } from '../world.ts';

/** What of a policy is left out to see whether any test notices. */
export type LeftOut =
  | 'all'
  | 'require'
  | 'only'
  | 'methods'
  | 'query'
  | 'param'
  | 'when'
  | 'except'
  | 'max_age'
  | 'since';

/** What decides whether a rule or floor is about a request: without it those notice that it was not about. */
export const NARROWING: ReadonlySet<LeftOut> = new Set(['methods', 'query', 'param', 'when', 'except']);

/** One thing that a policy says, and the app as it would be without it. */
export interface Variant {
  /** Who says it: `app/rule`, `floor/id`, the app's name or `default`. */
  readonly id: string;
  /** `all`: the whole rule or floor. */
  readonly leftOut: LeftOut;
  /** The rule or floor; null = it is the app itself that says it. */
  readonly item: Rule | Floor | null;
  readonly place: Place;
  /** Null where nothing that is decided depends on it: of what is only reported. */
  readonly without: App | null;
}

/** Everything that the policy of an app says and that a test could notice. What is off is not said. */
export function* variantsOf(app: App): Iterable<Variant> {
  const { require, only, places, ruleList, floorList } = app;
  if (require !== null && places.require !== null) {
    const said = { id: require.source, item: null, place: places.require };
    yield { ...said, leftOut: 'require', without: { ...app, require: null } };
    for (const [leftOut, by] of looserDemands([require])) {
      yield { ...said, leftOut, without: { ...app, require: by[0] ?? null } };
    }
  }
  if (only !== null && places.only !== null) {
    yield { id: app.name, leftOut: 'only', item: null, place: places.only, without: { ...app, only: null } };
  }
  for (const { rule, off, place } of ruleList) {
    if (off) continue;
    for (const [leftOut, by] of withoutEach(rule)) {
      const without = by === undefined ? null : { ...app, rules: new AlteredTree(app.rules, rule, by) };
      yield { id: rule.id, leftOut, item: rule, place, without };
    }
  }
  for (const { floor, off, place } of floorList) {
    if (off) continue;
    for (const [leftOut, by] of withoutEach(floor)) {
      const without = by === undefined ? null : { ...app, floors: new AlteredTree(app.floors, floor, by) };
      yield { id: floor.id, leftOut, item: floor, place, without };
    }
  }
}

/** What stands in the place of a rule or floor; null for nothing, undefined where that changes nothing. */
function* withoutEach<T extends Rule | Floor>(item: T): Iterable<readonly [LeftOut, T | null | undefined]> {
  yield ['all', item.mode === 'report' ? undefined : null];
  if (item.mode === 'report') return;
  if ('only' in item && item.only !== null) yield ['only', { ...item, only: null }];
  // A public rule that names no methods is about reading; nobody wrote that.
  if (item.methods !== null && item.methods !== READ) yield ['methods', { ...item, methods: null }];
  if (item.query.length > 0) yield ['query', { ...item, query: [] }];
  if (item.param.length > 0) yield ['param', { ...item, param: [] }];
  if (item.when !== null) yield ['when', { ...item, when: null }];
  if ('except' in item && item.except !== null) yield ['except', { ...item, except: null }];
  const { effect } = item;
  if (effect.kind !== 'require') return;
  for (const [leftOut, demands] of looserDemands(effect.demands)) {
    yield [leftOut, { ...item, effect: { ...effect, demands } }];
  }
}

/** The same demands without what they say of a proof's age. */
function* looserDemands(demands: readonly Demand[]): Iterable<readonly [LeftOut, readonly Demand[]]> {
  if (demands.some(({ maxAge }) => maxAge !== null)) {
    yield ['max_age', demands.map((demand) => ({ ...demand, maxAge: null }))];
  }
  if (demands.some(({ since }) => since !== null)) {
    yield ['since', demands.map((demand) => ({ ...demand, since: null }))];
  }
}

/** A tree in which one value is another one, or gone. It finds what a tree made without it would. */
class AlteredTree<T extends Ordered> extends PathTree<T> {
  readonly #tree: PathTree<T>;
  readonly #from: T;
  readonly #to: T | null;

  constructor(tree: PathTree<T>, from: T, to: T | null) {
    super();
    this.#tree = tree;
    this.#from = from;
    this.#to = to;
  }

  override find(segments: readonly string[]): readonly T[] {
    return this.#tree.find(segments).flatMap((value) => (value === this.#from ? (this.#to ?? []) : value));
  }
}
