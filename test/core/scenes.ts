import fc from 'fast-check';
import type { Condition } from '../../src/core/condition.ts';
import { type Decision, decide } from '../../src/core/decide.ts';
import { type Demand, demandOn } from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import { buildLadder, type Ladder, type Level } from '../../src/core/ladder.ts';
import type { AppPolicy, Effect, Floor, MethodSet, ParameterCriterion, Rule } from '../../src/core/policy.ts';
import { appWith, conditionOf, DENY, floorWith, patternOf, requestFor, requiring, ruleWith, treeOf } from './apps.ts';
import type {
  NaiveCondition,
  NaiveDecision,
  NaiveDemand,
  NaiveFloor,
  NaiveLevel,
  NaiveMethods,
  NaivePolicy,
  NaiveProof,
  NaiveRequest,
  NaiveRule,
  Truth,
} from './naive-policy.ts';
import { ANA, NOW } from './people.ts';

/** A policy and a request, at random and as plain data; and how `src/core` is asked about them. */
export interface Scene {
  readonly policy: NaivePolicy;
  readonly request: NaiveRequest;
}

// Small numbers on purpose, so that proofs lie just inside and just outside of what is asked.
export const span = fc.integer({ min: 1, max: 12 });
const age = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -2, max: 14 }) },
  { weight: 1, arbitrary: fc.constantFrom(-60, -61) },
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>, rarely = 3): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { nil: null, freq: rarely });

const levels: fc.Arbitrary<readonly NaiveLevel[]> = fc
  .record({
    chain: fc.boolean(),
    rungs: fc.array(fc.tuple(span, fc.array(fc.nat(4), { maxLength: 3 })), { minLength: 1, maxLength: 5 }),
  })
  .map(({ chain, rungs }) =>
    rungs.map(([validity, below], i) => {
      const above = chain ? (i === 0 ? [] : [i - 1]) : [...new Set(below.filter((other) => other < i))];
      return { name: `l${i}`, validity, above: above.map((other) => `l${other}`) };
    }),
  );

export const demandIn = (rungs: readonly NaiveLevel[], source: string): fc.Arbitrary<NaiveDemand> =>
  fc.record({
    level: fc.constantFrom(...rungs.map(({ name }) => name)),
    comparison: fc.oneof(
      { weight: 5, arbitrary: fc.constant('minimum' as const) },
      { weight: 2, arbitrary: fc.constantFrom('exact' as const, 'better' as const, 'maximum' as const) },
    ),
    maxAge: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: span }),
    since: fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.integer({ min: -1, max: 12 }).map((before) => NOW - before) },
    ),
    source: fc.constant(source),
  });

const OUTCOMES: readonly Truth[] = ['true', 'true', 'false', 'failed', 'person'];
export const condition: fc.Arbitrary<NaiveCondition> = fc.record({
  forNobody: fc.constantFrom(...OUTCOMES),
  forPerson: fc.constantFrom('true', 'true', 'false', 'failed'),
  turnsUnderA: fc.boolean(),
});

const pieces = fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', '**');
const pattern = fc.array(pieces, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const patterns = fc.oneof(fc.constant(['/**']), fc.array(pattern, { minLength: 1, maxLength: 2 }));

const methods: fc.Arbitrary<NaiveMethods> = fc.record({
  all: fc.constantFrom('of', 'but'),
  names: fc.subarray(['GET', 'POST', 'OPTIONS', 'FOO']),
});

const parameters = fc.array(fc.tuple(fc.constantFrom('do', 'id'), fc.subarray(['x', 'y', 'Z'], { minLength: 1 })), {
  maxLength: 2,
});

const criteria = {
  paths: patterns,
  methods: maybe(methods),
  query: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: parameters }),
  param: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: parameters }),
  when: maybe(condition),
  mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'enforce', 'report', 'off'),
} as const;

