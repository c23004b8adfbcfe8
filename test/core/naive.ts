/**
 * The policy language a second time, as naively as can be: from the words of the documentation, with lists of names
 * and no thought for speed. It shares nothing with `src/core`, so that the two can be held against each other.
 */

export interface NaiveLevel {
  readonly name: string;
  readonly validity: number;
  /** The levels it stands directly above. */
  readonly above: readonly string[];
}

export interface NaiveDemand {
  readonly level: string;
  readonly comparison: 'minimum' | 'exact' | 'better' | 'maximum';
  readonly maxAge: number | null;
  readonly since: number | null;
  readonly source: string;
}

export type Truth = 'true' | 'false' | 'failed' | 'person';

/** What a condition comes to for nobody, and for somebody who is signed in; the other way round under `/a`. */
export interface NaiveCondition {
  readonly forNobody: Truth;
  readonly forPerson: Exclude<Truth, 'person'>;
  readonly turnsUnderA: boolean;
}

export interface NaiveMethods {
  readonly all: 'of' | 'but';
  readonly names: readonly string[];
}

interface NaiveCriteria {
  readonly paths: readonly string[];
  readonly methods: NaiveMethods | null;
  readonly query: readonly (readonly [name: string, values: readonly string[]])[];
  readonly param: readonly (readonly [name: string, values: readonly string[]])[];
  readonly when: NaiveCondition | null;
  readonly mode: 'enforce' | 'report' | 'off';
}

export interface NaiveRule extends NaiveCriteria {
  readonly id: string;
  readonly says: 'require' | 'deny' | 'public' | 'public: known';
  readonly demand: NaiveDemand | null;
  readonly only: NaiveCondition | null;
  readonly oneTime: boolean;
}

export interface NaiveFloor extends NaiveCriteria {
  readonly id: string;
  /** Null = it denies. */
  readonly demand: NaiveDemand | null;
  readonly except: readonly { readonly path: string; readonly methods: NaiveMethods | null }[];
}

export interface NaivePolicy {
  readonly app: string;
  /** Weakest first. */
  readonly levels: readonly NaiveLevel[];
  readonly require: NaiveDemand | null;
  readonly only: NaiveCondition | null;
  readonly rules: readonly NaiveRule[];
  readonly floors: readonly NaiveFloor[];
  readonly provable: readonly string[];
}

export interface NaiveProof {
  readonly level: string;
  readonly at: number;
  readonly freshAt: number | null;
}

export interface NaiveRequest {
  readonly method: string;
  /** Every way in which the path may be read. */
  readonly paths: readonly (readonly string[])[];
  /** As it came, without `?`. */
  readonly query: string;
  readonly hasBody: boolean;
  /** Null = nobody is signed in. */
  readonly proofs: readonly NaiveProof[] | null;
  readonly now: number;
  readonly rehearsal: boolean;
}

export interface NaiveDecision {
  readonly kind: 'allow' | 'challenge' | 'deny';
  readonly why: string | null;
  /** Who denies, or asks for what is missing. */
  readonly by: string | null;
  /** The level that is asked for. */
  readonly level: string | null;
  readonly demands: readonly string[];
  readonly told: boolean;
}

// Levels: which of them a level stands on, and what a proof is worth.

