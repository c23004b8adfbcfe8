import { comesTo, fits, methodFits, pathFits } from './naive-criteria.ts';
import { byHardness, canBeMet, missingWhy } from './naive-levels.ts';
import type {
  NaiveCondition,
  NaiveDecision,
  NaiveDemand,
  NaivePolicy,
  NaiveRequest,
  NaiveRule,
} from './naive-policy.ts';

/**
 * The policy language a second time, as naively as can be: from the words of the documentation, with lists of names
 * and no thought for speed. It shares nothing with `src/core`, so that the two can be held against each other.
 */

interface Said<T> {
  readonly what: T;
  /** Where it stands: the reading, then the rules from top to bottom, the app, the floors. */
  readonly place: readonly [reading: number, row: number];
}

/** What one way to read the request, under one guess at everything that cannot be told, comes to. */
interface Outcome {
  readonly refusals: readonly Said<{ readonly why: string; readonly by: string }>[];
  readonly demands: readonly Said<NaiveDemand>[];
  readonly oneTimes: readonly Said<NaiveDemand>[];
  readonly needsPerson: boolean;
  readonly open: 'known' | 'nobody' | 'no';
}

const APP = 1000;
const FLOORS = 2000;
const NOTHING: Outcome = { refusals: [], demands: [], oneTimes: [], needsPerson: false, open: 'no' };

function together(one: Outcome, other: Outcome): Outcome {
  return {
    refusals: [...one.refusals, ...other.refusals],
    demands: [...one.demands, ...other.demands],
    oneTimes: [...one.oneTimes, ...other.oneTimes],
    needsPerson: one.needsPerson || other.needsPerson,
    open: one.open === 'no' || other.open === 'no' ? 'no' : one.open === 'nobody' ? 'nobody' : other.open,
  };
}

function maySay(
  only: NaiveCondition | null,
  by: string,
  place: readonly [number, number],
  request: NaiveRequest,
): Outcome & { readonly passes: boolean } {
  const truth = only === null ? 'true' : comesTo(only, request, request.paths[place[0]] ?? []);
  const refuses = truth === 'false' || truth === 'failed';
  return {
    ...NOTHING,
    refusals: refuses ? [{ what: { why: 'forbidden', by }, place }] : [],
    needsPerson: truth === 'person',
    passes: truth === 'true',
  };
}

/** What the app itself has to say of everything that is not public. */
function theApp(policy: NaivePolicy, request: NaiveRequest, reading: number): Outcome {
  const own = policy.require === null ? [] : [{ what: policy.require, place: [reading, APP] as const }];
  return together(maySay(policy.only, policy.app, [reading, APP + 1], request), { ...NOTHING, demands: own });
}

function theRule(policy: NaivePolicy, rule: NaiveRule, row: number, request: NaiveRequest, reading: number): Outcome {
  const place = [reading, row] as const;
  const refuse = (why: string): Outcome => ({ ...NOTHING, refusals: [{ what: { why, by: rule.id }, place }] });
  if (rule.says === 'deny') return refuse('forbidden');
  if (rule.says === 'public') return { ...NOTHING, open: 'nobody' };
  if (rule.says === 'public: known') return { ...NOTHING, open: 'known' };
  const may = maySay(rule.only, rule.id, place, request);
  const rest = theApp(policy, request, reading);
  if (!may.passes) return together(may, rest);
  const demand = rule.demand ?? policy.require;
  if (demand === null) return together(refuse('no_rule'), rest);
  const said = [{ what: demand, place }];
  const demands = rule.demand === null ? [] : said;
  return together({ ...NOTHING, demands, oneTimes: rule.oneTime ? said : [] }, rest);
}

/** From row `row` downwards; where it cannot be told whether a rule fits, both: that it does, and that it does not. */
function theRules(policy: NaivePolicy, row: number, request: NaiveRequest, reading: number): Outcome {
  const rule = policy.rules[row];
  if (rule === undefined) {
    const place = [reading, APP] as const;
    const silent = policy.require === null ? [{ what: { why: 'no_rule', by: policy.app }, place }] : [];
    return together({ ...NOTHING, refusals: silent }, theApp(policy, request, reading));
  }
  const below = (): Outcome => theRules(policy, row + 1, request, reading);
  if (rule.mode === 'off' || (rule.mode === 'report' && !request.rehearsal)) return below();
  switch (fits(rule, request, request.paths[reading] ?? [])) {
    case 'false':
      return below();
    case 'true':
      return theRule(policy, rule, row, request, reading);
    case 'failed':
      return together(theRule(policy, rule, row, request, reading), below());
    case 'person':
      return together({ ...NOTHING, needsPerson: true }, theApp(policy, request, reading));
  }
}

