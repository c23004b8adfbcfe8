import type { Problem } from '../config/problems.ts';
import type { CommandIo } from './command.ts';

/** Columns of a line that are shown; of a longer one the part around the problem. */
const WIDEST = 160;

/** Prints each problem with its place, the line itself with a caret, and what to do. */
export function printProblems(problems: readonly Problem[], io: CommandIo): void {
  for (const problem of problems) {
    const { file, line, column, id, message, hint } = problem;
    let text = `${file}:${line}:${column}  ${id}  ${printable(message)}\n`;
    if (problem.source.trim() !== '') text += excerpt(problem);
    if (hint !== null) text += `    ${printable(hint)}\n`;
    io.out(`${text}\n`);
  }
}

function excerpt({ source, column }: Problem): string {
  const from = source.length <= WIDEST ? 0 : Math.max(0, Math.min(column - WIDEST / 2, source.length - WIDEST));
  const shown = source.slice(from, from + WIDEST).trimEnd();
  const margin = source.slice(from, column - 1).replace(/[^\t]/g, ' ');
  return `  | ${printable(shown)}\n  | ${margin}^\n`;
}

/** A file may hold what would steer a terminal. */
const printable = (text: string): string => text.replace(/(?!\t)[\p{Cc}\p{Bidi_Control}]/gu, '?');
