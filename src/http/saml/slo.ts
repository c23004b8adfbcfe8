import type { HostEntry } from '../../config/world.ts';
import type { LogoutAnswered, LogoutAsked, LogoutMessage, LogoutRefused } from '../../core/single-logout.ts';
import { renderSignedOut } from '../../pages/sign-out-pages.ts';
import { REVOCATION_MARGIN, type SamlProvider, type Sent } from '../../ports.ts';
import { openLogoutState, sealGoodbye } from '../../sessions/logout-state.ts';
import type { Passage } from '../answer.ts';
import { page, postOn, redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { OWN_ROUTES, originsOf, sloUrl } from '../own-routes.ts';
import { refusalAnswer } from '../refusals.ts';
import { endProviderSessions } from './end-sessions.ts';

/** Bytes of the form that a provider posts. */
export const SLO_LIMIT = 128 * 1024;

/**
 * `GET` and `POST /.stepgate/saml/PROVIDER/slo` (Profiles 4.4): a provider that ends sessions wants ours over too, or
 * answers a sign-out that began here. It comes across sites, maybe in a frame and maybe without our cookies; whom it is
 * about and from whom it is, its signature says alone.
 */
export async function answerSlo(passage: Passage, providerName: string, message: LogoutMessage): Promise<Answer> {
  const { current, arrival, requestId } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const provider = current.providers.get(providerName);
  if (provider?.type !== 'saml' || !host.providers.includes(providerName))
    return refusalAnswer('not_found', arrival, { requestId });
  const received = await provider.receiveLogout(message, sloUrl(host.origin, providerName));
  switch (received.kind) {
    case 'asked':
      return endSessions(passage, provider, received);
    case 'answered':
    case 'refused':
      return comeBack(passage, host, provider, received);
  }
}

/** The query of a request target, to the character. */
export const queryOf = (target: string): string => target.slice(target.indexOf('?') + 1 || target.length);

/** Ends what a provider ended, whether or not there is anything of it here, and says so to the provider. */
async function endSessions(passage: Passage, provider: SamlProvider, asked: LogoutAsked): Promise<Answer> {
  const { context, arrival, requestId } = passage;
  const { issuer, names, subject } = asked;
  let ended = true;
  try {
    if (!(await context.ledger.useOnce(`logout:${issuer}:${asked.id}`, asked.expires + REVOCATION_MARGIN))) {
      return refuse(passage, provider, { failure: 'invalid_response', detail: 'used' });
    }
    await endProviderSessions(passage, issuer, names);
    context.audit.record({
      event: 'sign_out',
      detail: 'by=provider',
      provider: provider.name,
      issuer,
      subject: subject ?? undefined,
      requestId,
      clientIp: arrival.clientIp,
    });
  } catch {
    // The provider must not believe, or tell, that it is done.
    context.log.error('provider_logout_not_recorded', { provider: provider.name, request_id: requestId });
    ended = false;
  }
  const sent = provider.answerLogout(asked, ended);
  if (sent !== null) return onTo(sent);
  return ended
    ? page(200, renderSignedOut({ startHref: '/' }))
    : refusalAnswer('ledger_unavailable', arrival, { requestId });
}

const onTo = ({ url, form }: Sent): Answer => (form === null ? redirect(url) : postOn(url, form));

/** Leads the browser back to where its sign-out began, whatever the answer is worth: it is signed out there. */
function comeBack(
  passage: Passage,
  host: HostEntry,
  provider: SamlProvider,
  received: LogoutAnswered | LogoutRefused,
): Answer {
  const { context, current, requestId, now } = passage;
  const { relayState } = received;
  const state = relayState === null ? null : openLogoutState(current.sealer, provider.name, relayState, now);
  if (state === null) {
    return refuse(passage, provider, received.kind === 'refused' ? received : UNASKED);
  }
  const { inResponseTo, outcome } =
    received.kind === 'answered' ? received : ({ inResponseTo: '', outcome: 'unknown' } as const);
  const detail = received.kind === 'answered' ? outcome : received.detail;
  context.log.info('provider_logout_answered', { provider: provider.name, detail, request_id: requestId });
  const origin = originsOf(current.world, provider.name)[state.place] ?? host.origin;
  const goodbye = { provider: provider.name, nonce: state.nonce, inResponseTo, outcome };
  return redirect(`${origin}${OWN_ROUTES.signedOut}?a=${sealGoodbye(current.sealer, { origin }, goodbye, now)}`);
}

const UNASKED = { failure: 'invalid_response', detail: 'relay_state_not_ours' } as const;

function refuse(
  { context, arrival, requestId }: Passage,
  provider: SamlProvider,
  { failure, detail }: Pick<LogoutRefused, 'failure' | 'detail'>,
): Answer {
  context.log.warn('provider_logout_refused', { provider: provider.name, detail, request_id: requestId });
  return refusalAnswer(failure, arrival, { requestId });
}
