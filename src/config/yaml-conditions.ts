import { Scalar } from 'yaml';
import { blotOut } from './blot.ts';
import { type SourceFile, valueAt, type Where } from './source-file.ts';
import { offsetInText, scalarAt } from './text-places.ts';

/** Conditions are rarely longer, and a hint is to be read. */
const LONGEST_LINE = 500;
/** As far as a list of conditions is looked back for. */
const MOST_LINES = 200;

/** A condition as it stands in its line, whatever YAML makes of it. */
interface Written {
  readonly line: string;
  /** Of the condition, in the line. */
  readonly start: number;
  readonly end: number;
}

/**
 * What to do where YAML takes a condition for something else than text: `!x` for a tag, `"a" in b` for a text with
 * something behind it, `a ? b : c` for a map. It is the line itself, with the condition in quotes.
 *
 * @param offset - where in the condition something is wrong
 */
export function quotedLine(source: SourceFile, offset: number): string | undefined {
  const written = conditionAt(source, offset);
  return written === null ? undefined : hintFor(written, source);
}

function hintFor(written: Written, source: SourceFile): string | undefined {
  if (isQuoted(written)) return undefined;
  const { line, start, end } = written;
  const text = line.slice(start, end);
  const quoted = /["\\]/.test(text) || !text.includes("'") ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
  const corrected = `${line.slice(0, start)}${quoted}${line.slice(end)}`.trim();
  // The line may hold what is not shown.
  return `put the condition in quotes: ${blotOut({ ...source, text: corrected, root: null })}`;
}

/** The same for a condition that was read as less than what stands in its line. */
export function quotingHint(where: Where): string | undefined {
  if (scalarAt(where)?.type !== Scalar.PLAIN) return undefined;
  const { source } = where;
  const written = conditionAt(source, offsetInText(where, 0));
  if (written === null) return undefined;
  const { line, start, end } = written;
  const text = String(valueAt(where));
  return end - start > text.length && line.startsWith(text, start) ? hintFor(written, source) : undefined;
}

/** The same where a remark (` #`) has cut off the rest of the line, its brackets too: YAML notices at the end of them all. */
export function cutLine(source: SourceFile, offset: number): string | undefined {
  const { line: last } = source.lines.linePos(offset);
  for (let number = last; number > Math.max(0, last - MOST_LINES); number--) {
    const found = conditionsIn(source, number).find(({ line, start, end }) => /\s#/.test(line.slice(start, end)));
    if (found !== undefined) return hintFor(found, source);
  }
  return undefined;
}

const KEY = /(?:^\s*(?:-\s+)*|[{,]\s*)(['"]?)([A-Za-z_]\w*)\1:\s+(?=\S)/g;

function conditionAt(source: SourceFile, offset: number): Written | null {
  const { line, col } = source.lines.linePos(offset);
  return conditionsIn(source, line).find(({ start, end }) => start < col && col <= end + 1) ?? null;
}

/** The conditions in a line, counted from 1. */
function conditionsIn(source: SourceFile, number: number): readonly Written[] {
  const line = lineOf(source, number);
  if (line.length > LONGEST_LINE) return [];
  const found: Written[] = [];
  for (const match of line.matchAll(KEY)) {
    const name = match[2] ?? '';
    const start = match.index + match[0].length;
    // What stands in a condition is no key, whatever it looks like.
    if (start < (found.at(-1)?.end ?? 0)) continue;
    if (name !== 'when' && name !== 'only' && !isNamed(source, number, line, match.index)) continue;
    found.push({ line, start, end: endOf(line, start, isFlow(line, match.index)) });
  }
  return found;
}

/** A line as far as it is looked at. */
function lineOf({ text, lines: { lineStarts } }: SourceFile, number: number): string {
  const from = lineStarts[number - 1] ?? text.length;
  const until = lineStarts[number] ?? text.length;
  return text.slice(from, Math.min(until, from + LONGEST_LINE + 2)).replace(/\r?\n$/, '');
}

/** Whether a key stands in a map, `{…}`, on this line. */
const isFlow = (line: string, at: number): boolean => /[{,]/.test(line.slice(0, at + 1));

/** Whether the line belongs to the map under `conditions`. */
function isNamed(source: SourceFile, number: number, line: string, at: number): boolean {
  if (/(?:^|[\s{,])conditions:\s*\{/.test(line.slice(0, at + 1))) return true;
  const indent = line.search(/\S/);
  for (let above = number - 1; above > Math.max(0, number - MOST_LINES); above--) {
    const before = lineOf(source, above);
    const starts = before.search(/\S/);
    if (starts >= 0 && starts < indent) return /^\s*conditions:\s*(?:#.*)?$/.test(before);
  }
  return false;
}

/** Where a condition ends: in a map at its comma or brace, else at a remark or the end of the line. */
function endOf(line: string, start: number, flow: boolean): number {
  let depth = 0;
  let comma = -1;
  for (let at = start; at < line.length; at++) {
    const sign = line[at] ?? '';
    if (sign === '"' || sign === "'") {
      const close = endOfText(line, at);
      if (close < 0) break;
      at = close;
    } else if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) {
      // A brace that nothing here has opened: the map goes on from lines above.
      if (depth === 0) return trimmed(line, start, comma < 0 ? at : comma);
      depth--;
    } else if (sign === ',' && depth === 0) {
      if (flow) return trimmed(line, start, at);
      if (comma < 0) comma = at;
    } else if (sign === '#' && /\s/.test(line[at - 1] ?? '')) return trimmed(line, start, at);
  }
  return trimmed(line, start, line.length);
}

/** The quote that ends the text which starts at `at`; -1 where there is none. */
function endOfText(line: string, at: number): number {
  for (let i = at + 1; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === line[at]) return i;
  }
  return -1;
}

const trimmed = (line: string, start: number, end: number): number => start + line.slice(start, end).trimEnd().length;

/** Whether it is one text in quotes already, or a block. */
function isQuoted({ line, start, end }: Written): boolean {
  const text = line.slice(start, end);
  if (/^[|>][+-]?\d?$/.test(text)) return true;
  if (text.startsWith("'")) return /^'(?:[^']|'')*'$/.test(text);
  return text.startsWith('"') && endOfText(text, 0) === text.length - 1;
}
