import type { OidcProviderConfig } from '../config/world.ts';
import { ageLimit, type Demand } from '../core/demand.ts';
import type { EvidenceMap } from '../core/evidence.ts';
import { standsAtOrAbove } from '../core/ladder.ts';
import type { Ask } from '../ports.ts';

/** What of one trip is fresh random, and so no matter of the ask. */
export interface TripSecrets {
  readonly nonce: string;
  /** S256 of the PKCE verifier (RFC 7636 4.2). */
  readonly challenge: string;
}

/**
 * The parameters of an authentication request (OpenID Connect Core 3.1.2.1). Asking is not proof: every one of them is
 * only a wish, and the answer is judged by what it says.
 *
 * @param takesClaims - whether discovery says `claims_parameter_supported`
 */
export function authorizationParameters(
  config: OidcProviderConfig,
  takesClaims: boolean,
  ask: Ask,
  secrets: TripSecrets,
): URLSearchParams {
  const parameters = new URLSearchParams({
    client_id: config.clientId,
    response_type: 'code',
    redirect_uri: ask.redirectUri,
    scope: config.scopes.join(' '),
    state: ask.state,
    nonce: secrets.nonce,
    code_challenge: secrets.challenge,
    code_challenge_method: 'S256',
    // Also makes auth_time mandatory in the answer (Core 3.1.2.1), whether or not the claims parameter is understood.
    max_age: String(ask.force ? 0 : Math.floor(ageLimit(ask.demand))),
  });
  if (ask.force) parameters.set('prompt', 'login');

  const way = config.ask ?? (takesClaims ? 'claims' : 'acr_values');
  const values = way === 'none' ? [] : acrValues(config.evidence, ask.demand);
  if (values.length > 0 && way !== 'claims') parameters.set('acr_values', values.join(' '));
  const essential = way === 'claims' || way === 'both' ? values : [];
  // acr, amr and auth_time are left out by many providers unless they are asked for by name.
  if (takesClaims || way === 'claims' || way === 'both') {
    parameters.set('claims', JSON.stringify({ id_token: wantedClaims(config, essential) }));
  }
  return parameters;
}

/**
 * The acr values that meet a demand: those of the demanded level, then those of every stronger level, weakest first. None
 * below, since asking a provider for less than its session has lowers that session; and none at all where an
 * authentication without a known acr is already enough and the level has no acr of its own.
 */
export function acrValues(map: EvidenceMap, demand: Demand): readonly string[] {
  const enough = map.marks.filter((mark) => standsAtOrAbove(mark.level, demand.level));
  const named = enough.some((mark) => mark.level === demand.level);
  if (!named && map.unmarked !== null && standsAtOrAbove(map.unmarked, demand.level)) return [];
  return enough.toSorted((a, b) => a.level.rank - b.level.rank).map((mark) => mark.acr);
}

/** The `id_token` member of the claims parameter (Core 5.5); null asks for a claim without insisting. */
function wantedClaims(config: OidcProviderConfig, acr: readonly string[]): Readonly<Record<string, unknown>> {
  const { email, name, groups } = config.claims;
  return {
    [email]: null,
    email_verified: null,
    [name]: null,
    ...(groups === null ? {} : { [groups]: null }),
    acr: acr.length > 0 ? { essential: true, values: acr } : null,
    amr: null,
    auth_time: { essential: true },
  };
}
