import type { AskedAcr } from '../acr.ts';

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
