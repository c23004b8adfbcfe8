import type { App, HostEntry } from '../config/world.ts';
import type { Decision } from '../core/decide.ts';
import type { Demand } from '../core/demand.ts';
import { returnPath } from '../core/return-url.ts';
import type { Seconds } from '../core/time.ts';
import type { Current } from '../live/live.ts';
import { chooseMessage } from '../pages/language.ts';
import { durationWords, type LevelNeeded } from '../pages/level-needed.ts';
import { renderFormNeedsStepUp, renderFrame } from '../pages/step-up-pages.ts';
import { sealStepUpToken } from '../sessions/step-up-token.ts';
import { json, page } from './answers.ts';
import type { Arrival } from './arrival.ts';
import type { Answer } from './context.ts';
import type { Judged } from './gate.ts';
import { OWN_ROUTES } from './own-routes.ts';
import { hardestFirst, tripDemand } from './trip/demands.ts';

export type Challenge = Extract<Decision, { kind: 'challenge' }>;

const TITLES: Readonly<Record<Challenge['why'], string>> = {
  no_session: 'Nobody is signed in',
  insufficient_level: 'A stronger sign-in is needed',
  stale_authentication: 'A fresh sign-in is needed',
  one_time: 'This needs a sign-in of its own',
};

/** A challenge to whoever cannot be redirected: 401 with an RFC 9470 challenge and a body naming the step-up URL. */
export function challengeClient(verdict: Judged, challenge: Challenge, stepUpUrl: string, requestId: string): Answer {
  const { missing, why, rule } = challenge;
  const body = {
    type: `urn:stepgate:${why}`,
    title: TITLES[why],
    status: 401,
    why,
    rule: rule?.id ?? null,
    level: missing.named.name,
    max_age: missing.maxAge,
    step_up_url: stepUpUrl,
    request_id: requestId,
  };
  return json(401, body, [['WWW-Authenticate', authenticateField(verdict.app, missing)]], 'application/problem+json');
}

/** A challenge to a submitted form: what was entered is neither forwarded nor kept. */
export function challengeForm(
  arrival: Arrival,
  host: HostEntry,
  challenge: Challenge,
  url: string,
  requestId: string,
): Answer {
  const html = renderFormNeedsStepUp({
    stepUpHref: url,
    backHref: refererPath(arrival, host),
    level: levelNeeded(challenge.missing, arrival),
    why: challenge.why,
    requestId,
  });
  return page(401, html);
}

/** A challenge inside a frame: one link that takes the whole window. */
export function challengeFrame(arrival: Arrival, challenge: Challenge, url: string): Answer {
  const html = renderFrame({ stepUpHref: url, level: levelNeeded(challenge.missing, arrival) });
  return page(401, html, { kind: 'frame' });
}

/** What a page says about the missing level, in the language the browser prefers. */
export const levelNeeded = (demand: Demand, arrival: Pick<Arrival, 'headers'>): LevelNeeded => ({
  label: demand.named.label,
  message: chooseMessage(demand.message, arrival.headers['accept-language']),
  maxAge: demand.maxAge,
});

/** The challenge field (RFC 9470 3; RFC 6750 3): acr_values are level names, since we decide for our apps. */
function authenticateField(app: App, missing: Demand): string {
  const parts = [
    `realm="${app.name}"`,
    'error="insufficient_user_authentication"',
    `error_description="${describe(missing)}"`,
    `acr_values="${missing.named.name}"`,
  ];
  if (missing.maxAge !== null) parts.push(`max_age=${missing.maxAge}`);
  return `Bearer ${parts.join(', ')}`;
}

/** RFC 6750 3: error_description is printable ASCII without quote and backslash. */
const DESCRIBABLE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

function describe({ named, maxAge }: Demand): string {
  const label = DESCRIBABLE.test(named.label) ? named.label : named.name;
  return `${label}${maxAge === null ? '' : ` used in the last ${durationWords(maxAge)}`} is required`;
}

/** The step-up URL of a client: sealed to the requirement, the app and the session family, good for ten minutes. */
export function stepUpUrl(
  current: Current,
  arrival: Arrival,
  verdict: Judged,
  challenge: Challenge,
  now: Seconds,
): string {
  const token = sealStepUpToken(
    current.sealer,
    verdict.host,
    {
      app: verdict.app.name,
      family: verdict.opened?.standing.session.family ?? null,
      demands: hardestFirst(challenge.requirement.demands).map(tripDemand),
      returnTo: refererPath(arrival, verdict.host) ?? verdict.app.mount,
    },
    now,
  );
  return `${verdict.host.origin}${OWN_ROUTES.stepUp}?t=${token}`;
}

/** The page a request was made from, if it is one of this origin that a person may be sent back to. */
export function refererPath(arrival: Pick<Arrival, 'headers'>, host: HostEntry): string | null {
  const { referer } = arrival.headers;
  if (referer === undefined || !referer.startsWith(`${host.origin}/`)) return null;
  return returnPath(referer.slice(host.origin.length));
}
