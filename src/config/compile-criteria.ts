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
  const when = entry.when === undefined ? null : language.compile(below(where, 'when'), findings);
  if (when === null && entry.when !== undefined) return null;
  return {
    methods: compileMethods(entry.methods, where, findings),
    query: parametersOf(entry.query),
    param: parametersOf(entry.param),
    when,
  };
}

const parametersOf = (entry: CriteriaEntry['query']): readonly ParameterCriterion[] =>
  Object.entries(entry ?? {}).map(([name, values]) => ({ name, values }));

/** What only reads, besides HEAD, which is judged as GET. */
export const READ: MethodSet = { names: new Set(['GET']), inverted: false };
/** Neither reads nor, as a preflight, does anything. */
const NOT_WRITE: readonly string[] = ['GET', 'OPTIONS'];
const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** The methods that the words under `methods` of a map name; null for all of them. */
export function compileMethods(
  words: readonly string[] | undefined,
  where: Where,
  findings: Findings,
): MethodSet | null {
  if (words === undefined) return null;
  const named = new Set<string>();
  for (const [i, word] of words.entries()) {
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
