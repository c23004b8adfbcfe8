import type { Ladder } from '../../core/ladder.ts';
import type { Floor, Rule } from '../../core/policy.ts';
import type { Seconds } from '../../core/time.ts';
import { compileMethods } from '../compile-criteria.ts';
import type { RunningApp } from '../compile-gateway-apps.ts';
import type { DemandedApp } from '../compile-policy-apps.ts';
import type { CompiledProvider } from '../compile-providers.ts';
import { createFindings } from '../findings.ts';
import { parseAppPattern } from '../patterns.ts';
import { exceptionSchema } from '../policies-schema.ts';
import { isWrong } from '../problems.ts';
import { below, keysAt, lengthAt, type SourceFile, top, valueAt, type Where } from '../source-file.ts';
import type { Methods } from './method-sets.ts';
import { PatternIndex } from './pattern-index.ts';
import { covers, overlaps, type Pattern } from './pattern-sets.ts';

/** What a configuration without problems was compiled into. */
export interface Compiled {
  readonly policies: SourceFile;
  readonly gateway: SourceFile;
  readonly ladder: Ladder;
  readonly lifetime: Seconds;
  /** Whether whoever connects is believed about who they forward for. */
  readonly trustsEveryone: boolean;
  readonly providers: ReadonlyMap<string, CompiledProvider | null>;
  readonly running: ReadonlyMap<string, RunningApp | null>;
  readonly demanded: ReadonlyMap<string, DemandedApp>;
}

/** A whole configuration, as lints look at it. */
export interface Whole extends Pick<Compiled, 'policies' | 'gateway' | 'ladder' | 'lifetime' | 'trustsEveryone'> {
  readonly providers: ReadonlyMap<string, CompiledProvider>;
  readonly apps: readonly LintedApp[];
  /** In the order of the file, whether or not any app is under them. */
  readonly floors: readonly { readonly where: Where; readonly id: string; readonly laid: readonly LintedFloor[] }[];
}

export interface LintedApp {
  readonly name: string;
  /** Its entry in policies.yaml. */
  readonly where: Where;
  readonly policy: DemandedApp;
  readonly running: RunningApp;
  readonly provider: CompiledProvider;
  readonly rules: readonly LintedRule[];
  readonly floors: readonly LintedFloor[];
  /** Conditions by name, as they are written, that its rules may use. */
  readonly conditions: ReadonlyMap<string, string>;
  /** Rules in force that are about every request with their path and method. */
  readonly certain: PatternIndex<LintedRule>;
  /** Every rule in force. */
  readonly enforced: PatternIndex<LintedRule>;
  /** Floors in force. */
  readonly lying: PatternIndex<LintedFloor>;
}

interface Linted {
  readonly patterns: readonly Pattern[];
  readonly where: Where;
  /** Neither off nor only reported. */
  readonly inForce: boolean;
  /** Whether nothing but path and method decides if it is about a request. */
  readonly unconditional: boolean;
}

export interface LintedRule extends Linted {
  readonly rule: Rule;
}

export interface LintedFloor extends Linted {
  readonly floor: Floor;
  readonly app: string;
  readonly exceptions: readonly LintedException[];
}

interface LintedException {
  readonly patterns: readonly Pattern[];
  readonly methods: Methods;
}

/** How much looking-up is spent on an app: linear in its rules, and plenty for any file that somebody wrote. */
const budget = (rules: number): number => 20_000 + 200 * rules;

