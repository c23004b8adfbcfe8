import type { DemoPerson } from '../people.ts';

/**
 * Which scope gives which claims. `acr`, `amr` and `auth_time` come with every ID token, whether asked for or not;
 * providers that leave them out unless asked exist too, and the gateway asks.
 */
export const CLAIMS_OF_SCOPES = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'preferred_username', 'groups'],
  email: ['email', 'email_verified'],
} as const;

/** Everything that a client of ours may ask for by name (the `claims` parameter, OpenID Connect Core 5.5). */
export const GRANTED_CLAIMS: readonly string[] = [...CLAIMS_OF_SCOPES.profile, ...CLAIMS_OF_SCOPES.email];

export const GRANTED_SCOPES = Object.keys(CLAIMS_OF_SCOPES).join(' ');

/** The claims about one person (OpenID Connect Core 5.1; `groups` is nobody's standard and everybody's practice). */
export function claimsOf(person: DemoPerson): Readonly<Record<string, unknown>> {
  return {
    sub: person.username,
    name: person.name,
    preferred_username: person.username,
    email: person.email,
    email_verified: true,
    groups: person.groups,
  };
}
