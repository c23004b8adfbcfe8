import { parseTarget } from './canonical-path.ts';

/** Path prefix of the gateway's own routes, on every app origin. Never proxied. */
export const OWN_SEGMENT = '.stepgate';

/**
 * Where a person may be sent back to: a path and query on the origin they left, never a whole URL. Everything a browser
 * could take for another origin (`//host`, `/\host`, a scheme, control characters) is refused, and so is what could be
 * read as one of our own routes, which would make a trip return into a trip.
 *
 * @returns the value itself, or null
 */
export function returnPath(value: string): string | null {
  if (!value.startsWith('/') || value.startsWith('//') || value.includes('\\')) return null;
  const target = parseTarget(value);
  if ('refused' in target) return null;
  const first = target.segments[0]?.split(/[/;]/, 1)[0];
  return first?.toLowerCase() === OWN_SEGMENT ? null : value;
}
