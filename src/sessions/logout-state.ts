import { createHmac } from 'node:crypto';
import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { LogoutOutcome } from '../core/single-logout.ts';
import type { Seconds } from '../core/time.ts';
import type { Random } from '../ports.ts';
import type { CookieHost } from './cookies.ts';
import { isSeconds, isText, readFields } from './fields.ts';
import type { Sealer } from './seal.ts';

/** How long a provider may take to sign somebody out. */
export const LOGOUT_LIFE: Seconds = 600;

/** How long the page that says how it went can be opened. */
export const GOODBYE_LIFE: Seconds = 60;

/** 120 bits: nobody guesses which request was whose. */
const NONCE_BYTES = 15;

const PURPOSE_STATE = 'logout state';
const PURPOSE_GOODBYE = 'logout answer';
const VERSION = 1;
const OUTCOMES: readonly LogoutOutcome[] = ['everywhere', 'partly', 'unknown'];

/** A sign-out on its way to a SAML provider. */
export interface Departure {
  /** The ID of the LogoutRequest. Follows from what only this browser has, so that no other can bring the answer. */
  readonly id: string;
  /** The RelayState: 80 characters, which is all that one may have (Bindings 3.4.3). */
  readonly state: string;
}

/**
 * Lets a sign-out go on to a provider, and keeps nothing of it here: what is needed when the answer comes is in the
 * RelayState and in the browser's own cookie.
 *
 * @param place - number of the origin that the browser comes back to: the answer may come to another one
 * @param browser - the browser's own random cookie
 */
export function departForLogout(
  sealer: Sealer,
  provider: string,
  place: number,
  browser: string,
  { random, now }: { readonly random: Random; readonly now: Seconds },
): Departure {
  const nonce = random(NONCE_BYTES);
  const minutes = Math.ceil((now + LOGOUT_LIFE) / 60);
  const text = `${place.toString(36).padStart(2, '0')}${minutes.toString(36).padStart(5, '0')}${nonce}`;
  return { id: requestId(browser, provider, nonce), state: sealer.seal(PURPOSE_STATE, provider, text) };
}

const requestId = (browser: string, provider: string, nonce: string): string =>
  `_${createHmac('sha256', browser)
    .update(JSON.stringify([PURPOSE_STATE, provider, nonce]))
    .digest('base64url')}`;

/** What an answer's RelayState says; null where it is not ours, or over. */
export function openLogoutState(
  sealer: Sealer,
  provider: string,
  state: string,
  now: Seconds,
): { readonly place: number; readonly nonce: string } | null {
  const text = sealer.open(PURPOSE_STATE, provider, state);
  const [, place = '', minutes = '', nonce = ''] = /^([0-9a-z]{2})([0-9a-z]{5})([\w-]{20})$/.exec(text ?? '') ?? [];
  const expires = Number.parseInt(minutes, 36) * 60;
  if (nonce === '' || expires <= now || expires > now + LOGOUT_LIFE + 60 + CLOCK_STEP_TOLERANCE) return null;
  return { place: Number.parseInt(place, 36), nonce };
}

/** What a provider answered, on its way to the browser that asked. */
export interface Goodbye {
  readonly provider: string;
  readonly nonce: string;
  /** The request that it says it answers; empty where nothing was verified. */
  readonly inResponseTo: string;
  readonly outcome: LogoutOutcome;
}

/** Seals what a provider answered for the page that says so. */
export function sealGoodbye(sealer: Sealer, host: Pick<CookieHost, 'origin'>, goodbye: Goodbye, now: Seconds): string {
  const { provider, nonce, inResponseTo, outcome } = goodbye;
  const fields = [VERSION, provider, nonce, inResponseTo, OUTCOMES.indexOf(outcome), now + GOODBYE_LIFE];
  return sealer.seal(PURPOSE_GOODBYE, host.origin, JSON.stringify(fields));
}

/** How a sign-out that this browser began went at the provider; `unknown` for everything else. */
export function openGoodbye(
  sealer: Sealer,
  host: Pick<CookieHost, 'origin'>,
  sealed: string,
  browser: string,
  now: Seconds,
): LogoutOutcome {
  const text = sealer.open(PURPOSE_GOODBYE, host.origin, sealed);
  const [provider, nonce, inResponseTo, outcome, expires] = (text && readFields(text, VERSION, 5)) || [];
  if (!isText(provider) || !isText(nonce) || !isSeconds(expires)) return 'unknown';
  if (expires <= now || expires > now + GOODBYE_LIFE + CLOCK_STEP_TOLERANCE) return 'unknown';
  return inResponseTo === requestId(browser, provider, nonce) ? (OUTCOMES[Number(outcome)] ?? 'unknown') : 'unknown';
}
