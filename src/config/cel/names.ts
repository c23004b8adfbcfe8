import type { Findings } from '../findings.ts';
import { checkWord } from '../names.ts';
import { below, keysAt, valueAt, type Where } from '../source-file.ts';
import { compileText, reportSlips } from './compile-text.ts';
import type { Named, NamesKnown } from './draft.ts';
import type { Holder, Subject } from './subject.ts';
import type { Run } from './term.ts';

/** A condition with a name, and where it stands; `made` is null where something is wrong with it. */
export interface NamedPlace {
  readonly where: Where;
  readonly made: Named | null;
}
export type Names = ReadonlyMap<string, NamedPlace>;

/** Longer chains of names are not for people, and take a stack as deep. */
const DEEPEST = 32;

/** Compiles a map of conditions, in whatever order they stand there, beside those that are known already. */
export function nameConditions(
  conditions: Where,
  known: Names,
  subjects: ReadonlyMap<string, Subject | Holder>,
  findings: Findings,
): Names {
  const waiting = newNames(conditions, known, findings);
  const names = new Map(known);
  /** What is being compiled, the outermost first. */
  const open: string[] = [];

  const named = (name: string, at: number): Named | 'broken' | null => {
    const user = waiting.get(open.at(-1) ?? '');
    const where = waiting.get(name);
    if (names.has(name) || where === undefined || user === undefined) return found(names, name);
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' -> ');
      findings.problemInText(user, at, 'condition-cycle', `this condition contains itself: ${circle}`);
      return 'broken';
    }
    if (open.length >= DEEPEST) {
      findings.problemInText(user, at, 'bad-condition', TOO_DEEP);
      return 'broken';
    }
    define(name, where);
    return found(names, name);
  };

  const define = (name: string, where: Where): void => {
    open.push(name);
    const made = compileNamed(where, { subjects, named, names: all }, findings);
    open.pop();
    names.set(name, { where, made });
  };
  const all = knownNames([...new Set([...known.keys(), ...waiting.keys()])]);

  for (const [name, where] of waiting) if (!names.has(name)) define(name, where);
  return names;
}

/** So many names are compared with misspelt ones: ten thousand of each would take minutes. */
const MOST_COMPARED = 100_000;

export function knownNames(names: readonly string[]): NamesKnown {
  const set = new Set(names);
  let left = MOST_COMPARED;
  return {
    has: (name) => set.has(name),
    near() {
      left -= names.length;
      return left < 0 ? [] : names;
    },
  };
}

const TOO_DEEP = `conditions name one another more than ${DEEPEST} deep`;

function found(names: Names, name: string): Named | 'broken' | null {
  const place = names.get(name);
  return place === undefined ? null : (place.made ?? 'broken');
}

/** Where the conditions of a map stand, without names that cannot be taken. */
function newNames(conditions: Where, known: Names, findings: Findings): ReadonlyMap<string, Where> {
  const names = new Map<string, Where>();
  for (const name of keysAt(conditions)) {
    const where = below(conditions, name);
    const before = known.get(name);
    if (before !== undefined) {
      findings.problemAtKey(
        where,
        'reserved-name',
        `there is a condition "${name}" in ${before.where.source.file} already`,
      );
    } else if (checkWord(name, where, findings)) names.set(name, where);
  }
  return names;
}

function compileNamed(where: Where, scope: Parameters<typeof compileText>[1], findings: Findings): Named | null {
  const text = valueAt(where);
  // Whoever read the file has reported that.
  if (typeof text !== 'string') return null;
  let depth = 1;
  const named: typeof scope.named = (name, at) => {
    const other = scope.named(name, at);
    if (other !== null && other !== 'broken') depth = Math.max(depth, other.depth + 1);
    return other;
  };
  const { compiled, slips } = compileText(text, { ...scope, named });
  reportSlips(slips, where, findings);
  if (compiled === null) return null;
  if (depth <= DEEPEST) return { run: once(compiled.run), reads: compiled.reads, depth };
  findings.problemInText(where, 0, 'bad-condition', TOO_DEEP);
  return null;
}

/** Finds out once for each request, and reading of its path, however many rules ask. */
function once(run: Run): Run {
  return (facts) => {
    const memo: Map<Run, ReturnType<Run>> = facts.memo instanceof Map ? facts.memo : new Map();
    facts.memo = memo;
    const before = memo.get(run);
    if (before !== undefined) return before;
    const value = run(facts);
    memo.set(run, value);
    return value;
  };
}