/** Puts a compiled configuration together with where everything in it stands. */
export function wholeOf(compiled: Compiled): Whole {
  const { policies, gateway, ladder, lifetime, trustsEveryone } = compiled;
  const providers = new Map([...compiled.providers].flatMap(([name, one]) => (one === null ? [] : [[name, one]])));
  const apps = [...compiled.demanded].flatMap(([name, policy]) => {
    const running = compiled.running.get(name);
    const provider = running && providers.get(running.entry.provider);
    return running && provider ? [linted(name, policy, running, provider, policies)] : [];
  });
  const list = below(top(policies), 'floors');
  const laid = Map.groupBy(
    apps.flatMap(({ floors }) => floors),
    ({ floor }) => floor.order,
  );
  const floors = Array.from({ length: lengthAt(list) }, (_, i) => {
    const where = below(list, i);
    return { where, id: `floor/${String(valueAt(below(where, 'id')))}`, laid: laid.get(i) ?? [] };
  });
  return { policies, gateway, ladder, lifetime, trustsEveryone, providers, apps, floors };
}

function linted(
  name: string,
  policy: DemandedApp,
  running: RunningApp,
  provider: CompiledProvider,
  policies: SourceFile,
): LintedApp {
  const where = below(top(policies), 'apps', name);
  const list = below(policy.file === null ? where : top(policy.file), 'rules');
  const rules = policy.ruleList.map(({ rule, patterns, off }): LintedRule => {
    const inForce = !off && rule.mode === 'enforce';
    return { rule, patterns, where: below(list, rule.order), inForce, unconditional: isUnconditional(rule) };
  });
  const floors = policy.floorList.map(({ floor, patterns, off }): LintedFloor => {
    const place = below(top(policies), 'floors', floor.order);
    return {
      floor,
      app: name,
      patterns,
      where: place,
      inForce: !off && floor.mode === 'enforce',
      unconditional: isUnconditional(floor),
      exceptions: exceptionsOf(place, name, running.paths.windows),
    };
  });
  const certain = new PatternIndex<LintedRule>(budget(rules.length));
  const enforced = new PatternIndex<LintedRule>(budget(rules.length));
  for (const one of rules.filter(({ inForce }) => inForce)) {
    for (const pattern of one.patterns) {
      enforced.add(pattern, one);
      if (one.unconditional) certain.add(pattern, one);
    }
  }
  const lying = new PatternIndex<LintedFloor>(budget(rules.length + floors.length));
  for (const one of floors) if (one.inForce) for (const pattern of one.patterns) lying.add(pattern, one);
  const sources = policy.file === null ? [policies] : [policies, policy.file];
  const conditions = new Map(sources.flatMap(conditionsIn));
  return { name, where, policy, running, provider, rules, floors, conditions, certain, enforced, lying };
}

const isUnconditional = ({ when, query, param }: Rule | Floor): boolean =>
  when === null && query.length + param.length === 0;

/** The conditions that a file names, as they are written. */
export function conditionsIn(source: SourceFile): readonly (readonly [string, string])[] {
  const all = below(top(source), 'conditions');
  return keysAt(all).map((name) => [name, String(valueAt(below(all, name)))]);
}

/** What of one app a floor leaves out. Its problems, if it had any, are known already. */
function exceptionsOf(floor: Where, app: string, windows: boolean): readonly LintedException[] {
  const list = below(floor, 'except');
  return Array.from({ length: lengthAt(list) }, (_, i) => below(list, i)).flatMap((where): LintedException[] => {
    const read = exceptionSchema.safeParse(valueAt(where));
    if (!read.success || (read.data.app !== undefined && !read.data.app.includes(app))) return [];
    const patterns = (read.data.path ?? ['/**']).flatMap((text) => {
      const pattern = parseAppPattern(text, null, windows);
      return isWrong(pattern) ? [] : [pattern];
    });
    const methods = compileMethods(read.data.methods, where, createFindings());
    return [{ patterns, methods }];
  });
}

/** Whether a floor leaves out all requests of a pattern with one of its methods; `some`: or may leave out a few. */
export const leavesOut = (
  floor: LintedFloor,
  pattern: Pattern,
  fits: (methods: Methods) => boolean,
  how: 'all' | 'some',
) =>
  floor.exceptions.some(
    ({ patterns, methods }) =>
      fits(methods) && patterns.some((one) => (how === 'all' ? covers : overlaps)(one, pattern)),
  );
