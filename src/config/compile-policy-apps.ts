import type { Demand } from '../core/demand.ts';
import type { Ladder } from '../core/ladder.ts';
import type { PatternPiece } from '../core/path-pattern.ts';
import { PathTree } from '../core/path-tree.ts';
import type { Effect, Rule } from '../core/policy.ts';
import { compileDemand } from './compile-demand.ts';
import type { RunningApp } from './compile-gateway-apps.ts';
import type { CompiledProvider } from './compile-providers.ts';
import { type CompiledRule, compileRule, type RuleContext } from './compile-rules.ts';
import type { Findings } from './findings.ts';
import { checkAppName } from './names.ts';
import { coversMount } from './patterns.ts';
import { policyAppSchema } from './policies-schema.ts';
import { readShape } from './shape.ts';
import { below, keysAt, lengthAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';

/** What the security team demands of an app. */
export interface DemandedApp {
  readonly rules: PathTree<Rule>;
  readonly unmatched: Effect;
  readonly namesMethods: boolean;
}

/** What is known of the other file; null where it could not be read. */
export interface GatewaySide {
  readonly apps: ReadonlyMap<string, RunningApp | null>;
  readonly providers: ReadonlyMap<string, CompiledProvider | null>;
}

/** Compiles the apps of policies.yaml. */
export function compilePolicyApps(
  policies: SourceFile,
  ladder: Ladder | null,
  gateway: GatewaySide | null,
  findings: Findings,
): ReadonlyMap<string, DemandedApp> {
  checkDefault(policies, ladder, findings);
  const apps = new Map<string, DemandedApp>();
  const all = below(top(policies), 'apps');
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkAppName(name, where, findings);
    readShape(policyAppSchema, where, findings);
    const context = contextOf(name, where, ladder, gateway, findings);
    apps.set(name, compilePolicyApp(where, context, findings));
  }
  return apps;
}

/** The default demand is checked once by itself: it may be that no app takes it. */
function checkDefault(policies: SourceFile, ladder: Ladder | null, findings: Findings): void {
  const owner = below(top(policies), 'default');
  const require = valueAt(below(owner, 'require'));
  if (typeof require !== 'string') return;
  const nobody = { app: '', ladder, provider: null, provable: null };
  compileDemand(require, undefined, owner, 'default', nobody, findings);
}

function contextOf(
  app: string,
  where: Where,
  ladder: Ladder | null,
  gateway: GatewaySide | null,
  findings: Findings,
): RuleContext {
  const running = gateway?.apps.get(app) ?? null;
  const provider = running?.entry.provider ?? null;
  const base = {
    app,
    ladder,
    provider,
    provable: (provider === null ? null : gateway?.providers.get(provider)?.provable) ?? null,
    mount: running?.mount ?? null,
    windows: running?.paths.windows ?? false,
  };
  // An app that states no demand takes the default one.
  const own = valueAt(below(where, 'require'));
  const owner = own === undefined ? below(top(where.source), 'default') : where;
  const require = own ?? valueAt(below(owner, 'require'));
  const hasFloor = require !== undefined || valueAt(owner) === null;
  const source = own === undefined ? 'default' : app;
  const floor: Demand | null =
    typeof require === 'string' ? compileDemand(require, undefined, owner, source, base, findings) : null;
  return { ...base, floor, hasFloor };
}

function compilePolicyApp(where: Where, context: RuleContext, findings: Findings): DemandedApp {
  const rules = new PathTree<Rule>();
  const list = below(where, 'rules');
  const ids = new Set<string>();
  let namesMethods = false;
  let last: string | null = null;
  for (let order = 0; order < lengthAt(list); order++) {
    const place = below(list, order);
    checkId(place, ids, findings);
    if (last !== null) {
      findings.notice(place, 'unreachable-rule', `the rule "${last}" above matches everything`, 'move it to the end');
    }
    const compiled = compileRule(order, place, context, findings);
    if (compiled === null) continue;
    namesMethods ||= compiled.rule.methods !== null;
    for (const pattern of compiled.patterns) rules.add(pattern, compiled.rule);
    if (matchesAll(compiled, context)) last ??= compiled.rule.id;
  }
  const unmatched: Effect =
    context.floor === null ? { kind: 'deny' } : { kind: 'require', requirement: { demands: [context.floor] } };
  return { rules, unmatched, namesMethods };
}

function checkId(place: Where, ids: Set<string>, findings: Findings): void {
  const id = valueAt(below(place, 'id'));
  if (typeof id !== 'string') return;
  if (ids.has(id)) findings.problem(below(place, 'id'), 'duplicate-id', `there is a rule "${id}" above already`);
  ids.add(id);
}

function matchesAll({ rule, patterns }: CompiledRule, { mount }: RuleContext): boolean {
  const covers = (pattern: readonly PatternPiece[]): boolean => coversMount(pattern, mount ?? []);
  return rule.methods === null && patterns.some(covers);
}
