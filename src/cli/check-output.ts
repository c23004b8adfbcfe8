import { formatDuration } from '../config/durations.ts';
import type { LoadResult, UnservableWorld } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import type { Ladder } from '../core/ladder.ts';
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

/** Prints which files are fine, and their levels, weakest first. */
export function printLadder(ladder: Ladder, files: readonly string[], io: CommandIo): void {
  const wide = (of: (level: Ladder['levels'][number]) => string): number =>
    Math.max(...ladder.levels.map((level) => of(level).length));
  const name = wide((level) => level.name);
  const label = wide((level) => level.label);
  io.out(`${files.join(' and ')}: fine\n\nLevels, weakest first:\n`);
  for (const level of ladder.levels) {
    const validity = `valid for ${formatDuration(level.validity)}`;
    io.out(`  ${level.name.padEnd(name)}  ${level.label.padEnd(label)}  ${validity}\n`);
  }
}

/** The same as one JSON document; validity in seconds. */
export function toJson(result: LoadResult<UnservableWorld>, fine: boolean): string {
  const levels = result.ok
    ? result.world.ladder.levels.map(({ name, label, validity }) => ({ name, label, validity }))
    : [];
  const problems = result.ok ? [] : result.problems;
  return `${JSON.stringify({ ok: fine, problems, notices: result.notices, levels }, null, 2)}\n`;
}
