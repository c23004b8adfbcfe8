import type { PatternPiece } from '../core/path-pattern.ts';
import type { Effect, Rule } from '../core/policy.ts';
import type { Language } from './cel/language.ts';
import { compileCriteria, compileMethods, READ } from './compile-criteria.ts';
import { type AppContext, compileDemand } from './compile-demand.ts';
import type { Findings } from './findings.ts';
import { checkName } from './names.ts';
import { type MountSegments, parseAppPattern } from './patterns.ts';
import { type RuleEntry, ruleSchema } from './policies-schema.ts';
import { isWrong } from './problems.ts';
import { readShape } from './shape.ts';
import { below, placeOf, type Where } from './source-file.ts';
import type { PlacedRule } from './world.ts';

/** What a rule of one app is compiled against. */
export interface RuleContext extends AppContext {
  /** Null where it is not known. */
  readonly mount: MountSegments | null;
  readonly windows: boolean;
  /** Whether the app itself demands something, be it written wrongly. */
  readonly hasDemand: boolean;
  readonly language: Language;
}

const EVERY_PATH: readonly PatternPiece[] = [{ kind: 'rest' }];

/** Compiles one rule. Null after reporting why not; a rule returned beside problems is never served. */
export function compileRule(order: number, where: Where, context: RuleContext, findings: Findings): PlacedRule | null {
  const entry = readShape(ruleSchema, where, findings);
  if (entry === null) return null;
  checkName(entry.id, below(where, 'id'), false, findings);
  const effect = compileEffect(entry, where, context, findings);
  const patterns = compilePaths(entry.path, where, context, findings);
  const criteria = compileCriteria(entry, where, context.language, findings);
  const only = entry.only === undefined ? null : context.language.compile(below(where, 'only'), findings);
  checkOneTime(entry, where, findings);
  if (effect === null || criteria === null || (only === null && entry.only !== undefined)) return null;
  const rule: Rule = {
    id: `${context.app}/${entry.id}`,
    order,
    ...criteria,
    // What nobody is asked for is only ever read, unless it says more.
    methods: entry.methods === undefined && effect.kind === 'public' ? READ : criteria.methods,
    only,
    effect,
    oneTime: entry.one_time ?? false,
    mode: entry.mode === 'report' ? 'report' : 'enforce',
    note: entry.note ?? null,
  };
  const accepted = entry.accept ?? [];
  return { rule, off: entry.mode === 'off', paths: entry.path ?? ['/**'], patterns, accepted, place: placeOf(where) };
}

/** The patterns under `path` of a map; every path where there are none. */
export function compilePaths(
  written: readonly string[] | undefined,
  where: Where,
  { mount, windows }: Pick<RuleContext, 'mount' | 'windows'>,
  findings: Findings,
): readonly (readonly PatternPiece[])[] {
  if (written === undefined) return [EVERY_PATH];
  const patterns: (readonly PatternPiece[])[] = [];
  for (const [i, text] of written.entries()) {
    const pattern = parseAppPattern(text, mount, windows);
    if (isWrong(pattern)) findings.problem(below(where, 'path', i), pattern.wrong, pattern.message, pattern.hint);
    else patterns.push(pattern);
  }
  return patterns;
}

function compileEffect(entry: RuleEntry, where: Where, context: RuleContext, findings: Findings): Effect | null {
  const source = `${context.app}/${entry.id}`;
  const { message, note } = entry;
  const own = compileDemand(entry, { owner: where, source, message, note }, context, findings);
  const said = (['public', 'deny', 'require'] as const).filter((key) => entry[key] !== undefined);
  if (said.length > 1) {
    findings.problemAtKey(below(where, said[1] ?? ''), 'contradiction', `a rule says one of: ${said.join(', ')}`);
    return null;
  }
  if (entry.only !== undefined && (entry.public || entry.deny)) {
    const problem = `a rule that is ${entry.public ? 'public' : 'closed to all'} cannot be for some`;
    findings.problemAtKey(below(where, 'only'), 'contradiction', problem, 'leave out "only", or say require');
    return null;
  }
  if (entry.public) return { kind: 'public', known: entry.public === 'known' };
  if (entry.deny) return { kind: 'deny' };
  if (own !== null) return { kind: 'require', demands: [own] };
  if (entry.require !== undefined) return null;
  if (!context.hasDemand) {
    const hint = 'say require, public: true or deny: true';
    findings.problem(where, 'empty-requirement', 'this rule asks for nothing, and neither does its app', hint);
  }
  return { kind: 'require', demands: [] };
}

/** A step-up of its own is for what changes something, and of a level that is named beside it. */
function checkOneTime(entry: RuleEntry, where: Where, findings: Findings): void {
  if (entry.one_time === undefined) return;
  const place = below(where, 'one_time');
  if (entry.require === undefined) {
    findings.problemAtKey(place, 'demand-without-require', 'one_time without require', 'say which level it is about');
    return;
  }
  const methods = compileMethods(entry.methods, where, findings);
  const reads = ['GET', 'OPTIONS'].some((method) => methods === null || methods.names.has(method) !== methods.inverted);
  if (reads) {
    const message = 'a step-up of its own is only possible for requests that write';
    findings.problemAtKey(place, 'one-time-reads', message, 'say methods: write, or a list without GET and OPTIONS');
  }
  findings.unserved(place, 'one-time-not-served', `"${entry.id}" asks for a step-up of its own for each request`);
}