const ruleIn = (rungs: readonly NaiveLevel[], row: number): fc.Arbitrary<NaiveRule> =>
  fc
    .record({
      ...criteria,
      id: fc.constant(`app/r${row}`),
      says: fc.constantFrom('require', 'require', 'require', 'deny', 'public', 'public: known'),
      demand: maybe(demandIn(rungs, `app/r${row}`), 5),
      only: maybe(condition),
      oneTime: fc.boolean(),
    })
    .map((rule) => (rule.says === 'require' ? rule : { ...rule, demand: null, only: null, oneTime: false }));

export const floorIn = (rungs: readonly NaiveLevel[], row: number): fc.Arbitrary<NaiveFloor> =>
  fc.record({
    ...criteria,
    id: fc.constant(`floor/f${row}`),
    demand: maybe(demandIn(rungs, `floor/f${row}`), 6),
    except: fc.array(fc.record({ path: pattern, methods: maybe(methods) }), { maxLength: 2 }),
  });

const listOf = <T>(make: (row: number) => fc.Arbitrary<T>, most: number): fc.Arbitrary<readonly T[]> =>
  fc.nat(most).chain((count) => fc.tuple(...Array.from({ length: count }, (_, row) => make(row))));

export const proofIn = (rungs: readonly NaiveLevel[]): fc.Arbitrary<NaiveProof> =>
  fc
    .record({ level: fc.constantFrom(...rungs.map(({ name }) => name)), age, freshAge: maybe(age, 4) })
    .map((proof) => ({
      level: proof.level,
      at: NOW - proof.age,
      freshAt: proof.freshAge === null ? null : NOW - proof.freshAge,
    }));

const QUERIES = [
  'do=x',
  'do=y&id=x',
  'do=x&do=y',
  'do=x&do=x',
  'DO=x',
  'do[]=x',
  'do[0]=x',
  'do.a=x',
  'd_o=x',
  'do=X',
  'do=%20x',
  'do=z',
  'id=1;do=x',
  'do=x;id=y',
  'do=x;b&id=x',
  '%64o=x',
  'do=%78',
  'do=%zz',
  'do',
  'do=',
  '=x',
  '&&do=x&',
  'id=x',
  'do+=x',
  'do:int=x',
  '%2564o=x',
  'do=%2578',
] as const;

const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 });

const requestIn = (rungs: readonly NaiveLevel[]): fc.Arbitrary<NaiveRequest> =>
  fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'FOO', 'post'),
    paths: fc.oneof(
      { weight: 12, arbitrary: fc.tuple(path) },
      { weight: 4, arbitrary: fc.tuple(path, path) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    query: fc.oneof(fc.constant(''), fc.constantFrom('do=x', 'do=y&id=x'), fc.constantFrom(...QUERIES)),
    hasBody: fc.boolean(),
    proofs: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      { weight: 3, arbitrary: fc.array(proofIn(rungs), { maxLength: 4 }) },
    ),
    now: fc.constant(NOW),
    rehearsal: fc.boolean(),
  });

export const scene: fc.Arbitrary<Scene> = levels.chain((rungs) =>
  fc.record({
    policy: fc.record({
      app: fc.constant('app'),
      levels: fc.constant(rungs),
      require: maybe(demandIn(rungs, 'app'), 9),
      only: maybe(condition, 1),
      rules: listOf((row) => ruleIn(rungs, row), 5),
      floors: listOf((row) => floorIn(rungs, row), 3),
      provable: fc.oneof(
        { weight: 4, arbitrary: fc.constant(rungs.map(({ name }) => name)) },
        { weight: 1, arbitrary: fc.subarray(rungs.map(({ name }) => name)) },
      ),
    }),
    request: requestIn(rungs),
  }),
);

// The same, as `src/core` takes it.

const levelOf = (ladder: Ladder, name: string): Level => {
  const level = ladder.named.get(name);
  if (level === undefined) throw new RangeError(name);
  return level;
};

const conditionFor = (condition: NaiveCondition): Condition =>
  conditionOf(({ standing, segments }) => {
    const plain = standing === null ? condition.forNobody : condition.forPerson;
    if (plain === 'failed' || plain === 'person') return plain;
    return (plain === 'true') !== (condition.turnsUnderA && segments[0] === 'a');
  });

