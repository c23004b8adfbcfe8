import { METHODS } from 'node:http';
import type { Criteria, MethodSet, ParameterCriterion } from '../core/policy.ts';
import type { Language } from './cel/language.ts';
import type { Findings } from './findings.ts';
import { suggest } from './nearest.ts';
import type { CriteriaEntry } from './policies-schema.ts';
import { below, type Where } from './source-file.ts';

/** Compiles what a request must fit beside its path. Null after reporting why it cannot be told. */
export function compileCriteria(
  entry: CriteriaEntry,
  where: Where,
  language: Language,
  findings: Findings,
): Criteria | null {
  const methods = compileMethods(entry.methods, where, findings);
  const when = entry.when === undefined ? null : language.compile(below(where, 'when'), findings);
  if (when === null && entry.when !== undefined) return null;
  return {
    methods,
    query: parametersOf(entry.query),
    param: parametersOf(entry.param),
    when,
  };
}

const NONE: readonly ParameterCriterion[] = [];

const parametersOf = (entry: CriteriaEntry['query']): readonly ParameterCriterion[] =>
  entry === undefined ? NONE : Object.entries(entry).map(([name, values]) => ({ name, values }));

/** What only reads, besides HEAD, which is judged as GET. */
export const READ: MethodSet = { names: new Set(['GET']), inverted: false };
/** Neither reads nor, as a preflight, does anything. */
const NOT_WRITE: readonly string[] = ['GET', 'OPTIONS'];
const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** What one word alone names. Thousands of rules share these: what a processor has at hand is found sooner. */
const ALONE: ReadonlyMap<string, MethodSet> = new Map(
  ['read', 'write', ...METHODS].filter((word) => word !== 'HEAD').map((word) => [word, methodsOf(new Set([word]))]),
);

/** The methods that the words under `methods` of a map name; null for all of them. */
export function compileMethods(
  words: readonly string[] | undefined,
  where: Where,
  findings: Findings,
): MethodSet | null {
  if (words === undefined) return null;
  const alone = words.length === 1 ? ALONE.get(words[0] ?? '') : undefined;
  if (alone !== undefined) return alone;
  const named = new Set<string>();
  for (const [i, word] of words.entries()) {
    if (word === 'HEAD') {
      findings.problem(below(where, 'methods', i), 'unknown-method', 'HEAD is judged as GET', 'write GET or read');
    } else if (word === 'read' || word === 'write' || KNOWN.has(word)) named.add(word);
    else {
      const hint = suggest(word, ['read', 'write', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
      findings.problem(below(where, 'methods', i), 'unknown-method', `"${word}" is not a method`, hint);
    }
  }
  return methodsOf(named);
}

/** The methods that known words name together. */
function methodsOf(words: ReadonlySet<string>): MethodSet {
  const names = new Set(words.has('read') ? ['GET', ...words] : words);
  names.delete('read');
  if (!names.has('write')) return { names, inverted: false };
  return { names: new Set(NOT_WRITE.filter((method) => !names.has(method))), inverted: true };
}
