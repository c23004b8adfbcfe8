import type { Place } from '../../config/source-file.ts';
import { tidy } from '../../observe/log-text.ts';

/** Files, arguments and tokens may hold what would steer a terminal. */
export const safe = (line: string): string => tidy(line.trimEnd(), Infinity);

/** A condition may be written over several lines. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

export const placeText = (place: Place | null): string => (place === null ? '' : `${place.file}:${place.line}`);

/** A title and rows of cells in columns; nothing at all without rows. */
export function titled(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return [title, ...rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`)];
}
