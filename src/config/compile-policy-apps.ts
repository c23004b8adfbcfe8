import type { Condition } from '../core/condition.ts';
import type { Demand } from '../core/demand.ts';
import type { Ladder } from '../core/ladder.ts';
import { PathTree } from '../core/path-tree.ts';
import type { Floor, Rule } from '../core/policy.ts';
import type { Language } from './cel/language.ts';
import { compileDemand } from './compile-demand.ts';
import { areTooMany, compileFloor, readFloors, type WrittenFloor } from './compile-floors.ts';
import type { RunningApp } from './compile-gateway-apps.ts';
import type { CompiledProvider } from './compile-providers.ts';
import { compileRule, type RuleContext } from './compile-rules.ts';
import type { Findings } from './findings.ts';
import { checkAppName } from './names.ts';
import { appFileSchema, type DemandEntry, policiesSchema, policyAppSchema } from './policies-schema.ts';
import { readShape } from './shape.ts';
import {
  below,
  keysAt,
  lengthAt,
  type Place,
  placeOf,
  type SourceFile,
  top,
  valueAt,
  type Where,
} from './source-file.ts';
import type { App, PlacedFloor, PlacedRule } from './world.ts';

/** What the security team demands of an app. */
export interface DemandedApp {
  readonly require: Demand | null;
  readonly only: Condition | null;
  readonly rules: PathTree<Rule>;
  readonly floors: PathTree<Floor>;
  readonly ruleList: readonly PlacedRule[];
  readonly floorList: readonly PlacedFloor[];
  readonly places: App['places'];
  readonly namesMethods: boolean;
  readonly owner: string | null;
  /** The file that its rules stand in, where it is one of its own. */
  readonly file: SourceFile | null;
}

/** What is known of the other file; null where it could not be read. */
export interface GatewaySide {
  readonly apps: ReadonlyMap<string, RunningApp | null>;
  readonly providers: ReadonlyMap<string, CompiledProvider | null>;
}

/** What every app of policies.yaml is compiled against. */
export interface PolicyContext {
  readonly ladder: Ladder | null;
  readonly language: Language;
  readonly gateway: GatewaySide | null;
  /** Reads the file of an app. Null after reporting why it cannot be read. */
  readonly appFile: (where: Where) => SourceFile | null;
}

/** Compiles the apps of policies.yaml. */
export function compilePolicyApps(
  policies: SourceFile,
  context: PolicyContext,
  findings: Findings,
): ReadonlyMap<string, DemandedApp> {
  checkDefault(policies, context.ladder, findings);
  const written = readFloors(policies, context, findings);
  const apps = new Map<string, DemandedApp>();
  const all = below(top(policies), 'apps');
  const tooMany = areTooMany(written, keysAt(all).length, below(top(policies), 'floors'), findings);
  const floors = tooMany ? [] : written;
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkAppName(name, where, findings);
    apps.set(name, compilePolicyApp(name, where, context, floors, findings));
  }
  return apps;
}

/** The default demand is checked once by itself: it may be that no app takes it. */
function checkDefault(policies: SourceFile, ladder: Ladder | null, findings: Findings): void {
  const owner = below(top(policies), 'default');
  const entry = defaultEntry(policies);
  if (entry === null) return;
  const nobody = { app: '', ladder, provider: null, provable: null };
  compileDemand(entry, { owner, source: 'default' }, nobody, findings);
}

/** What stands under `default`, where it can be read. */
function defaultEntry(policies: SourceFile): DemandEntry | null {
  const read = policiesSchema.shape.default.safeParse(valueAt(below(top(policies), 'default')));
  return read.success ? (read.data ?? null) : null;
}

