import * as client from 'openid-client';
import type { StepUpFailure } from '../errors.ts';
import type { Failed } from '../ports.ts';
import { isUnreachable } from './transport.ts';

/** A trip that failed; `detail` is ours and never a value that came over the wire. */
export const failed = (failure: StepUpFailure, detail: string): Failed => ({ ok: false, failure, detail });

/**
 * What the error codes of an authentication response mean to the person. Only `access_denied` is the person's own no.
 * `login_required`, `interaction_required`, `consent_required` and `account_selection_required` are answers to
 * `prompt=none` (OpenID Connect Core 3.1.2.6), which is never asked here: a provider that gives them has a problem, and
 * to tell the person that they cancelled would be untrue.
 */
const ANSWERED: ReadonlyMap<string, StepUpFailure> = new Map([
  ['access_denied', 'access_denied'],
  ['unmet_authentication_requirements', 'level_not_met'],
  ['temporarily_unavailable', 'provider_unavailable'],
  ['server_error', 'provider_error'],
  ['login_required', 'provider_error'],
  ['interaction_required', 'provider_error'],
  ['consent_required', 'provider_error'],
  ['account_selection_required', 'provider_error'],
  ['invalid_request', 'provider_error'],
  ['invalid_scope', 'provider_error'],
  ['unauthorized_client', 'provider_error'],
  ['unsupported_response_type', 'provider_error'],
]);

/** Error codes of the token endpoint (RFC 6749 5.2) that are worth naming in a log. */
const REFUSED: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/** What an error of the code exchange is to the person. Whatever is not known to be harmless is an invalid answer. */
export function failureOf(error: unknown): Failed {
  if (isUnreachable(error)) return failed('provider_unavailable', `provider away: ${codesOf(error)}`);
  if (error instanceof client.AuthorizationResponseError) {
    const failure = ANSWERED.get(error.error);
    return failed(
      failure ?? 'provider_error',
      `provider answered ${failure === undefined ? 'another error' : error.error}`,
    );
  }
  if (error instanceof client.ResponseBodyError) {
    const named = REFUSED.has(error.error) ? error.error : 'another error';
    // The code is not this trip's: used before, meant for another, or injected (RFC 9700 4.5).
    const failure = error.error === 'invalid_grant' ? 'invalid_response' : 'provider_error';
    return failed(failure, `token endpoint answered ${named}`);
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return failed('provider_error', 'token endpoint refused our client authentication');
  }
  return failed('invalid_response', `answer not verified: ${codesOf(error)}`);
}

/** The codes along an error's causes: of the library, of Node, of ours. Messages and values may hold what was sent. */
export function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error && codes.length < 4; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : at.name;
    if (/^\w+$/.test(code) && !codes.includes(code)) codes.push(code);
  }
  return codes.join(' ') || 'unknown';
}
