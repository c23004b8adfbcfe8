import { LONGEST_RESPONSE } from '../../providers/saml/response.ts';
import type { Passage } from '../answer.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { isTopLevelNavigation } from '../navigation.ts';
import { acsUrl, OWN_ROUTES, urlOf } from '../own-routes.ts';
import { refusalAnswer } from '../refusals.ts';
import { endTrip, type Return } from '../trip/end.ts';
import { handOver } from './hand-over.ts';

/** Bytes of the form that a provider posts: the response, percent-encoded, and the RelayState. */
export const ACS_LIMIT = 3 * LONGEST_RESPONSE;

/** Characters of a RelayState of ours. */
const LONGEST_RELAY_STATE = 80;

/**
 * `POST /.stepgate/saml/PROVIDER/acs` (Bindings 3.5): a page of another site posts here, so the browser sends none of our
 * cookies and nobody knows yet whose trip it is. The response is verified and what came of it is parked; the browser
 * comes back for it with the cookies that say whether it may have it.
 */
export async function answerAcs(passage: Passage, providerName: string, body: unknown): Promise<Answer> {
  const { current, arrival, requestId, now, context } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  if (!isTopLevelNavigation(arrival)) return refusalAnswer('navigation_required', arrival, { requestId });
  const back: Return = { ...passage, host, cookies: new Map(), spent: [] };
  const provider = current.providers.get(providerName);
  if (provider?.type !== 'saml') return refusalAnswer('not_found', arrival, { requestId });
  const fields = readFields(body);
  if (fields === null) return endTrip(back, null, 'invalid_response', 'fields');
  // Before anything is verified: whoever did not begin a trip here costs next to nothing.
  if (!current.flows.isReference(host, fields.relayState, now)) {
    return endTrip(back, null, 'invalid_response', 'relay_state_not_ours');
  }
  const result = await provider.receive(fields.response, acsUrl(host.origin, providerName));
  const parked = { provider: providerName, relayState: fields.relayState, result };
  const handle = await handOver(
    { ledger: context.ledger, sealer: current.sealer, host },
    parked,
    context.random,
    now,
  ).catch(() => null);
  if (handle === null) return endTrip(back, null, 'ledger_unavailable', 'park');
  return redirect(`${urlOf(OWN_ROUTES.samlContinue, host.origin, providerName)}?h=${handle}`);
}

/** The two fields of the form; null unless each is there once, and nothing else is. */
function readFields(body: unknown): { readonly response: string; readonly relayState: string } | null {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const names = [...form.keys()].sort();
  const response = form.get('SAMLResponse');
  const relayState = form.get('RelayState');
  if (names.join() !== 'RelayState,SAMLResponse' || response === null || relayState === null) return null;
  return relayState.length > LONGEST_RELAY_STATE ? null : { response, relayState };
}
