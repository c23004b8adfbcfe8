import type { DemoPerson } from './people.ts';

/** The two strengths of authentication the demo's provider knows, and says it knows (`acr_values_supported`). */
export const ACR_PASSWORD = 'urn:stepgate:demo:password';
export const ACR_MFA = 'urn:stepgate:demo:mfa';

/** Weakest first. */
export const SUPPORTED_ACRS: readonly string[] = [ACR_PASSWORD, ACR_MFA];

/** How each was done (RFC 8176). */
export const AMR_OF: Readonly<Record<string, readonly string[]>> = {
  [ACR_PASSWORD]: ['pwd'],
  [ACR_MFA]: ['pwd', 'otp', 'mfa'],
};

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
  const acr = acrOfClaims(params.claims);
  if (acr === null) return { essential: false, values: [] };
  const values = Array.isArray(acr.values) ? acr.values : [acr.value];
  const known = values.filter((value): value is string => typeof value === 'string');
  return { essential: acr.essential === true && known.length > 0, values: known };
}

function acrOfClaims(parameter: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof parameter !== 'string') return null;
  try {
    const acr: unknown = JSON.parse(parameter)?.id_token?.acr;
    return typeof acr === 'object' && acr !== null ? { ...acr } : null;
  } catch {
    return null;
  }
}

/** Whether this person has what `acr` takes. */
export function canReach(person: DemoPerson, acr: string): boolean {
  return acr === ACR_PASSWORD || (acr === ACR_MFA && person.totpSecret !== null);
}

/** Whether `acr` is stronger than `other`. One that is not known is weaker than all. */
export function isStronger(acr: string, other: string | undefined): boolean {
  return SUPPORTED_ACRS.indexOf(acr) > SUPPORTED_ACRS.indexOf(other ?? '');
}
