import type { OidcWithoutSecrets } from '../config/world.ts';
import { askedAge, type Demand, meetsLevel } from '../core/demand.ts';
import { type EvidenceMap, factsRead, type Mark } from '../core/evidence.ts';
import type { Seconds } from '../core/time.ts';
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
  config: OidcWithoutSecrets,
  takesClaims: boolean,
  ask: Ask,
  secrets: TripSecrets,
  now: Seconds,
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
    max_age: String(ask.force ? 0 : Math.floor(askedAge(ask.demand, now))),
  });
  if (ask.force) parameters.set('prompt', 'login');
  if (ask.person?.loginHint) parameters.set('login_hint', ask.person.loginHint);

  const way = config.ask ?? (takesClaims ? 'claims' : 'acr_values');
  const values = way === 'none' ? [] : acrValues(config.evidence, ask.demand);
  if (values.length > 0 && way !== 'claims') parameters.set('acr_values', values.join(' '));
  const claims = {
    // acr, amr and auth_time are left out by many providers unless they are asked for by name.
    ...(takesClaims || way === 'claims' || way === 'both'
      ? wantedClaims(config, way === 'acr_values' ? [] : values, ask)
      : {}),
    ...(way === 'none' ? {} : wantedContexts(config.evidence, ask.demand)),
  };
  if (Object.keys(claims).length > 0) parameters.set('claims', JSON.stringify({ id_token: claims }));
  return parameters;
}

/**
 * The marks of the levels that meet a demand, as they are preferred: of those at or above what is demanded the weakest
 * first, so that nobody is asked for more than is needed; of those at or below it the strongest.
 */
function preferred({ marks }: EvidenceMap, demand: Demand): readonly Mark[] {
  const meeting = marks.filter(({ level }) => meetsLevel(level, demand));
  const upwards = demand.comparison === 'maximum' ? -1 : 1;
  return meeting.toSorted((a, b) => upwards * (a.level.rank - b.level.rank));
}

/** Whether an authentication that no level names is enough, where what is demanded cannot be asked for by itself. */
const nothingToAsk = ({ unmarked }: EvidenceMap, nearest: Mark | undefined, demand: Demand): boolean =>
  unmarked !== null && nearest?.level !== demand.level && meetsLevel(unmarked, demand);

/**
 * The acr values that meet a demand: those of the demanded level where it meets the demand itself, then those of every
 * other level that does, nearest first. None besides: asking a provider for less than its session has lowers that session,
 * and only `maximum` wants that. None at all where an authentication that no level names is already enough, or where the
 * nearest level is proven by something else than an acr: the next would be more than is asked.
 */
export function acrValues(map: EvidenceMap, demand: Demand): readonly string[] {
  const marks = preferred(map, demand);
  const [nearest] = marks;
  if (nothingToAsk(map, nearest, demand) || nearest?.acr.length === 0) return [];
  return [...new Set(marks.flatMap(({ acr }) => acr))];
}

/**
 * The `acrs` member of the claims parameter where the level nearest to the demand is proven by authentication contexts.
 * Entra ID takes it without saying so in its metadata. Only those of one level: the answer is a list, so asking for one
 * loses nothing. A single one is sent as the vendor's own samples do.
 */
function wantedContexts(map: EvidenceMap, demand: Demand): Readonly<Record<string, unknown>> {
  const [nearest] = preferred(map, demand);
  if (nearest === undefined || nearest.acrs.length === 0 || nothingToAsk(map, nearest, demand)) return {};
  const [value, ...others] = nearest.acrs;
  return { acrs: { essential: true, ...(others.length === 0 ? { value } : { values: nearest.acrs }) } };
}

/** The `id_token` member of the claims parameter (Core 5.5); null asks for a claim without insisting. */
function wantedClaims(
  config: OidcWithoutSecrets,
  acr: readonly string[],
  { person }: Pick<Ask, 'person'>,
): Readonly<Record<string, unknown>> {
  const { email, name, groups } = config.claims;
  const { marks } = config.evidence;
  const readsAmr = marks.some(({ amrAll, amrAny }) => amrAll.length + amrAny.length > 0);
  const named = [
    email,
    'email_verified',
    name,
    groups,
    config.loginHint,
    ...config.claimsKept,
    ...factsRead(config.evidence).map(([claim]) => claim),
  ];
  return {
    ...Object.fromEntries(named.flatMap((claim) => (claim === null ? [] : [[claim, null]]))),
    acr: acr.length > 0 ? { essential: true, values: acr } : null,
    // Some give it only to who insists.
    amr: readsAmr ? { essential: true } : null,
    auth_time: { essential: true },
    // Core 5.5.1: no other person is to be signed in.
    ...(person === null ? {} : { sub: { value: person.subject } }),
  };
}
