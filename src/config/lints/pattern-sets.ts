import { globMatches, type PatternPiece } from '../../core/path-pattern.ts';

/** A path pattern as the set of paths that it matches. */
export type Pattern = readonly PatternPiece[];

/** A piece that stands for exactly one segment. */
type Single = Exclude<PatternPiece, { kind: 'rest' }>;

/** Stands for the stars of a glob that another is compared with: no segment has it, so only a star takes it. */
const STAR = '\0';

/** Whether every path that `inner` matches is matched by `outer` too. Says no where it cannot tell. */
export function covers(outer: Pattern, inner: Pattern): boolean {
  return walk(inner.length, (i, j, go) => {
    const mine = outer[i];
    const theirs = inner[j];
    if (mine === undefined) return theirs === undefined;
    if (mine.kind === 'rest') return go(i + 1, j) || (theirs !== undefined && go(i, j + 1));
    if (theirs === undefined || theirs.kind === 'rest') return false;
    return segmentCovers(mine, theirs) && go(i + 1, j + 1);
  });
}

/** Whether some path is matched by both. */
export function overlaps(one: Pattern, other: Pattern): boolean {
  return walk(other.length, (i, j, go) => {
    const mine = one[i];
    const theirs = other[j];
    if (mine?.kind === 'rest') return go(i + 1, j) || (theirs !== undefined && go(i, j + 1));
    if (theirs?.kind === 'rest') return go(i, j + 1) || (mine !== undefined && go(i + 1, j));
    if (mine === undefined || theirs === undefined) return mine === theirs;
    return segmentsOverlap(mine, theirs) && go(i + 1, j + 1);
  });
}

/** Whether every segment that fits `inner` fits `outer`. */
export function segmentCovers(outer: Single, inner: Single): boolean {
  if (outer.kind === 'any') return true;
  if (inner.kind === 'any') return false;
  const text = inner.kind === 'literal' ? inner.text : inner.parts.join(STAR);
  return outer.kind === 'literal' ? inner.kind === 'literal' && text === outer.text : globMatches(outer.parts, text);
}

/** Whether some segment fits both. */
export function segmentsOverlap(one: Single, other: Single): boolean {
  if (one.kind === 'any' || other.kind === 'any') return true;
  if (one.kind === 'literal') return segmentCovers(other, one);
  if (other.kind === 'literal') return globMatches(one.parts, other.text);
  // Between what two globs start and end with there is room for whatever either of them wants.
  const starts = [one.parts[0] ?? '', other.parts[0] ?? ''] as const;
  const ends = [one.parts.at(-1) ?? '', other.parts.at(-1) ?? ''] as const;
  return (
    (starts[0].startsWith(starts[1]) || starts[1].startsWith(starts[0])) &&
    (ends[0].endsWith(ends[1]) || ends[1].endsWith(ends[0]))
  );
}

/** Walks two patterns side by side. Each pair of places is looked at once, so that several `**` cost no more than their product. */
function walk(width: number, step: (i: number, j: number, go: (i: number, j: number) => boolean) => boolean): boolean {
  const seen = new Map<number, boolean>();
  const go = (i: number, j: number): boolean => {
    const key = i * (width + 1) + j;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const result = step(i, j, go);
    seen.set(key, result);
    return result;
  };
  return go(0, 0);
}
