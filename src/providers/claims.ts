import type { ProviderWithoutSecrets } from '../config/world.ts';
import type { Identity } from '../ports.ts';

/** The claims of a verified ID token: of known names and unknown shapes. */
export type Claims = Readonly<Record<string, unknown>>;

/** What an operator should hear of an answer that was good enough: a name of ours and something fit for a log. */
export interface Note {
  readonly event: 'unmapped_acr' | 'bad_groups';
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
  config: ProviderWithoutSecrets,
  issuer: string,
  subject: string,
): { readonly identity: Identity; readonly notes: readonly Note[] } {
  const groups = readGroups(about, config);
  const verified = claimOf(about, 'email_verified') === true;
  const identity: Identity = {
    issuer,
    subject,
    name: textOf(about, config.claims.name),
    email: verified ? textOf(about, config.claims.email) : null,
    groups: [...new Set(groups ?? [])].filter((group) => config.keepsGroup(group)),
    namedGroupsOnly: false,
    providerSession: textOf(claims, 'sid'),
    loginHint: hintOf(about, config),
  };
  const notes: Note[] = groups === null ? [{ event: 'bad_groups', detail: 'neither a text nor a list of texts' }] : [];
  return { identity, notes };
}

/** Characters of a login hint: it is kept in the session's cookie and goes into URLs. */
const LONGEST_HINT = 128;

function hintOf(claims: Claims, config: ProviderWithoutSecrets): string | null {
  const hint = config.loginHint === null ? null : textOf(claims, config.loginHint);
  return hint === null || hint.length > LONGEST_HINT || /\p{Cc}/u.test(hint) ? null : hint;
}

/** Null where the claim has a shape that is no list of groups; then there are none. */
function readGroups(claims: Claims, config: ProviderWithoutSecrets): readonly string[] | null {
  const found = config.claims.groups === null ? undefined : claimOf(claims, config.claims.groups);
  if (found === undefined) return [];
  if (typeof found === 'string') return [found];
  return isTexts(found) ? found : null;
}

const textOf = (claims: Claims, name: string): string | null => {
  const found = claimOf(claims, name);
  return typeof found === 'string' && found !== '' ? found : null;
};

/** Whether a value is an array of strings and nothing else. */
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
