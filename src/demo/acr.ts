import type { DemoPerson } from './people.ts';

/**
 * The strengths of authentication the demo's people are capable of. By OpenID Connect they are said with these very words
 * (`acr_values_supported`); by SAML with classes of their own.
 */
export const ACR_PASSWORD = 'urn:stepgate:demo:password';
export const ACR_MFA = 'urn:stepgate:demo:mfa';
export const ACR_PASSKEY = 'urn:stepgate:demo:passkey';

/** Weakest first. */
export const SUPPORTED_ACRS: readonly string[] = [ACR_PASSWORD, ACR_MFA, ACR_PASSKEY];

/** How each was done (RFC 8176); of a passkey, see `amr` in passkeys.ts. */
export const AMR_PASSWORD: readonly string[] = ['pwd'];
export const AMR_MFA: readonly string[] = ['pwd', 'otp', 'mfa'];

/** What an application asks of the strength of authentication. */
export interface AskedAcr {
  /** None but these will do (OpenID Connect Core 5.5.1.1, SAML Core 3.3.2.2.1); otherwise they are a wish. */
  readonly essential: boolean;
  /** In order of preference. */
  readonly values: readonly string[];
}

/** Whether this person has what `acr` takes, or, for a passkey, what it takes to register one on the way. */
export function canReach(person: DemoPerson, acr: string): boolean {
  return acr === ACR_PASSWORD || (SUPPORTED_ACRS.includes(acr) && person.totpSecret !== null);
}

/** Whether `acr` is stronger than `other`. One that is not known is weaker than all. */
export function isStronger(acr: string, other: string | undefined): boolean {
  return SUPPORTED_ACRS.indexOf(acr) > SUPPORTED_ACRS.indexOf(other ?? '');
}