function levelOf(policy: NaivePolicy, name: string): NaiveLevel {
  const found = policy.levels.find((level) => level.name === name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
}

/** A level and all levels below it. */
function atOrBelow(policy: NaivePolicy, name: string): readonly string[] {
  return [name, ...levelOf(policy, name).above.flatMap((below) => atOrBelow(policy, below))];
}

const isAbove = (policy: NaivePolicy, one: string, other: string): boolean =>
  one !== other && atOrBelow(policy, one).includes(other);

/** The levels, each as long as its own validity, of which one has to be counted to meet the demand with this proof. */
function countedFor(policy: NaivePolicy, proof: string, demand: NaiveDemand): readonly string[] {
  const counts = atOrBelow(policy, proof);
  switch (demand.comparison) {
    case 'minimum':
      return counts.filter((level) => level === demand.level);
    case 'exact':
      return proof === demand.level ? [proof] : [];
    case 'better':
      return counts.filter((level) => isAbove(policy, level, demand.level));
    case 'maximum':
      return atOrBelow(policy, demand.level).includes(proof) ? [proof] : [];
  }
}

/** A clock may be a minute behind another one; nothing else comes from the future. */
const isYoung = (at: number, limit: number, now: number): boolean => now - at < limit && now - at >= -60;

function meets(policy: NaivePolicy, proof: NaiveProof, demand: NaiveDemand, now: number): boolean {
  const { maxAge, since } = demand;
  const counted = countedFor(policy, proof.level, demand);
  const valid = counted.some((level) => isYoung(proof.at, levelOf(policy, level).validity, now));
  const fresh = maxAge === null || (proof.freshAt !== null && isYoung(proof.freshAt, maxAge, now));
  const later = since === null || (proof.freshAt !== null && proof.freshAt > since);
  return valid && fresh && later;
}

function missingWhy(policy: NaivePolicy, request: NaiveRequest, demand: NaiveDemand): string | null {
  const { proofs, now } = request;
  if (proofs === null) return 'no_session';
  if (proofs.some((proof) => meets(policy, proof, demand, now))) return null;
  const wasGiven = proofs.some((proof) => countedFor(policy, proof.level, demand).length > 0);
  return wasGiven ? 'stale_authentication' : 'insufficient_level';
}

function canBeMet(policy: NaivePolicy, demand: NaiveDemand, now: number): boolean {
  const proven = policy.provable.some((level) => countedFor(policy, level, demand).length > 0);
  return proven && (demand.since === null || demand.since <= now);
}

/** The shortest time for which some proof meets the demand. */
function limitOf(policy: NaivePolicy, demand: NaiveDemand): number {
  const validities = policy.levels.flatMap(({ name }) => {
    const counted = countedFor(policy, name, demand);
    return counted.length === 0 ? [] : [Math.max(...counted.map((level) => levelOf(policy, level).validity))];
  });
  return Math.min(...validities, demand.maxAge ?? Infinity);
}

/** Hardest first: the level that is listed later, then the younger proof, then the later moment. */
function byHardness(policy: NaivePolicy, demands: readonly NaiveDemand[]): readonly NaiveDemand[] {
  const place = ({ level }: NaiveDemand): number => policy.levels.findIndex(({ name }) => name === level);
  const least = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...demands].sort(
    (a, b) =>
      least(place(b), place(a)) ||
      least(limitOf(policy, a), limitOf(policy, b)) ||
      least(b.since ?? -Infinity, a.since ?? -Infinity),
  );
}

// Criteria: whether a rule or floor is about a request.

function segmentFits(pattern: string, segment: string): boolean {
  if (pattern === '') return segment === '';
  if (pattern[0] !== '*') return pattern[0] === segment[0] && segmentFits(pattern.slice(1), segment.slice(1));
  return segmentFits(pattern.slice(1), segment) || (segment !== '' && segmentFits(pattern, segment.slice(1)));
}

function piecesFit(pieces: readonly string[], path: readonly string[]): boolean {
  const [piece, ...rest] = pieces;
  const [segment, ...others] = path;
  if (piece === undefined) return segment === undefined;
  if (piece === '**') return piecesFit(rest, path) || (segment !== undefined && piecesFit(pieces, others));
  return segment !== undefined && segmentFits(piece, segment) && piecesFit(rest, others);
}

export const pathFits = (pattern: string, path: readonly string[]): boolean =>
  piecesFit(
    pattern.split('/').filter((piece) => piece !== ''),
    path,
  );

function methodFits(methods: NaiveMethods | null, method: string): boolean {
  if (methods === null) return true;
  const named = methods.names.includes(method === 'HEAD' ? 'GET' : method);
  return methods.all === 'of' ? named : !named;
}

/** The values of a parameter as one kind of reader sees them. */
type Reader = (query: string, name: string) => readonly string[];

