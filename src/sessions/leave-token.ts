import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { EndedSession } from '../core/single-logout.ts';
import type { Seconds } from '../core/time.ts';
import type { CookieHost } from './cookies.ts';
import { isSeconds, isText, isTextOrNull, readFields } from './fields.ts';
import type { Sealer } from './seal.ts';

/** How long the page that leads on to the provider's sign-out can be opened. */
export const LEAVE_TOKEN_LIFE: Seconds = 60;

/** Who has just signed out here, in which browser: what the page behind the sign-out needs to lead on to the provider. */
export interface Leaving extends EndedSession {
  readonly provider: string;
  /** The browser's own random cookie, null where it has none: the page leads nobody on but the one who signed out. */
  readonly browser: string | null;
}

const VERSION = 2;
const PURPOSE = 'leave token';

/** Seals the `t` of the page after a sign-out. */
export function sealLeaveToken(sealer: Sealer, host: CookieHost, leaving: Leaving, now: Seconds): string {
  const { provider, subject, loginHint, providerSession, browser } = leaving;
  const fields = [VERSION, provider, subject, loginHint, providerSession, browser, now + LEAVE_TOKEN_LIFE];
  return sealer.seal(PURPOSE, host.origin, JSON.stringify(fields));
}

/** What `t` says, or null if it is altered, expired or of another host. */
export function openLeaveToken(sealer: Sealer, host: CookieHost, sealed: string, now: Seconds): Leaving | null {
  const text = sealer.open(PURPOSE, host.origin, sealed);
  const fields = text === null ? null : readFields(text, VERSION, 6);
  if (fields === null) return null;
  const [provider, subject, loginHint, providerSession, browser, expires] = fields;
  if (!isText(provider) || !isText(subject) || !isTextOrNull(loginHint)) return null;
  if (!isTextOrNull(providerSession) || !isTextOrNull(browser)) return null;
  if (!isSeconds(expires) || expires <= now || expires > now + LEAVE_TOKEN_LIFE + CLOCK_STEP_TOLERANCE) return null;
  return { provider, subject, loginHint, providerSession, browser };
}
