import { believedBy } from '../../providers/believed-alike.ts';
import { LONGEST_RESPONSE } from '../../providers/saml/response.ts';
import type { Passage } from '../answer.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { isTopLevelNavigation } from '../navigation.ts';
import { acsUrl, OWN_ROUTES, urlOf } from '../own-routes.ts';
import { refusalAnswer } from '../refusals.ts';
import { claimOf } from '../trip/claim.ts';
import { endTrip, type Return } from '../trip/end.ts';
import { type Handed, handOver, isAddressed } from './hand-over.ts';
import type { PostLimit } from './post-limit.ts';

/** Bytes of the form that a provider posts: the response, percent-encoded, and the RelayState. */
export const ACS_LIMIT = 3 * LONGEST_RESPONSE;

/** Characters of a RelayState of ours. */
const LONGEST_RELAY_STATE = 80;

/**
 * `POST /.stepgate/saml/PROVIDER/acs` (Bindings 3.5): a page of another site posts here, so the browser sends none of our
 * cookies and nobody knows yet whose trip it is. The response is verified and what came of it is parked; the browser
 * comes back for it with the cookies that say whether it may have it.
 */
export async function answerAcs(
  passage: Passage,
  providerName: string,
  body: unknown,
  posts: PostLimit,
): Promise<Answer> {
  const { current, arrival, requestId, now, context } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  if (!isTopLevelNavigation(arrival)) return refusalAnswer('navigation_required', arrival, { requestId });
  const provider = current.providers.get(providerName);
  const config = current.world.providers.get(providerName);
  if (provider?.type !== 'saml' || config?.type !== 'saml' || !host.providers.includes(providerName)) {
    return refusalAnswer('not_found', arrival, { requestId });
  }
  const back: Return = { ...passage, host, cookies: new Map(), spent: [] };
  const end = (failure: Parameters<typeof endTrip>[2], detail: string, claim?: string): Promise<Answer> =>
    endTrip(back, null, failure, detail, { provider: providerName, ...(claim === undefined ? {} : { claim }) });
  const fields = readFields(body);
  if (fields === null) return end('invalid_response', 'fields');
  const { relayState } = fields;
  // Before anything is verified: whoever did not begin a trip here costs next to nothing.
  if (!current.flows.isReference(host, relayState, now)) return end('invalid_response', 'relay_state_not_ours');
  if (posts.isOver(relayState)) return end('flow_replayed', 'posted_too_often');

  const result = await provider.receive(fields.response, acsUrl(host.origin, providerName));
  // Nothing to come for: nobody can tell whose trip it was, or whether it would have been.
  if (!result.ok && !isAddressed(result)) return end(result.failure, result.detail);
  const parts = { ledger: context.ledger, sealer: current.sealer, host };
  const handedOver = { provider: providerName, relayState, believed: believedBy(config), result };
  const handed = await handOver(parts, handedOver, config.namesGroup, context.random, now).catch(() => NOT_PARKED);
  if (handed.ok) return redirect(`${urlOf(OWN_ROUTES.samlContinue, host.origin, providerName)}?h=${handed.handle}`);
  if (handed.largest === null) return end('ledger_unavailable', 'park');
  const claim = claimOf(config, handed.largest);
  return end('claims_too_large', `claim=${claim}`, claim);
}

const NOT_PARKED: Handed = { ok: false, largest: null };

/** The two fields of the form; null unless each is there once, and nothing else is. */
function readFields(body: unknown): { readonly response: string; readonly relayState: string } | null {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const names = [...form.keys()].sort();
  const response = form.get('SAMLResponse');
  const relayState = form.get('RelayState');
  if (names.join() !== 'RelayState,SAMLResponse' || response === null || relayState === null) return null;
  return relayState.length > LONGEST_RELAY_STATE ? null : { response, relayState };
}
