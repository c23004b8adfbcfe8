/** What a query says of one parameter, as far as every reader agrees on it. */
export type Parameter =
  | { readonly kind: 'absent' }
  | { readonly kind: 'one'; readonly value: string }
  /** Several of them, another spelling of the name, or escapes that cannot be undone: readers differ. */
  | { readonly kind: 'ambiguous' };

const ABSENT: Parameter = { kind: 'absent' };
const AMBIGUOUS: Parameter = { kind: 'ambiguous' };

/**
 * The parameters of a query (WHATWG URL 5.1), read once. Frameworks differ in what they take for one parameter: in case,
 * in `a[]`, `a[0]`, `a.b` and `a_b`, in `;` as a separator, in how often they undo escapes, in which of two counts. Whatever
 * only some of them would take for a parameter makes it ambiguous, so that nobody is let through by the reading that
 * suits them.
 */
export interface Query {
  parameter(name: string): Parameter;
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

const NOTHING: Query = { parameter: () => ABSENT };

/** Reads a query as received, with its `?` or empty. */
export function readQuery(query: string): Query {
  const text = query.startsWith('?') ? query.slice(1) : query;
  if (text === '') return NOTHING;
  const pairs = pairsOf(text, '&');
  if (pairs === null) return { parameter: () => AMBIGUOUS };
  const folded = new Map<string, Pair[]>();
  const file = (pair: Pair): void => {
    // `a[0]`, `a.b` and `a:int` are a parameter of their own to one reader, and `a` or a part of it to another.
    for (const key of new Set([foldName(pair.name), foldName(pair.name.replace(/[[.:\0].*/s, ''))])) {
      const filed = folded.get(key);
      if (filed === undefined) folded.set(key, [pair]);
      else filed.push(pair);
    }
  };
  for (const pair of pairs) file(pair);
  // Those who take `;` for a separator see more parameters; each of them is one too many.
  if (text.includes(';')) for (const pair of pairsOf(text.replaceAll('&', ';'), ';') ?? []) file(pair);
  return {
    parameter(name) {
      const found = folded.get(foldName(name));
      if (found === undefined) return ABSENT;
      const [only] = found;
      const one = only !== undefined && found.every((pair) => pair.name === name && pair.value === only.value);
      // Read by `&` and by `;` alike it is there twice, and still one.
      return one && pairs.filter((pair) => pair.name === name).length === 1
        ? { kind: 'one', value: only.value }
        : AMBIGUOUS;
    },
  };
}

/** Null where an escape cannot be undone. */
function pairsOf(text: string, separator: '&' | ';'): readonly Pair[] | null {
  const pairs: Pair[] = [];
  for (const piece of text.split(separator)) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = decode(equals < 0 ? piece : piece.slice(0, equals));
    const value = decode(equals < 0 ? '' : piece.slice(equals + 1));
    if (name === null || value === null) return null;
    pairs.push({ name, value });
  }
  return pairs;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** What the most tolerant reader takes for one and the same text. */
const fold = (text: string): string => (decode(text) ?? text).normalize('NFKC').toUpperCase().toLowerCase();

const foldName = (name: string): string => fold(name).replace(/[.[\]_\s\0]/g, '');

/** What the most tolerant reader takes for one and the same value. */
export const foldValue = (value: string): string => fold(value).replace(/\0.*/s, '').trim();
