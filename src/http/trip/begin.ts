import type { App, HostEntry } from '../../config/world.ts';
import type { Session } from '../../core/session.ts';
import type { Trip } from '../../core/step-up.ts';
import type { Seconds } from '../../core/time.ts';
import type { StepUpFailure } from '../../errors.ts';
import type { Current } from '../../live/live.ts';
import type { Begun, Ledger } from '../../ports.ts';
import type { OwnCookies } from '../../sessions/cookies.ts';
import { RELAY_STATE_LIMIT, STATE_LIMIT } from '../../sessions/flows.ts';
import { shortenReturn } from '../../sessions/return-limit.ts';
import { postOn, redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { answerUrl } from '../own-routes.ts';
import { countStart } from './attempts.ts';
import { hardestFirst, tripDemand } from './demands.ts';

/** A trip about to begin: what for, from where, and back to where. */
export interface Departure extends Trip {
  readonly host: HostEntry;
  readonly app: App;
  /** Who leaves; null when nobody is signed in. */
  readonly session: Session | null;
  /** Path and query on the host's origin. */
  readonly returnTo: string;
  /** Whether this sign-in was started anew once because its flow was lost. */
  readonly restarted: boolean;
}

/** Why nobody was sent anywhere. */
export interface NotBegun {
  readonly ok: false;
  readonly failure: StepUpFailure | 'ledger_unavailable';
  readonly detail: string;
  /** When another try may succeed, where that is known. */
  readonly retryAfter: Seconds | null;
}

/**
 * Sends the person to the provider for `asked`: makes the flow, seals it into a free slot's cookie and redirects.
 *
 * @returns the 303, or why the provider cannot be asked, or the person not be sent, just now
 */
export async function beginTrip(
  ledger: Ledger,
  current: Current,
  cookies: OwnCookies,
  departure: Departure,
  now: Seconds,
): Promise<{ readonly ok: true; readonly answer: Answer; readonly flow: string } | NotBegun> {
  const { host, app, asked } = departure;
  const provider = current.providers.get(app.provider);
  if (provider === undefined) return notBegun('provider_unavailable', 'no_provider');
  const { returnTo } = shortenReturn(departure.returnTo);
  const reserved = current.flows.reserve(
    host,
    cookies,
    { app: app.name, returnTo, restarted: departure.restarted },
    provider.type === 'saml' ? RELAY_STATE_LIMIT : STATE_LIMIT,
    now,
  );
  const begun = await provider.begin({
    redirectUri: answerUrl(host.origin, provider),
    state: reserved.state,
    demand: asked,
    force: departure.forced,
    person: departure.session,
  });
  if (!begun.ok) return notBegun(begun.failure, begun.detail);
  // Only now: a provider that is away must use up nobody's tries.
  if (departure.session !== null) {
    const wait = await countStart(ledger, current.world, departure.session, now).catch(() => null);
    if (wait === null) return notBegun('ledger_unavailable', 'attempts');
    if (wait > 0) return notBegun('too_many_attempts', 'attempts', wait);
  }
  const flowCookie = current.flows.cookie(host, reserved, {
    id: reserved.id,
    provider: provider.name,
    app: app.name,
    returnTo,
    startedAt: now,
    expires: reserved.expires,
    nonce: begun.kept.nonce,
    verifier: begun.kept.verifier,
    family: departure.family,
    subject: departure.session?.subject ?? null,
    demands: hardestFirst(departure.demands).map(tripDemand),
    asked: tripDemand(asked),
    tried: departure.tried.map(tripDemand),
    forced: departure.forced,
    restarted: departure.restarted,
  });
  const browser = current.flows.browserCookie(host, cookies);
  const answer = leave(begun, browser === null ? [flowCookie] : [flowCookie, browser]);
  return { ok: true, answer, flow: reserved.id };
}

/** A redirect to the provider; or, where it takes requests by post alone, a page whose form posts itself. */
const leave = ({ url, form }: Begun, cookies: readonly string[]): Answer =>
  form === null ? redirect(url, cookies) : postOn(url, form, cookies);

const notBegun = (failure: NotBegun['failure'], detail: string, retryAfter: Seconds | null = null): NotBegun => ({
  ok: false,
  failure,
  detail,
  retryAfter,
});
