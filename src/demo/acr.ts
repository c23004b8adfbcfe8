import type { DemoPerson } from './people.ts';

/** The strengths of authentication the demo's provider knows, and says it knows (`acr_values_supported`). */
export const ACR_PASSWORD = 'urn:stepgate:demo:password';
export const ACR_MFA = 'urn:stepgate:demo:mfa';
export const ACR_PASSKEY = 'urn:stepgate:demo:passkey';

/** Weakest first. */
export const SUPPORTED_ACRS: readonly string[] = [ACR_PASSWORD, ACR_MFA, ACR_PASSKEY];

/** How each was done (RFC 8176); of a passkey, see `amr` in passkeys.ts. */
export const AMR_PASSWORD: readonly string[] = ['pwd'];
export const AMR_MFA: readonly string[] = ['pwd', 'otp', 'mfa'];

/** What an authorization request says about the strength of authentication. */
export interface AskedAcr {
  /** None but these will do (OpenID Connect Core 5.5.1.1); otherwise they are a wish. */
  readonly essential: boolean;
  /** In order of preference. */
  readonly values: readonly string[];
}

/**
 * Reads `acr_values` and the `claims` parameter of an authorization request. Where both are sent, `acr_values` wins and
 * the claim's being essential is lost, which is what the engine underneath makes of it and some real servers do too.
 */
export function askedAcr(params: Readonly<Record<string, unknown>>): AskedAcr {
  if (typeof params.acr_values === 'string' && params.acr_values !== '') {
    return { essential: false, values: params.acr_values.split(' ').filter((value) => value !== '') };
  }
  const acr = claimAsked(params.claims, 'acr');
  if (acr === null) return { essential: false, values: [] };
  const values = Array.isArray(acr.values) ? acr.values : [acr.value];
  const known = values.filter((value): value is string => typeof value === 'string');
  return { essential: acr.essential === true && known.length > 0, values: known };
}

/** The one person the request is about (OpenID Connect Core 5.5.1), or null where anybody may answer. */
export function askedSubject(params: Readonly<Record<string, unknown>>): string | null {
  const value = claimAsked(params.claims, 'sub')?.value;
  return typeof value === 'string' ? value : null;
}

function claimAsked(parameter: unknown, name: string): Readonly<Record<string, unknown>> | null {
  if (typeof parameter !== 'string') return null;
  try {
    const claim: unknown = JSON.parse(parameter)?.id_token?.[name];
    return typeof claim === 'object' && claim !== null ? { ...claim } : null;
  } catch {
    return null;
  }
}

/** Whether this person has what `acr` takes, or, for a passkey, what it takes to register one on the way. */
export function canReach(person: DemoPerson, acr: string): boolean {
  return acr === ACR_PASSWORD || (SUPPORTED_ACRS.includes(acr) && person.totpSecret !== null);
}

/** Whether `acr` is stronger than `other`. One that is not known is weaker than all. */
export function isStronger(acr: string, other: string | undefined): boolean {
  return SUPPORTED_ACRS.indexOf(acr) > SUPPORTED_ACRS.indexOf(other ?? '');
}