function compilePolicyApp(
  name: string,
  where: Where,
  context: PolicyContext,
  written: readonly WrittenFloor[],
  findings: Findings,
): DemandedApp {
  const entry = readShape(policyAppSchema, where, findings);
  const demands = ownDemand(name, where, entry, context, findings);
  const only = entry?.only === undefined ? null : context.language.compile(below(where, 'only'), findings);
  const file = entry?.file === undefined ? null : context.appFile(below(where, 'file'));
  if (entry?.file !== undefined && entry.rules !== undefined) {
    const message = 'an app has its rules here or in a file of its own';
    findings.problemAtKey(below(where, 'rules'), 'contradiction', message, 'move all of them into the file');
  }
  if (file !== null) readShape(appFileSchema, top(file), findings);
  const ruleContext = contextOf(name, demands.hasDemand, context);
  const inFile =
    file === null
      ? ruleContext
      : { ...ruleContext, language: context.language.with(below(top(file), 'conditions'), findings) };
  const ruleList = compileRules(below(file === null ? where : top(file), 'rules'), inFile, findings);
  const floorList = written.flatMap((floor, order) => {
    const laid = compileFloor(order, floor, ruleContext, findings);
    return laid === null ? [] : [laid];
  });
  const trees = filed(ruleList, floorList);
  return {
    require: demands.require,
    only,
    ...trees,
    namesMethods: trees.namesMethods || readsMethod(only),
    ruleList,
    floorList,
    places: { require: demands.place, only: only && placeOf(below(where, 'only')) },
    owner: entry?.owner ?? null,
    file,
  };
}

/** Rules and floors by path, without those that are off. What is only reported makes nobody be refused for a method. */
export function filed(
  rules: readonly PlacedRule[],
  floors: readonly PlacedFloor[],
): { rules: PathTree<Rule>; floors: PathTree<Floor>; namesMethods: boolean } {
  const made = { rules: new PathTree<Rule>(), floors: new PathTree<Floor>(), namesMethods: false };
  for (const { rule, patterns, off } of rules) {
    if (off) continue;
    const named = rule.methods !== null || readsMethod(rule.when) || readsMethod(rule.only);
    made.namesMethods ||= rule.mode === 'enforce' && named;
    for (const pattern of patterns) made.rules.add(pattern, rule);
  }
  for (const { floor, patterns, off } of floors) {
    if (off) continue;
    // An exception may be about some methods only; it is not asked which.
    const named = floor.methods !== null || floor.except !== null || readsMethod(floor.when);
    made.namesMethods ||= floor.mode === 'enforce' && named;
    for (const pattern of patterns) made.floors.add(pattern, floor);
  }
  return made;
}

const readsMethod = (condition: Condition | null): boolean => condition?.reads.names.has('request.method') ?? false;

/** What the app itself demands: its own words, else the default ones. */
function ownDemand(
  app: string,
  where: Where,
  entry: DemandEntry | null,
  context: PolicyContext,
  findings: Findings,
): { readonly require: Demand | null; readonly place: Place | null; readonly hasDemand: boolean } {
  const base = contextOf(app, false, context);
  const own = entry?.require !== undefined || valueAt(below(where, 'require')) !== undefined;
  if (own || entry === null) {
    const require = entry && compileDemand(entry, { owner: where, source: app }, base, findings);
    return { require, place: require && placeOf(below(where, 'require')), hasDemand: true };
  }
  compileDemand(entry, { owner: where, source: app }, base, findings);
  const owner = below(top(where.source), 'default');
  const written = defaultEntry(where.source);
  const require = written && compileDemand(written, { owner, source: 'default' }, base, findings);
  const place = require && placeOf(below(owner, 'require'));
  return { require, place, hasDemand: valueAt(owner) !== undefined };
}

function contextOf(app: string, hasDemand: boolean, { ladder, gateway, language }: PolicyContext): RuleContext {
  const running = gateway?.apps.get(app) ?? null;
  const provider = running?.entry.provider ?? null;
  return {
    app,
    ladder,
    provider,
    provable: (provider === null ? null : gateway?.providers.get(provider)?.provable) ?? null,
    mount: running?.mount ?? null,
    windows: running?.paths.windows ?? false,
    hasDemand,
    language,
  };
}

function compileRules(list: Where, context: RuleContext, findings: Findings): readonly PlacedRule[] {
  const rules: PlacedRule[] = [];
  const ids = new Set<string>();
  for (let order = 0; order < lengthAt(list); order++) {
    const place = below(list, order);
    checkId(place, ids, findings);
    const compiled = compileRule(order, place, context, findings);
    if (compiled !== null) rules.push(compiled);
  }
  return rules;
}

function checkId(place: Where, ids: Set<string>, findings: Findings): void {
  const id = valueAt(below(place, 'id'));
  if (typeof id !== 'string') return;
  if (ids.has(id)) findings.problem(below(place, 'id'), 'duplicate-id', `there is a rule "${id}" above already`);
  ids.add(id);
}
