/** One piece of a path pattern: a literal segment, a segment with `*` in it, or `**` for any number of segments. */
export type PatternPiece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'glob'; readonly parts: readonly string[] }
  | { readonly kind: 'any' }
  | { readonly kind: 'rest' };

/** A pattern that cannot be read, as a sentence for the person who wrote it. */
export interface PatternProblem {
  readonly problem: string;
}

/**
 * Reads a path pattern: `/a/b`, `/a/*`, `/reports/report-*.pdf`, `/admin/**`. Patterns are written decoded, as a person
 * reads them, and match fully decoded segments. `/admin/**` covers `/admin` itself as well.
 */
export function parsePattern(text: string): readonly PatternPiece[] | PatternProblem {
  if (!text.startsWith('/')) return { problem: 'a path starts with "/"' };
  if (text === '/') return [];
  if (/[?#]/.test(text))
    return { problem: 'a path pattern never looks at the query or fragment: leave out "?" and "#"' };
  if (/%[0-9a-f]{2}/i.test(text))
    return { problem: 'write the path decoded (a space, not %20): patterns match decoded paths' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\\;\u0000-\u001f\u007f]/.test(text))
    return { problem: 'no request path contains "\\", ";" or control characters after decoding' };
  if (text.endsWith('/'))
    return { problem: `write "${text.slice(0, -1)}" for this path or "${text}**" for everything below it` };
  const pieces: PatternPiece[] = [];
  for (const segment of text.slice(1).split('/')) {
    if (segment === '') return { problem: 'empty segment: "//" matches nothing' };
    if (segment === '.' || segment === '..')
      return { problem: '"." and ".." are refused in requests, so they match nothing' };
    if (segment === '**') pieces.push({ kind: 'rest' });
    else if (segment === '*') pieces.push({ kind: 'any' });
    else if (segment.includes('**')) return { problem: '"**" stands for whole segments: write it between slashes' };
    else if (segment.includes('*')) pieces.push({ kind: 'glob', parts: segment.split('*') });
    else pieces.push({ kind: 'literal', text: segment });
  }
  return pieces;
}

/** Whether a segment fits the parts of a glob: the text between its stars, in order. Linear in the segment. */
export function globMatches(parts: readonly string[], segment: string): boolean {
  const first = parts[0] ?? '';
  const last = parts[parts.length - 1] ?? '';
  if (segment.length < first.length + last.length) return false;
  if (!segment.startsWith(first) || !segment.endsWith(last)) return false;
  let at = first.length;
  const end = segment.length - last.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i] ?? '';
    const found = segment.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
