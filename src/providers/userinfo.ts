import * as client from 'openid-client';
import type { OidcProviderConfig } from '../config/world.ts';
import type { Failed } from '../ports.ts';
import { type Claims, claimOf } from './claims.ts';
import type { Discovered } from './discovery.ts';
import { codesOf, failed } from './failure.ts';
import { isUnreachable } from './transport.ts';

/**
 * The claims about a person, completed from the userinfo endpoint (OpenID Connect Core 5.3): what the ID token says itself
 * stays. Only who the person is called and belongs to is taken from there; how they authenticated stands in the ID token
 * alone, and a userinfo answer that says more about it is not listened to.
 *
 * Whatever goes wrong ends the sign-in: without it groups would be missing, and conditions may say that somebody is *not*
 * in one.
 */
export async function completedClaims(
  { configuration }: Discovered,
  config: OidcProviderConfig,
  claims: Claims,
  subject: string,
  accessToken: string,
): Promise<{ readonly ok: true; readonly claims: Claims } | Failed> {
  try {
    // Compares the subject (Core 5.3.2: or else the answer may be about somebody else), verifies a signed answer.
    const answer = await client.fetchUserInfo(configuration, accessToken, subject);
    return { ok: true, claims: complete(claims, answer, config) };
  } catch (error) {
    return failureOfUserinfo(error);
  }
}

function complete(claims: Claims, answer: Claims, config: OidcProviderConfig): Claims {
  const { email, name, groups } = config.claims;
  const lacking = (claim: string | null): claim is string => claim !== null && claimOf(claims, claim) === undefined;
  // An address is believed by what its own source says about it, and by nothing where that says nothing.
  const address = lacking(email) ? [email, 'email_verified'] : [];
  // What conditions read must not bring an address its verification from elsewhere.
  const read = config.claimsKept.filter((claim) => claim !== 'email_verified' && claim !== email);
  const taken = [...address, ...[name, groups, config.loginHint, ...read].filter(lacking)];
  return { ...claims, ...Object.fromEntries(taken.map((claim) => [claim, claimOf(answer, claim)])) };
}

/** What does not fit is no answer to this trip; everything else is a provider that cannot do its part just now. */
const FORGED: ReadonlySet<string> = new Set([
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_KEY_SELECTION_FAILED',
]);

function failureOfUserinfo(error: unknown): Failed {
  const codes = codesOf(error);
  const forged = !isUnreachable(error) && codes.split(' ').some((code) => FORGED.has(code));
  return failed(forged ? 'invalid_response' : 'provider_unavailable', `userinfo: ${codes}`);
}
