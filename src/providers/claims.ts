import type { OidcWithoutSecrets } from '../config/world.ts';
import type { KnownClaims } from '../core/session.ts';
import type { Identity } from '../ports.ts';

/** The claims of a verified ID token: of known names and unknown shapes. */
export type Claims = Readonly<Record<string, unknown>>;

/** What an operator should hear of an answer that was good enough: a name of ours and something fit for a log. */
export interface Note {
  readonly event: 'unmapped_acr' | 'bad_groups' | 'bad_claim';
  readonly detail: string;
}

/** A claim by its exact name. Dots in a name are part of it: there are no paths. */
export const claimOf = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

/**
 * Who the person is, as far as the provider says. Claims of unexpected shapes are absent, never guessed.
 *
 * @param about - where their name, address, groups and hint stand: the ID token's claims, or those completed
 */
export function readIdentity(
  claims: Claims,
  about: Claims,
  config: OidcWithoutSecrets,
  issuer: string,
  subject: string,
): { readonly identity: Identity; readonly notes: readonly Note[] } {
  const groups = readGroups(about, config);
  const verified = claimOf(about, 'email_verified') === true;
  const { known, unread } = readKeptClaims(about, config.claimsKept);
  const identity: Identity = {
    issuer,
    subject,
    name: textOf(about, config.claims.name),
    email: verified ? textOf(about, config.claims.email) : null,
    groups: [...new Set(groups ?? [])].filter((group) => config.keepsGroup(group)),
    namedGroupsOnly: false,
    claims: known,
    sought: config.sought,
    providerSession: textOf(claims, 'sid'),
    loginHint: hintOf(about, config),
  };
  const notes: Note[] = groups === null ? [{ event: 'bad_groups', detail: 'neither a text nor a list of texts' }] : [];
  for (const name of unread) notes.push({ event: 'bad_claim', detail: `claim=${name}` });
  return { identity, notes };
}

/** Characters of a login hint: it is kept in the session's cookie and goes into URLs. */
const LONGEST_HINT = 128;

function hintOf(claims: Claims, config: OidcWithoutSecrets): string | null {
  const hint = config.loginHint === null ? null : textOf(claims, config.loginHint);
  return hint === null || hint.length > LONGEST_HINT || /\p{Cc}/u.test(hint) ? null : hint;
}

/** Null where the claim has a shape that is no list of groups; then there are none. */
function readGroups(claims: Claims, config: OidcWithoutSecrets): readonly string[] | null {
  const found = config.claims.groups === null ? undefined : claimOf(claims, config.claims.groups);
  if (found === undefined) return [];
  if (typeof found === 'string') return [found];
  return isTexts(found) ? found : null;
}

/** Values of one claim that are kept, and characters of each: sealed into a cookie, which has room for no more. */
const MOST_VALUES = 128;
const LONGEST_VALUE = 512;

/**
 * The claims that conditions read, each as a list of texts. One of another shape or beyond the limits is not known rather
 * than missing: a condition may say that somebody does *not* have it.
 *
 * @returns beside them the names of those that came and are not known
 */
export function readKeptClaims(
  claims: Claims,
  names: readonly string[],
): { readonly known: KnownClaims; readonly unread: readonly string[] } {
  const known = new Map<string, readonly string[] | null>();
  const unread: string[] = [];
  for (const name of names) {
    const found = claimOf(claims, name);
    // OpenID Connect Core 5.3.2: a claim that is not there is left out, and null is what some write instead.
    const values = found === undefined || found === null ? null : textsOf(found);
    if (values === 'unreadable') unread.push(name);
    else known.set(name, values);
  }
  return { known, unread };
}

function textsOf(found: unknown): readonly string[] | 'unreadable' {
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  const kinds = new Set(list.map((value) => typeof value));
  if (kinds.size > 1 || list.length > MOST_VALUES || !list.every(isPlain)) return 'unreadable';
  const texts = list.map(String);
  return texts.every((text) => text.length <= LONGEST_VALUE) ? [...new Set(texts)] : 'unreadable';
}

/** A whole number beyond 2^53 may be another one by now (RFC 8259 6). */
const isPlain = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value)));

const textOf = (claims: Claims, name: string): string | null => {
  const found = claimOf(claims, name);
  return typeof found === 'string' && found !== '' ? found : null;
};

/** Whether a value is an array of strings and nothing else. */
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
