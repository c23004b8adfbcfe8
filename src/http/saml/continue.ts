import type { Seconds } from '../../core/time.ts';
import { REVOCATION_MARGIN, type Received, type Refused } from '../../ports.ts';
import { believedBy } from '../../providers/believed-alike.ts';
import { readOwnCookies } from '../../sessions/cookies.ts';
import type { Flow } from '../../sessions/flow-codec.ts';
import type { HandedOver } from '../../sessions/received-codec.ts';
import type { Passage } from '../answer.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { isTopLevelNavigation } from '../navigation.ts';
import { refusalAnswer } from '../refusals.ts';
import { answerArrival } from '../trip/arrive.ts';
import { revived } from '../trip/demands.ts';
import { endTrip, type Return } from '../trip/end.ts';
import { answerOrphan } from '../trip/orphan.ts';
import { inWorldOfNow } from '../trip/world-of-now.ts';
import { takeOver } from './hand-over.ts';

/**
 * `GET /.stepgate/saml/PROVIDER/continue?h=…`: the browser comes for what was parked, with the cookies that its post did
 * not bring. Only the flow that asked for it gets it; a handle without that flow is worth nothing, and burns nothing.
 */
export async function answerContinue(passage: Passage, providerName: string): Promise<Answer> {
  const { current, arrival, requestId, now, context } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  if (!isTopLevelNavigation(arrival)) return refusalAnswer('navigation_required', arrival, { requestId });
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  const back: Return = { ...passage, host, cookies, spent: [] };
  const handles = new URL(`${host.origin}${arrival.target}`).searchParams.getAll('h');
  if (handles.length !== 1 || handles[0] === undefined) return endTrip(back, null, 'invalid_response', 'handle');
  const parts = { ledger: context.ledger, sealer: current.sealer, host };
  const handedOver = await takeOver(parts, handles[0]).catch(() => undefined);
  if (handedOver === undefined) return endTrip(back, null, 'ledger_unavailable', 'parked');
  if (handedOver === null) return endTrip(back, null, 'flow_expired', 'hand_over_gone');
  if (handedOver.provider !== providerName) return endTrip(back, null, 'invalid_response', 'other_provider');

  const resumed = current.flows.resume(host, cookies, handedOver.relayState, now);
  switch (resumed.kind) {
    case 'invalid':
      return endTrip(back, null, 'invalid_response', 'relay_state_not_ours');
    case 'expired':
    case 'orphan':
      return answerOrphan(back, resumed);
    case 'flow':
      return finishFlow({ ...back, spent: [current.flows.clear(host, resumed.slot)] }, resumed.flow, handedOver);
  }
}

async function finishFlow(back: Return, flow: Flow, handedOver: HandedOver): Promise<Answer> {
  const { current, host } = back;
  const { provider, result } = handedOver;
  const kept: Return = { ...back, spent: [] };
  const config = current.world.providers.get(provider);
  const app = current.world.apps.get(flow.app);
  if (config?.type !== 'saml' || app?.provider !== provider || flow.provider !== provider) {
    return endTrip(kept, null, 'invalid_response', 'other_provider', { provider });
  }
  // Of this flow, and not merely of some trip that somebody began here.
  if (result.inResponseTo !== flow.nonce) {
    return endTrip(kept, null, 'invalid_response', 'in_response_to', { provider });
  }
  // A reload came between, or another process has another configuration: a page, so that nobody is sent round by that.
  if (handedOver.believed !== believedBy(config)) return endTrip(back, flow, 'flow_expired', 'believed_otherwise');
  if (!result.ok) return endRefused(back, flow, result);
  if (isEndedSince(back, result)) return endTrip(back, flow, 'session_changed', 'ended_meanwhile');
  const first = await useUp(back, flow, provider, result);
  if (first === null) return endTrip(kept, flow, 'ledger_unavailable', 'use_once');
  if (!first) return endTrip(back, flow, 'flow_replayed', 'used');

  const here = inWorldOfNow(back, flow, config);
  if (here === null) return redirect(`${host.origin}${flow.returnTo}`, back.spent);
  return answerArrival(here, result);
}

function endRefused(back: Return, flow: Flow, { failure, detail }: Refused): Promise<Answer> {
  const [asked] = revived(back.current, [flow.asked]);
  // Whoever knows what was asked can post rubbish as an answer to it. The true one may still come.
  const spent = failure === 'invalid_response' ? [] : back.spent;
  return endTrip({ ...back, spent }, flow, failure, detail, asked === undefined ? {} : { asked });
}

/** Whether sessions like the one to be were ended since it was issued: that holds for what comes late too (Core 3.7.3.1). */
function isEndedSince({ context: { ledger }, now }: Return, { identity, issuedAt }: Received): boolean {
  const { issuer, subject, providerSession } = identity;
  const session = { birth: ledger.birth, family: '', generation: 1, issuer, subject, providerSession };
  return ledger.isRevoked({ ...session, createdAt: issuedAt }, now);
}

/** An assertion may say that it lives for years: the flow it answers does not, and without that nobody takes it. */
const LONGEST_REMEMBERED: Seconds = 86_400;

/** The flow and the assertion, both or neither: of twenty that come at once, one gets through. Null where nobody knows. */
const useUp = (back: Return, flow: Flow, provider: string, received: Received): Promise<boolean | null> =>
  back.context.ledger
    .useAllOnce(
      [`flow:${flow.id}`, `assertion:${provider}:${received.assertion}`],
      Math.max(flow.expires, Math.min(received.expires, back.now + LONGEST_REMEMBERED)) + REVOCATION_MARGIN,
    )
    .catch(() => null);
