import { youngerThan } from './demand.ts';
import type { Standing } from './evidence.ts';
import { bitOf, type Level, type LevelSet, standsAtOrAbove } from './ladder.ts';
import type { Proof } from './session.ts';
import type { Seconds } from './time.ts';

/** The headers that tell an upstream who is there and how strongly they are known. All copies of a client are removed. */
export const IDENTITY_HEADERS = [
  'X-Auth-Subject',
  'X-Auth-Email',
  'X-Auth-Name',
  'X-Auth-Groups',
  'X-Auth-Provider',
  'X-Auth-Level',
  'X-Auth-Levels',
  'X-Auth-Time',
  'X-Auth-Acr',
  'X-Auth-Amr',
] as const;

/**
 * The identity headers for one session, as `[name, value]` pairs. An absent value is an absent header.
 *
 * @param levels - the ladder, weakest first
 * @param counting - the levels that count now
 * @param mayForwardGroup - which of the person's groups this app is told
 */
export function identityHeaders(
  standing: Standing,
  levels: readonly Level[],
  counting: LevelSet,
  mayForwardGroup: (group: string) => boolean,
  now: Seconds,
): readonly (readonly [string, string])[] {
  const { session } = standing;
  const standingNow = levels.filter((level) => (counting & bitOf(level)) !== 0);
  const strongest = standingNow[standingNow.length - 1];
  const proof = strongest === undefined ? undefined : proofOf(standing, strongest, now);
  const headers: [string, string][] = [];
  const set = (name: (typeof IDENTITY_HEADERS)[number], value: string | null | undefined): void => {
    if (value !== null && value !== undefined && value !== '') headers.push([name, value]);
  };
  set('X-Auth-Subject', encodeValue(session.subject));
  set('X-Auth-Email', session.email === null ? null : encodeValue(session.email));
  set('X-Auth-Name', session.name === null ? null : encodeValue(session.name));
  set('X-Auth-Groups', encodeList(session.groups.filter(mayForwardGroup)));
  set('X-Auth-Provider', session.provider);
  set('X-Auth-Level', strongest?.name);
  set('X-Auth-Levels', encodeList(standingNow.map((level) => level.name)));
  set('X-Auth-Time', proof === undefined ? null : String(Math.floor(proof.at)));
  set('X-Auth-Acr', proof?.acr === null || proof === undefined ? null : encodeValue(proof.acr));
  set('X-Auth-Amr', encodeList(proof?.amr ?? []));
  return headers;
}

/** The newest proof that counts for `level` now. */
function proofOf(standing: Standing, level: Level, now: Seconds): Proof | undefined {
  let found: Proof | undefined;
  for (const { proof, level: proven } of standing.proofs) {
    if (!standsAtOrAbove(proven, level) || !youngerThan(proof.at, level.validity, now)) continue;
    if (found === undefined || proof.at >= found.at) found = proof;
  }
  return found;
}

/**
 * A header value from any text: printable ASCII as it is, everything else, `%` and outer spaces as percent-encoded
 * UTF-8, so that decoding is unconditional and no value can start a new header.
 */
export function encodeValue(text: string): string {
  const printable = text.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);
  const inner = printable.trim();
  if (inner.length === printable.length) return printable;
  const before = inner === '' ? printable.length : printable.indexOf(inner);
  const after = printable.length - before - inner.length;
  return `${'%20'.repeat(before)}${inner}${'%20'.repeat(after)}`;
}

/** Values joined by commas; the comma inside a value is encoded too. */
export function encodeList(values: readonly string[]): string {
  return values.map((value) => encodeValue(value).replaceAll(',', '%2C')).join(',');
}
