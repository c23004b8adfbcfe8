import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';
import type { CookieHost } from './cookies.ts';
import { isSeconds, isText, isTextOrNull, readFields } from './fields.ts';
import { readDemands, safeReturn, type TripDemand, withoutSources, writeDemands } from './flow-codec.ts';
import { shortenReturn } from './return-limit.ts';
import type { Sealer } from './seal.ts';

/** How long a `step_up_url` can be opened. */
export const STEP_UP_TOKEN_LIFE: Seconds = 600;

/** Characters of a `t`: not every client and log takes a long URL. */
export const STEP_UP_TOKEN_LIMIT = 2_000;

/** What the `t` of a `step_up_url` says. Whether the family is still the browser's is for the one who opens it to judge. */
export interface StepUpToken {
  readonly demands: readonly TripDemand[];
  readonly app: string;
  /** The session that was challenged; null for nobody. */
  readonly family: string | null;
  /** Path and query on this origin. */
  readonly returnTo: string;
  readonly expires: Seconds;
}

const VERSION = 2;
const PURPOSE = 'step-up token';

/**
 * Seals the `t` of a `step_up_url`. Its demands come hardest first; a long return URL is shortened.
 */
export function sealStepUpToken(
  sealer: Sealer,
  host: CookieHost,
  { demands, app, family, returnTo }: Omit<StepUpToken, 'expires'>,
  now: Seconds,
): string {
  const fields = [app, family, shortenReturn(returnTo).returnTo, now + STEP_UP_TOKEN_LIFE];
  let sealed = '';
  for (const kept of ways(demands, app)) {
    sealed = sealer.seal(PURPOSE, host.origin, JSON.stringify([VERSION, writeDemands(kept), ...fields]));
    if (sealed.length <= STEP_UP_TOKEN_LIMIT) break;
  }
  return sealed;
}

/** Without who asked, then without the easiest demands: the page itself asks for those when the person is back. */
function* ways(demands: readonly TripDemand[], app: string): Iterable<readonly TripDemand[]> {
  yield demands;
  const anonymous = withoutSources(demands, app);
  for (let count = anonymous.length; count > 0; count--) yield anonymous.slice(0, count);
}

/** What `t` says, or null if it is altered, expired or of another host. */
export function openStepUpToken(sealer: Sealer, host: CookieHost, sealed: string, now: Seconds): StepUpToken | null {
  const text = sealer.open(PURPOSE, host.origin, sealed);
  const fields = text === null ? null : readFields(text, VERSION, 5);
  if (fields === null) return null;
  const [listed, app, family, returnTo, expires] = fields;
  const demands = readDemands(listed);
  if (demands === null || !isText(app) || !isTextOrNull(family) || !isText(returnTo) || !isSeconds(expires))
    return null;
  if (expires <= now || expires > now + STEP_UP_TOKEN_LIFE + CLOCK_STEP_TOLERANCE) return null;
  return { demands, app, family, returnTo: safeReturn(returnTo) ?? '/', expires };
}
