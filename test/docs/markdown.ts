import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's own folder. */
export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block: its language, the words behind it, and its text. */
export interface Fence {
  /** `docs/wire.md:12`, for messages. */
  readonly place: string;
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

export interface Page {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** The text without fenced blocks. */
  readonly prose: string;
}

/** Every page of the documentation. */
export const PAGES: readonly Page[] = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/*.md', { cwd: ROOT })]
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
  .map(readPage);

/** @throws Error when there is no such page */
export function page(path: string): Page {
  const found = PAGES.find((one) => one.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const fences: Fence[] = [];
  const prose: string[] = [];
  let open: { info: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) {
      if (open === null) open = { info: line.slice(3).trim(), line: index + 1, lines: [] };
      else {
        const [language = '', ...words] = open.info.split(/\s+/);
        fences.push({ place: `${path}:${open.line}`, language, words, text: `${open.lines.join('\n')}\n` });
        open = null;
      }
    } else if (open === null) prose.push(line);
    else open.lines.push(line);
  }
  if (open !== null) throw new Error(`${path}:${open.line}: a fence without an end`);
  return { path, text, fences, prose: prose.join('\n') };
}

/** One table: its head and rows, each cell as it is written. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a page whose head starts with these cells. */
export function tables(from: Page, ...head: readonly string[]): readonly Table[] {
  const found: Table[] = [];
  for (const block of from.prose.split(/\n(?!\|)/)) {
    const lines = block.split('\n').filter((line) => line.startsWith('|'));
    const [first, , ...rows] = lines.map(cellsOf);
    if (first !== undefined && head.every((cell, i) => first[i] === cell)) found.push({ head: first, rows });
  }
  return found;
}

/** The rows of the tables whose head starts with these cells. @throws Error when there is no such table */
export function rows(from: Page, ...head: readonly string[]): readonly (readonly string[])[] {
  const found = tables(from, ...head);
  if (found.length === 0) throw new Error(`${from.path}: no table with the head ${head.join(' | ')}`);
  return found.flatMap((table) => table.rows);
}

const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** What stands between backticks in a text, in order. */
export const codes = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** The one thing between backticks in a cell. @throws Error when it is not one */
export function code(cell: string | undefined): string {
  const [only, second] = codes(cell ?? '');
  if (only === undefined || second !== undefined) throw new Error(`one thing in backticks, not: ${cell}`);
  return only;
}

/** The anchors that GitHub makes for the headings of a page. */
export function anchors(from: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const made = new Set<string>();
  for (const [, heading = ''] of from.prose.matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .replace(/`/g, '')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    made.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return made;
}
