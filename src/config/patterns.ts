import { foldCase } from '../core/canonical-path.ts';
import { globMatches, type PatternPiece, parsePattern } from '../core/path-pattern.ts';
import { OWN_SEGMENT } from '../core/return-url.ts';
import type { Wrong } from './problems.ts';

/** Where an app is mounted: literal segments. */
export type MountSegments = readonly string[];

/** Reads an app's mount: `/` or a path without wildcards. */
export function parseMount(text: string): MountSegments | Wrong {
  const pieces = parsePattern(text);
  if ('problem' in pieces) return { wrong: 'bad-path', message: pieces.problem };
  const segments: string[] = [];
  for (const piece of pieces) {
    if (piece.kind !== 'literal') return { wrong: 'bad-path', message: 'an app is mounted at a path without "*"' };
    segments.push(piece.text);
  }
  return isReserved(segments[0]) ? RESERVED : segments;
}

/** In whatever case: the gate keeps all of them from the apps. */
const isReserved = (segment: string | undefined): boolean => segment?.toLowerCase() === OWN_SEGMENT;

const RESERVED: Wrong = {
  wrong: 'path-reserved',
  message: `/${OWN_SEGMENT} belongs to the gateway and never reaches an app`,
};

/** The pattern of everything under a mount. */
export const mountPattern = (mount: MountSegments): readonly PatternPiece[] => [
  ...mount.map((text): PatternPiece => ({ kind: 'literal', text })),
  { kind: 'rest' },
];

/**
 * Reads a pattern of an app, the mount included.
 *
 * @param mount - null where it is not known: then the pattern is not compared with it
 * @param windows - the app's paths are compared folded, and so are its patterns
 */
export function parseAppPattern(
  text: string,
  mount: MountSegments | null,
  windows: boolean,
): readonly PatternPiece[] | Wrong {
  const written = parsePattern(text);
  if ('problem' in written) return { wrong: 'bad-path', message: written.problem };
  const pieces = windows ? written.map(folded) : written;
  if (mount !== null && !canLieUnder(pieces, windows ? mount.map(foldCase) : mount)) {
    const hint = `a pattern is the path in the address bar: /${[...mount, '**'].join('/')}`;
    return { wrong: 'path-outside-mount', message: `nothing under the app's mount matches "${text}"`, hint };
  }
  const first = pieces[0];
  if (first?.kind === 'literal' && isReserved(first.text)) return RESERVED;
  return pieces;
}

function folded(piece: PatternPiece): PatternPiece {
  if (piece.kind === 'literal') return { kind: 'literal', text: foldCase(piece.text) };
  if (piece.kind === 'glob') return { kind: 'glob', parts: piece.parts.map(foldCase) };
  return piece;
}

/** Whether some path under the mount can match. */
function canLieUnder(pattern: readonly PatternPiece[], mount: MountSegments): boolean {
  for (const [i, segment] of mount.entries()) {
    const piece = pattern[i];
    if (piece === undefined) return false;
    if (piece.kind === 'rest') return true;
    if (piece.kind === 'literal' && piece.text !== segment) return false;
    if (piece.kind === 'glob' && !globMatches(piece.parts, segment)) return false;
  }
  return true;
}

/** Whether some path of an app that is mounted there can match. */
export const canLieUnderMount = (pattern: readonly PatternPiece[], mount: MountSegments, windows: boolean): boolean =>
  canLieUnder(pattern, windows ? mount.map(foldCase) : mount);

/** Whether a pattern takes more than one text. */
export const isGlob = (pattern: string): boolean => pattern.includes('*');

/** Whether a text fits one of some patterns, in which `*` stands for any characters. */
export function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const globs = patterns.filter(isGlob).map((pattern) => pattern.split('*'));
  return (text) => exact.has(text) || globs.some((parts) => globMatches(parts, text));
}
