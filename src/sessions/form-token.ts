import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';
import type { CookieHost } from './cookies.ts';
import { isSeconds, isTextOrNull, readFields } from './fields.ts';
import type { Sealer } from './seal.ts';

/** How long a form of ours can be sent. */
export const FORM_TOKEN_LIFE: Seconds = 600;

const VERSION = 1;
const PURPOSE = 'form token';

/**
 * A token for the sign-out form: shows that the POST comes from a page that we made for this very session.
 *
 * @param family - of the session that the page was shown to; null for nobody
 */
export const sealFormToken = (sealer: Sealer, host: CookieHost, family: string | null, now: Seconds): string =>
  sealer.seal(PURPOSE, host.origin, JSON.stringify([VERSION, family, now + FORM_TOKEN_LIFE]));

/** Whether a token that came with a form was made for this host and family and is not over. */
export function isFormToken(
  sealer: Sealer,
  host: CookieHost,
  sealed: string,
  family: string | null,
  now: Seconds,
): boolean {
  const text = sealer.open(PURPOSE, host.origin, sealed);
  const fields = text === null ? null : readFields(text, VERSION, 2);
  if (fields === null) return false;
  const [owner, expires] = fields;
  if (!isTextOrNull(owner) || owner !== family || !isSeconds(expires)) return false;
  return expires > now && expires <= now + FORM_TOKEN_LIFE + CLOCK_STEP_TOLERANCE;
}
