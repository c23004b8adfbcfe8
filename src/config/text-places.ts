import { isAlias, isMap, isScalar, isSeq, type Node, Scalar } from 'yaml';
import { offsetOf, pairOf, type Where } from './source-file.ts';

/**
 * Where a character of a text stands in its file, however the text is written there: plain, quoted, with escapes, folded
 * over several lines or as a block.
 *
 * @param index - in UTF-16 units of the value; where it cannot be told the start of the text is given
 */
export function offsetInText(where: Where, index: number): number {
  const scalar = scalarAt(where);
  const start = scalar?.range?.[0];
  if (scalar === null || start === undefined || typeof scalar.value !== 'string') return offsetOf(where, false);
  const places = placesOf(scalar.value.slice(0, index + 1), where.source.text, scalar);
  if (places === null) return start;
  // Behind the last character; an empty text has none.
  return places[index] ?? (places.at(-1) ?? start - 1) + 1;
}

/** The scalar at a place, aliases followed. */
export function scalarAt({ source, path }: Where): Scalar | null {
  const follow = (node: Node | null): Node | null => (isAlias(node) ? (source.targets.get(node) ?? null) : node);
  let node = follow(source.root);
  for (const step of path) {
    if (isMap(node)) node = follow((pairOf(node, step)?.value as Node | null) ?? null);
    else if (isSeq(node) && typeof step === 'number') node = follow((node.items[step] as Node | undefined) ?? null);
    else return null;
  }
  return isScalar(node) ? node : null;
}

/** For each character of the value its offset in the file; null where value and file do not go together. */
function placesOf(value: string, text: string, { type, range }: Scalar): readonly number[] | null {
  const [start = 0, end = 0] = range ?? [];
  if (type === Scalar.PLAIN) return walk(value, text, start, end, plain);
  if (type === Scalar.QUOTE_SINGLE) return walk(value, text, start + 1, end - 1, single);
  if (type === Scalar.QUOTE_DOUBLE) return walk(value, text, start + 1, end - 1, double);
  const first = text.indexOf('\n', start) + 1;
  const indent = margin(text.slice(first, end)) - margin(value);
  return walk(value, text, lineStart(text, first, end, indent), end, plain, indent);
}

/** How many spaces the first line that is not empty starts with. */
const margin = (text: string): number => /^(?:[ \t]*\r?\n)*( *)/.exec(text)?.[1]?.length ?? 0;

/** How many characters at `at` stand for one of the value (or none: `stands` false), where it is not one for one. */
type Step = (text: string, at: number) => { readonly length: number; readonly stands: boolean } | null;

const plain: Step = () => null;
const single: Step = (text, at) => (text.startsWith("''", at) ? { length: 2, stands: true } : null);
const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };
const JOINED = /\\\r?\n[ \t]*/y;
const double: Step = (text, at) => {
  if (text[at] !== '\\') return null;
  // A line that ends in a backslash goes on in the next one without a space.
  JOINED.lastIndex = at;
  const joined = JOINED.exec(text);
  if (joined !== null) return { length: joined[0].length, stands: false };
  return { length: ESCAPE_LENGTHS[text[at + 1] ?? ''] ?? 2, stands: true };
};

/** @param indent - of a block, whose lines keep what stands behind it; other texts drop the spaces around line breaks */
function walk(
  value: string,
  text: string,
  start: number,
  end: number,
  step: Step,
  indent: number | null = null,
): readonly number[] | null {
  const places: number[] = [];
  let at = start;
  while (at < end && places.length < value.length) {
    const next = value[places.length] ?? '';
    if (text[at] === '\n' || text[at] === '\r') {
      // A break stands for a space, for a break, or for nothing beside another one.
      if (text[at] === '\n' && (next === ' ' || next === '\n')) places.push(at);
      at = text[at] === '\n' ? lineStart(text, at + 1, end, indent) : at + 1;
      continue;
    }
    const special = step(text, at);
    if (special === null && text[at] !== next) {
      // Spaces at the end of a line are dropped.
      if (text[at] !== ' ' && text[at] !== '\t') return null;
    } else if (special?.stands !== false) {
      places.push(at);
      // An escape may stand for a character of two units.
      if (special !== null && special.length === 10 && (value.codePointAt(places.length - 1) ?? 0) > 0xffff)
        places.push(at);
    }
    at += special?.length ?? 1;
  }
  return places;
}

/** Where the text of a line starts. */
function lineStart(text: string, from: number, end: number, indent: number | null): number {
  let at = from;
  const limit = Math.min(end, from + (indent ?? Infinity));
  while (at < limit && (text[at] === ' ' || (indent === null && text[at] === '\t'))) at++;
  return at;
}
