import { METHODS } from 'node:http';
import type { Demand } from '../core/demand.ts';
import type { PatternPiece } from '../core/path-pattern.ts';
import type { Effect, MethodSet, Rule } from '../core/policy.ts';
import { type AppContext, compileDemand } from './compile-demand.ts';
import type { Findings } from './findings.ts';
import { checkName } from './names.ts';
import { suggest } from './nearest.ts';
import { type MountSegments, parseAppPattern } from './patterns.ts';
import { type RuleEntry, ruleSchema } from './policies-schema.ts';
import { isWrong } from './problems.ts';
import { readShape } from './shape.ts';
import { below, type Where } from './source-file.ts';

/** What a rule of one app is compiled against. */
export interface RuleContext extends AppContext {
  /** Null where it is not known. */
  readonly mount: MountSegments | null;
  readonly windows: boolean;
  /** The app's own demand, or the default one. */
  readonly floor: Demand | null;
  /** Whether such a demand is written at all, be it a broken one. */
  readonly hasFloor: boolean;
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly patterns: readonly (readonly PatternPiece[])[];
}

const EVERY_PATH: readonly PatternPiece[] = [{ kind: 'rest' }];

/** Compiles one rule. Null after reporting why not; a rule returned beside problems is never served. */
export function compileRule(
  order: number,
  where: Where,
  context: RuleContext,
  findings: Findings,
): CompiledRule | null {
  const entry = readShape(ruleSchema, where, findings);
  if (entry === null) return null;
  checkName(entry.id, below(where, 'id'), false, findings);
  const effect = compileEffect(entry, where, context, findings);
  const patterns: (readonly PatternPiece[])[] = entry.path === undefined ? [EVERY_PATH] : [];
  for (const [i, written] of (entry.path ?? []).entries()) {
    const pattern = parseAppPattern(written, context.mount, context.windows);
    if (isWrong(pattern)) findings.problem(below(where, 'path', i), pattern.wrong, pattern.message, pattern.hint);
    else patterns.push(pattern);
  }
  const methods = compileMethods(entry, where, findings);
  if (effect === null) return null;
  return { rule: { id: `${context.app}/${entry.id}`, order, methods, effect, note: entry.note ?? null }, patterns };
}

function compileEffect(entry: RuleEntry, where: Where, context: RuleContext, findings: Findings): Effect | null {
  const said = (['public', 'deny', 'require'] as const).filter((key) => entry[key] !== undefined);
  if (said.length > 1) {
    findings.problemAtKey(below(where, said[1] ?? ''), 'contradiction', `a rule says one of: ${said.join(', ')}`);
    return null;
  }
  if (entry.max_age !== undefined && entry.require === undefined) {
    const hint = 'say which level must be that fresh';
    findings.problemAtKey(below(where, 'max_age'), 'max-age-without-require', 'max_age without require', hint);
    return null;
  }
  if (entry.public) return { kind: 'public' };
  if (entry.deny) return { kind: 'deny' };
  const demands = context.floor === null ? [] : [context.floor];
  if (entry.require !== undefined) {
    const source = `${context.app}/${entry.id}`;
    const own = compileDemand(entry.require, entry.max_age, where, source, context, findings);
    return own === null ? null : { kind: 'require', requirement: { demands: [...demands, own] } };
  }
  if (!context.hasFloor) {
    const hint = 'say require, public: true or deny: true';
    findings.problem(where, 'empty-requirement', 'this rule asks for nothing, and neither does its app', hint);
  }
  return demands.length === 0 ? null : { kind: 'require', requirement: { demands } };
}

/** What only reads, besides HEAD, which is judged as GET. */
const READ: MethodSet = { names: new Set(['GET']), inverted: false };
/** Neither reads nor, as a preflight, does anything. */
const NOT_WRITE: readonly string[] = ['GET', 'OPTIONS'];
const KNOWN: ReadonlySet<string> = new Set(METHODS);

function compileMethods(entry: RuleEntry, where: Where, findings: Findings): MethodSet | null {
  if (entry.methods === undefined) return entry.public ? READ : null;
  const named = new Set<string>();
  for (const [i, word] of entry.methods.entries()) {
    if (word === 'read') named.add('GET');
    else if (word === 'HEAD') {
      findings.problem(below(where, 'methods', i), 'unknown-method', 'HEAD is judged as GET', 'write GET or read');
    } else if (word === 'write' || KNOWN.has(word)) named.add(word);
    else {
      const hint = suggest(word, ['read', 'write', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
      findings.problem(below(where, 'methods', i), 'unknown-method', `"${word}" is not a method`, hint);
    }
  }
  if (!named.has('write')) return { names: named, inverted: false };
  return { names: new Set(NOT_WRITE.filter((method) => !named.has(method))), inverted: true };
}
