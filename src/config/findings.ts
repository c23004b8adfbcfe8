import { blotOut } from './blot.ts';
import { acceptedAt, ownerOf } from './lints/accept.ts';
import type { LoadPurpose } from './load.ts';
import type { NoticeId, Problem, ProblemId } from './problems.ts';
import { offsetOf, type SourceFile, type Where } from './source-file.ts';
import { offsetInText } from './text-places.ts';

/** Collects everything found wrong, in all files, so that it is shown at once. */
export interface Findings {
  problem(where: Where, id: ProblemId, message: string, hint?: string): void;
  /** The same, pointing to the key instead of its value. */
  problemAtKey(where: Where, id: ProblemId, message: string, hint?: string): void;
  /** The same, pointing into the text at a place: `index` in UTF-16 units of its value. */
  problemInText(where: Where, index: number, id: ProblemId, message: string, hint?: string): void;
  problemAtOffset(source: SourceFile, offset: number, id: ProblemId, message: string, hint?: string): void;
  /** A file that could not even be read. */
  problemOfFile(file: string, id: ProblemId, message: string, at?: { line: number }): void;
  /** Not where the entry accepts it. */
  notice(where: Where, id: NoticeId, message: string, hint?: string): void;
  /** Whether a notice was left out because this entry accepts it. */
  wasAccepted(owner: Where, id: string): boolean;
  /** What can be explained and tested, and not be served yet. */
  unserved(where: Where, id: ProblemId & NoticeId, message: string): void;
  /** A test that fails. */
  failedTest(where: Where, message: string, hint: string | undefined): void;
  /** Whether any problem was found so far. */
  failed(): boolean;
  /** By file and line. */
  problems(): readonly Problem[];
  notices(): readonly Problem[];
}

/**
 * @param purpose - what the configuration is loaded for: what is only inspected may say more than can be served, and whom
 *   it is loaded to test runs the tests
 */
export function createFindings(purpose: LoadPurpose['purpose'] = 'serve'): Findings {
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  const accepted = new Set<string>();
  const blotted = new Map<SourceFile, readonly string[]>();

  const place = (source: SourceFile, offset: number, id: Problem['id'], message: string, hint?: string): Problem => {
    let lines = blotted.get(source);
    if (lines === undefined) {
      lines = blotOut(source).split(/\r?\n/);
      blotted.set(source, lines);
    }
    const { line, col } = source.lines.linePos(offset);
    // An empty text has no line at all.
    const at = { line: Math.max(line, 1), column: Math.max(col, 1) };
    const said = { message: clipped(message), hint: hint === undefined ? null : clipped(hint) };
    return { id, ...said, file: source.file, ...at, source: lines[at.line - 1] ?? '' };
  };
  const problemAtOffset: Findings['problemAtOffset'] = (source, offset, id, message, hint) => {
    problems.push(place(source, offset, id, message, hint));
  };
  return {
    problemAtOffset,
    problem: (where, ...rest) => problemAtOffset(where.source, offsetOf(where, false), ...rest),
    problemInText: (where, index, ...rest) => problemAtOffset(where.source, offsetInText(where, index), ...rest),
    problemAtKey: (where, ...rest) => problemAtOffset(where.source, offsetOf(where, true), ...rest),
    problemOfFile: (file, id, message, at) => {
      problems.push({ id, message, hint: null, file, line: at?.line ?? 1, column: 1, source: '' });
    },
    notice: (where, id, ...rest) => {
      // That nothing is accepted by a word is said even where that is accepted.
      const owner = id === 'accept-unused' ? null : ownerOf(where);
      if (owner !== null && acceptedAt(owner).some((one) => one.id === id)) accepted.add(keyOf(owner, id));
      else notices.push(place(where.source, offsetOf(where, false), id, ...rest));
    },
    wasAccepted: (owner, id) => accepted.has(keyOf(owner, id)),
    unserved: (where, id, message) => {
      const hint = 'check, explain and test know it; the gateway does not serve it yet';
      const found = place(where.source, offsetOf(where, true), id, message, hint);
      (purpose === 'serve' ? problems : notices).push(found);
    },
    failedTest: (where, ...rest) => {
      if (purpose !== 'test') problems.push(place(where.source, offsetOf(where, false), 'test-failed', ...rest));
    },
    failed: () => problems.length > 0,
    problems: () => inOrder(problems),
    notices: () => inOrder(notices),
  };
}

/** Sentences quote what is written, and an alias can write what is long a thousand times. In UTF-16 units. */
const LONGEST_SENTENCE = 1000;

const clipped = (text: string): string =>
  text.length <= LONGEST_SENTENCE ? text : `${text.slice(0, LONGEST_SENTENCE)} …`;

const keyOf = ({ source, path }: Where, id: string): string => JSON.stringify([source.file, path, id]);

/** By file and line, each once: one mistake may be met on several ways. */
function inOrder(found: readonly Problem[]): readonly Problem[] {
  const once = new Map<string, Problem>();
  for (const problem of found) {
    const { file, line, column, id, message } = problem;
    once.set(JSON.stringify([file, line, column, id, message]), problem);
  }
  return [...once.values()].sort((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
