import { type Failed, REVOCATION_MARGIN, type Verified } from '../../ports.ts';
import { readOwnCookies } from '../../sessions/cookies.ts';
import type { Flow } from '../../sessions/flow-codec.ts';
import type { Resumed } from '../../sessions/flows.ts';
import type { Passage } from '../answer.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { isTopLevelNavigation } from '../navigation.ts';
import { refusalAnswer } from '../refusals.ts';
import { answerArrival } from './arrive.ts';
import { revived } from './demands.ts';
import { endTrip, type Return } from './end.ts';
import { answerOrphan } from './orphan.ts';
import { inWorldOfNow } from './world-of-now.ts';

/**
 * The return trip: callback -> flow -> verified answer -> used once -> same person, same family -> new generation -> back,
 * or on to the next thing that is missing, or a page that says why not. Never a loop.
 */
export async function answerCallback(passage: Passage, providerName: string): Promise<Answer> {
  const { current, arrival, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId: passage.requestId });
  // What comes of it changes the session, so a frame or a script of the app's page must not be able to cause it.
  if (!isTopLevelNavigation(arrival)) {
    return refusalAnswer('navigation_required', arrival, { requestId: passage.requestId });
  }
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  const url = new URL(`${host.origin}${arrival.target}`);
  const states = url.searchParams.getAll('state');
  const back: Return = { ...passage, host, cookies, spent: [] };
  if (states.length !== 1 || states[0] === undefined) return endTrip(back, null, 'invalid_response', 'state_parameter');

  const resumed: Resumed = current.flows.resume(host, cookies, states[0], now);
  switch (resumed.kind) {
    case 'invalid':
      return endTrip(back, null, 'invalid_response', 'state_not_ours');
    case 'expired':
    case 'orphan':
      return answerOrphan(back, resumed);
    case 'flow':
      return finishFlow(
        { ...back, spent: [current.flows.clear(host, resumed.slot)] },
        providerName,
        url,
        resumed.flow,
        states[0],
      );
  }
}

async function finishFlow(back: Return, providerName: string, url: URL, flow: Flow, state: string): Promise<Answer> {
  const { current, host, context } = back;
  const provider = current.providers.get(providerName);
  const config = current.world.providers.get(providerName);
  const app = current.world.apps.get(flow.app);
  if (
    provider?.type !== 'oidc' ||
    config === undefined ||
    app === undefined ||
    app.provider !== providerName ||
    flow.provider !== providerName
  ) {
    return endTrip(back, flow, 'invalid_response', 'other_provider');
  }
  const result: Verified | Failed = await provider.finish(url, { nonce: flow.nonce, verifier: flow.verifier }, state);
  if (!result.ok) {
    const [asked] = revived(current, [flow.asked]);
    return endTrip(back, flow, result.failure, result.detail, asked === undefined ? {} : { asked });
  }

  // Only a validated answer uses up the flow, and of two that arrive at once only one does.
  const first = await context.ledger.useOnce(`flow:${flow.id}`, flow.expires + REVOCATION_MARGIN).catch(() => null);
  if (first === null) return endTrip(back, flow, 'ledger_unavailable', 'use_once');
  if (!first) return endTrip(back, flow, 'flow_replayed', 'used');

  // Read only now: session and rules are those that are there when the answer is, not when the exchange began.
  const here = inWorldOfNow(back, flow, config);
  if (here === null) return redirect(`${host.origin}${flow.returnTo}`, back.spent);
  return answerArrival(here, result);
}