const methodsFor = (set: NaiveMethods | null): MethodSet | null =>
  set && { names: new Set(set.names), inverted: set.all === 'but' };

const parametersFor = (list: NaiveRule['query']): readonly ParameterCriterion[] =>
  list.map(([name, values]) => ({ name, values }));

const criteriaFor = ({ methods, query, param, when, mode }: NaiveRule | NaiveFloor) => ({
  methods: methodsFor(methods),
  query: parametersFor(query),
  param: parametersFor(param),
  when: when && conditionFor(when),
  mode: mode === 'report' ? ('report' as const) : ('enforce' as const),
});

export function appFor({ app, levels, require, only, rules, floors, provable }: NaivePolicy): AppPolicy {
  const ladder = buildLadder(levels);
  const made = new Map<NaiveDemand, Demand>();
  const demandFor = (demand: NaiveDemand): Demand => {
    const known = made.get(demand) ?? demandOn(ladder, { ...demand, level: levelOf(ladder, demand.level) });
    made.set(demand, known);
    return known;
  };
  const ruleTree = treeOf<Rule>();
  for (const [order, rule] of rules.entries()) {
    if (rule.mode === 'off') continue;
    const effect: Effect =
      rule.says === 'require'
        ? requiring(...(rule.demand === null ? [] : [demandFor(rule.demand)]))
        : rule.says === 'deny'
          ? DENY
          : { kind: 'public', known: rule.says === 'public: known' };
    const only = rule.only && conditionFor(rule.only);
    const filed = ruleWith(effect, rule.id, order, { ...criteriaFor(rule), only, oneTime: rule.oneTime });
    for (const one of rule.paths) ruleTree.add(patternOf(one), filed);
  }
  const floorTree = treeOf<Floor>();
  for (const [order, floor] of floors.entries()) {
    if (floor.mode === 'off') continue;
    const effect = floor.demand === null ? DENY : requiring(demandFor(floor.demand));
    const except = treeOf(
      ...floor.except.map((one, place) => [one.path, { order: place, methods: methodsFor(one.methods) }] as const),
    );
    const filed = floorWith(effect, floor.id, { ...criteriaFor(floor), order, except });
    for (const one of floor.paths) floorTree.add(patternOf(one), filed);
  }
  const proven = ladder.levels.filter(({ name }) => provable.includes(name));
  const [weakest] = proven;
  return appWith({
    name: app,
    require: require && demandFor(require),
    only: only && conditionFor(only),
    rules: ruleTree,
    floors: floorTree,
    provable: proven,
    signIn: weakest === undefined ? null : demandOn(ladder, { level: weakest, source: app }),
  });
}

export function standingFor({ levels }: NaivePolicy, proofs: NaiveRequest['proofs']): Standing | null {
  const ladder = buildLadder(levels);
  return (
    proofs && {
      session: ANA,
      proofs: proofs.map(({ level, at, freshAt }) => ({
        level: levelOf(ladder, level),
        proof: { at, freshAt, acr: level, amr: null, facts: [] },
      })),
    }
  );
}

/** What `decide()` says of a scene. */
export function decided({ policy, request }: Scene): Decision {
  const { method, query, hasBody, paths, proofs, now, rehearsal } = request;
  const standing = standingFor(policy, proofs);
  const asked = requestFor({ method, query: query && `?${query}`, hasBody });
  return decide(appFor(policy), { request: asked, readings: paths, standing, now, rehearsal });
}

/** A decision as the naive evaluator words it. */
export function inNaiveWords(decision: Decision): NaiveDecision {
  const demands = 'requirement' in decision ? decision.requirement.demands.map(({ source }) => source) : [];
  const { kind } = decision;
  switch (kind) {
    case 'allow':
      return { kind, why: null, by: null, level: null, demands, told: decision.standing !== null };
    case 'challenge': {
      const { missing, why } = decision;
      return { kind, why, by: missing.source, level: missing.level.name, demands, told: false };
    }
    case 'deny':
      return { kind, why: decision.why, by: decision.by, level: null, demands, told: false };
  }
}

export const allows = (scene: Scene): boolean => decided(scene).kind === 'allow';
