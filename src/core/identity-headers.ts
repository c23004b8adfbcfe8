import type { IdentityFacts } from './identity-facts.ts';

/** The headers that tell an upstream who is there and how strongly they are known. All copies of a client are removed. */
export const IDENTITY_HEADERS = [
  'X-Auth-Subject',
  'X-Auth-Email',
  'X-Auth-Name',
  'X-Auth-Groups',
  'X-Auth-Groups-Omitted',
  'X-Auth-Provider',
  'X-Auth-Level',
  'X-Auth-Levels',
  'X-Auth-Time',
  'X-Auth-Acr',
  'X-Auth-Amr',
  'X-Auth-Assertion',
] as const;

/**
 * The identity headers that say these facts, as `[name, value]` pairs. An absent value is an absent header.
 *
 * @param assertion - the same facts, signed
 */
export function identityHeaders(facts: IdentityFacts, assertion: string): readonly (readonly [string, string])[] {
  const headers: [string, string][] = [];
  const set = (name: (typeof IDENTITY_HEADERS)[number], value: string | null): void => {
    if (value !== null && value !== '') headers.push([name, value]);
  };
  const encoded = (text: string | null): string | null => (text === null ? null : encodeValue(text));
  set('X-Auth-Subject', encodeValue(facts.subject));
  set('X-Auth-Email', encoded(facts.email));
  set('X-Auth-Name', encoded(facts.name));
  set('X-Auth-Groups', encodeList(facts.groups));
  set('X-Auth-Groups-Omitted', facts.groupsOmitted ? 'true' : null);
  set('X-Auth-Provider', facts.provider);
  set('X-Auth-Level', facts.level);
  set('X-Auth-Levels', encodeList(facts.levels));
  set('X-Auth-Time', facts.at === null ? null : String(facts.at));
  set('X-Auth-Acr', encoded(facts.acr));
  set('X-Auth-Amr', encodeList(facts.amr));
  set('X-Auth-Assertion', assertion);
  return headers;
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
