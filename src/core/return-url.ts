/** Path prefix of the gateway's own routes, on every app origin. Never proxied. */
export const OWN_SEGMENT = '.stepgate';

/**
 * Where a person may be sent back to: a path and query on the origin they left, never a whole URL. Everything a browser
 * could take for another origin (`//host`, `/\host`, a scheme, control characters) is refused, and so are our own
 * routes, which would make a trip return into a trip.
 *
 * @returns the value itself, or null
 */
export function returnPath(value: string): string | null {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(value) && value !== '/') return null;
  if (value.includes('\\') || value.includes('#')) return null;
  if (value === `/${OWN_SEGMENT}` || value.startsWith(`/${OWN_SEGMENT}/`) || value.startsWith(`/${OWN_SEGMENT}?`))
    return null;
  return value;
}