function theFloor(policy: NaivePolicy, row: number, request: NaiveRequest, reading: number): Outcome {
  const floor = policy.floors[row];
  const path = request.paths[reading] ?? [];
  const silent: Outcome = { ...NOTHING, open: 'known' };
  if (floor === undefined || floor.mode === 'off' || (floor.mode === 'report' && !request.rehearsal)) return silent;
  const excepted = floor.except.some((one) => pathFits(one.path, path) && methodFits(one.methods, request.method));
  const truth = fits(floor, request, path);
  if (excepted || truth === 'false') return silent;
  if (truth === 'person') return { ...NOTHING, needsPerson: true };
  const place = [reading, FLOORS + row] as const;
  if (floor.demand === null) return { ...NOTHING, refusals: [{ what: { why: 'forbidden', by: floor.id }, place }] };
  return { ...NOTHING, demands: [{ what: floor.demand, place }] };
}

/** As said: from top to bottom, each once. */
function inOrder<T>(said: readonly Said<T>[]): readonly T[] {
  const sorted = [...said].sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1]);
  return [...new Set(sorted.map(({ what }) => what))];
}

export function naively(policy: NaivePolicy, request: NaiveRequest): NaiveDecision {
  const outcomes = request.paths.flatMap((_, reading) => [
    theRules(policy, 0, request, reading),
    ...policy.floors.map((_, row) => theFloor(policy, row, request, reading)),
  ]);
  const all = outcomes.reduce(together, { ...NOTHING, open: outcomes.length === 0 ? 'no' : 'known' });
  const demands = inOrder(all.demands);
  const [refusal] = inOrder(all.refusals);
  if (refusal !== undefined) return denial(refusal.why, refusal.by);
  if (all.needsPerson) {
    const [weakest] = policy.levels.filter(({ name }) => policy.provable.includes(name));
    const signIn = { level: weakest?.name ?? '', comparison: 'minimum', maxAge: null, since: null } as const;
    if (demands.length === 0 && weakest === undefined) return denial('unsatisfiable', policy.app);
    return challenge(policy, request, demands.length > 0 ? demands : [{ ...signIn, source: policy.app }], null);
  }
  if (all.open !== 'no' && demands.length === 0) return allowance([], request.proofs !== null && all.open === 'known');
  if (demands.length === 0) return denial('no_rule', policy.app);
  return challenge(policy, request, demands, inOrder(all.oneTimes)[0] ?? null, !toldNobody(policy, request));
}

/** Whether its rules make every reading public, and one of them tells nobody who is there: floors do not change that. */
function toldNobody(policy: NaivePolicy, request: NaiveRequest): boolean {
  const rules = request.paths.map((_, reading) => theRules(policy, 0, request, reading));
  return rules.length > 0 && rules.reduce(together).open === 'nobody';
}

function challenge(
  policy: NaivePolicy,
  request: NaiveRequest,
  demands: readonly NaiveDemand[],
  oneTime: NaiveDemand | null,
  told = true,
): NaiveDecision {
  const impossible = demands.find((demand) => !canBeMet(policy, demand, request.now));
  if (impossible !== undefined) return denial('unsatisfiable', impossible.source);
  const sources = demands.map(({ source }) => source);
  const missing = demands.filter((demand) => missingWhy(policy, request, demand) !== null);
  const [hardest] = byHardness(policy, missing);
  const asked = hardest ?? oneTime;
  if (asked === null) return allowance(sources, told);
  const why = hardest === undefined ? 'one_time' : missingWhy(policy, request, hardest);
  return { kind: 'challenge', why, by: asked.source, level: asked.level, demands: sources, told: false };
}

const denial = (why: string, by: string): NaiveDecision => ({
  kind: 'deny',
  why,
  by,
  level: null,
  demands: [],
  told: false,
});

const allowance = (demands: readonly string[], told: boolean): NaiveDecision => ({
  kind: 'allow',
  why: null,
  by: null,
  level: null,
  demands,
  told,
});