/** Of one query different readers take different texts for the same name. */
const SAME_NAME: readonly ((key: string, name: string) => boolean)[] = [
  (key, name) => key === name,
  (key, name) => key.toUpperCase() === name.toUpperCase(),
  (key, name) => key.replaceAll(/[[\]._ ]/g, '') === name.replaceAll(/[[\]._ ]/g, ''),
  (key, name) => key.replace(/[[.:].*/, '') === name,
  (key, name) => key.toUpperCase().replaceAll(/[[\]._ ]/g, '') === name.toUpperCase().replaceAll(/[[\]._ ]/g, ''),
  (key, name) => key.toUpperCase().replace(/[[.:].*/, '') === name.toUpperCase(),
  (key, name) => decodeURIComponent(key) === name,
];

const READERS: readonly Reader[] = ['&', /[&;]/].flatMap((separator) =>
  SAME_NAME.map(
    (same): Reader =>
      (query, name) =>
        query
          .split(separator)
          .map((pair) => pair.replaceAll('+', ' ').split(/=(.*)/s).map(decodeURIComponent))
          .flatMap(([key = '', value = '']) => (key !== '' && same(key, name) ? [value] : [])),
  ),
);

/** Yes or no where all readers agree that it is there once or not at all. */
function parameterFits(query: string, name: string, values: readonly string[]): Truth {
  let seen: readonly (readonly string[])[];
  try {
    seen = READERS.map((reader) => reader(query, name));
  } catch {
    return query === '' ? 'false' : 'failed';
  }
  const [first = []] = seen;
  if (seen.every((one) => one.length === 0)) return 'false';
  if (seen.some((one) => one.length !== 1 || one[0] !== first[0])) return 'failed';
  const value = first[0] ?? '';
  if (values.includes(value)) return 'true';
  const asOthersRead = decodeURIComponent(value).toUpperCase().trim();
  return values.some((one) => one.toUpperCase() === asOthersRead) ? 'failed' : 'false';
}

export function comesTo(condition: NaiveCondition, request: NaiveRequest, path: readonly string[]): Truth {
  const plain = request.proofs === null ? condition.forNobody : condition.forPerson;
  if (!condition.turnsUnderA || path[0] !== 'a') return plain;
  return plain === 'true' ? 'false' : plain === 'false' ? 'true' : plain;
}

/** How the criteria of a rule or floor come out, all of them looked at. */
function fits(item: NaiveCriteria & { readonly says?: string }, request: NaiveRequest, path: readonly string[]): Truth {
  const truths: readonly Truth[] = [
    item.paths.some((pattern) => pathFits(pattern, path)) ? 'true' : 'false',
    methodFits(item.methods, request.method) ? 'true' : 'false',
    ...item.query.map(([name, values]) => parameterFits(request.query, name, values)),
    ...item.param.map(([name, values]): Truth => {
      const inQuery = parameterFits(request.query, name, values);
      if (!request.hasBody) return inQuery;
      // A body may have it (again): enough to be asked for something, not to be let in without.
      return inQuery === 'true' && item.says?.startsWith('public') !== true ? 'true' : 'failed';
    }),
    item.when === null ? 'true' : comesTo(item.when, request, path),
  ];
  for (const truth of ['false', 'person', 'failed'] as const) if (truths.includes(truth)) return truth;
  return 'true';
}

// The order of evaluation.

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
  return challenge(policy, request, demands, inOrder(all.oneTimes)[0] ?? null);
}

function challenge(
  policy: NaivePolicy,
  request: NaiveRequest,
  demands: readonly NaiveDemand[],
  oneTime: NaiveDemand | null,
): NaiveDecision {
  const impossible = demands.find((demand) => !canBeMet(policy, demand, request.now));
  if (impossible !== undefined) return denial('unsatisfiable', impossible.source);
  const sources = demands.map(({ source }) => source);
  const missing = demands.filter((demand) => missingWhy(policy, request, demand) !== null);
  const [hardest] = byHardness(policy, missing);
  const asked = hardest ?? oneTime;
  if (asked === null) return allowance(sources, true);
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
