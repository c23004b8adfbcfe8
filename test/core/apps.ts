import { STRICT_PATHS } from '../../src/core/canonical-path.ts';
import type { Condition, Outcome } from '../../src/core/condition.ts';
import type { Question } from '../../src/core/decide.ts';
import type { Demand } from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import type { Facts, RequestFacts } from '../../src/core/facts.ts';
import { type PatternPiece, parsePattern } from '../../src/core/path-pattern.ts';
import { PathTree } from '../../src/core/path-tree.ts';
import type { AppPolicy, Effect, Exception, Floor, Rule } from '../../src/core/policy.ts';
import { readQuery } from '../../src/core/query.ts';
import { demandOf, LADDER, NOW, PASSWORD } from './people.ts';

/** A pattern that is known to be one. */
export function patternOf(text: string): readonly PatternPiece[] {
  const pattern = parsePattern(text);
  if ('problem' in pattern) throw new RangeError(`${text}: ${pattern.problem}`);
  return pattern;
}

/** A condition that always comes to this. */
export const always = (outcome: Outcome): Condition => conditionOf(() => outcome, String(outcome));

export const conditionOf = (test: (facts: Facts) => Outcome, text = 'a condition'): Condition => ({
  text,
  reads: { names: new Set(), groups: null, claims: [] },
  test,
});

export const ruleWith = (effect: Effect, id = 'payroll/rule', order = 0, more: Partial<Rule> = {}): Rule => ({
  id,
  order,
  methods: null,
  query: [],
  param: [],
  when: null,
  only: null,
  effect,
  oneTime: false,
  mode: 'enforce',
  note: null,
  ...more,
});

export const PUBLIC: Effect = { kind: 'public', known: false };
export const DENY: Extract<Effect, { kind: 'deny' }> = { kind: 'deny' };
export const requiring = (...demands: readonly Demand[]): Extract<Effect, { kind: 'require' }> => ({
  kind: 'require',
  demands,
});

export const floorWith = (effect: Floor['effect'], id = 'floor/it', more: Partial<Floor> = {}): Floor => ({
  id,
  order: 0,
  methods: null,
  query: [],
  param: [],
  when: null,
  effect,
  except: null,
  mode: 'enforce',
  note: null,
  ...more,
});

/** Values filed under one path each, or under every path where it is left out. */
export function treeOf<T extends { readonly order: number }>(...values: readonly (T | readonly [path: string, T])[]) {
  const tree = new PathTree<T>();
  for (const entry of values) {
    const [path, value] = isPlaced(entry) ? entry : (['/**', entry] as const);
    tree.add(patternOf(path), value);
  }
  return tree;
}

const isPlaced = <T>(entry: T | readonly [path: string, T]): entry is readonly [path: string, T] =>
  Array.isArray(entry);

/** Paths that a floor is not about, whatever the method. */
export const exceptPaths = (...paths: readonly string[]): PathTree<Exception> =>
  treeOf(...paths.map((path, order): readonly [string, Exception] => [path, { order, methods: null }]));

/** An app whose provider proves every level, and which demands nothing of paths that no rule is about. */
export const appWith = (more: Partial<AppPolicy> = {}): AppPolicy => ({
  name: 'payroll',
  require: null,
  only: null,
  rules: new PathTree<Rule>(),
  floors: new PathTree<Floor>(),
  signIn: demandOf(PASSWORD, null, 'payroll'),
  provable: LADDER.levels,
  paths: STRICT_PATHS,
  namesMethods: false,
  ...more,
});

export interface Asking extends Partial<Pick<RequestFacts, 'method' | 'hasBody' | 'clientIp'>> {
  /** As received, with its `?`. */
  readonly query?: string;
}

export const requestFor = ({ query = '', ...more }: Asking = {}): RequestFacts => ({
  method: 'GET',
  host: 'payroll.example.com',
  scheme: 'https',
  query: readQuery(query),
  header: () => null,
  hasBody: false,
  clientIp: '192.0.2.9',
  at: NOW,
  ...more,
});

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

/** A question about one path, or about one that may be read in several ways. */
export const questionOf = (
  standing: Standing | null,
  path: string | readonly string[] = '/',
  asking: Asking & Partial<Pick<Question, 'now' | 'rehearsal'>> = {},
): Question => {
  const { now = NOW, rehearsal = false, ...request } = asking;
  const readings = (typeof path === 'string' ? [path] : path).map(segmentsOf);
  return { request: requestFor(request), readings, standing, now, rehearsal };
};

/** The facts that a condition or criterion of a question is told. */
export const factsOf = (standing: Standing | null = null, path = '/', asking: Asking = {}): Facts => ({
  request: requestFor(asking),
  segments: segmentsOf(path),
  standing,
  now: NOW,
  memo: null,
});
