import { firstMissing } from '../../core/decide.ts';
import { readOwnCookies } from '../../sessions/cookies.ts';
import { openStepUpToken } from '../../sessions/step-up-token.ts';
import type { Passage } from '../answer.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { findHost, knowsEnough } from '../gate.ts';
import { isTopLevelNavigation } from '../navigation.ts';
import { refusalAnswer, refusalPage } from '../refusals.ts';
import { beginTrip } from './begin.ts';
import { revived } from './demands.ts';

/**
 * `GET /.stepgate/step-up?t=…`: the URL that a 401 named, opened by the person. The flow is made here, not when the 401
 * was sent, and only for the session family that the 401 was for.
 */
export async function answerStepUp(passage: Passage): Promise<Answer> {
  const { current, arrival, requestId, now, context } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  if (!isTopLevelNavigation(arrival)) return refusalAnswer('navigation_required', arrival, { requestId });

  const tokens = new URL(`${host.origin}${arrival.target}`).searchParams.getAll('t');
  const token =
    tokens.length === 1 && tokens[0] !== undefined ? openStepUpToken(current.sealer, host, tokens[0], now) : null;
  const app = token === null ? undefined : current.world.apps.get(token.app);
  const provider = app === undefined ? undefined : current.world.providers.get(app.provider);
  const actions = [{ label: 'Go to the front page', href: '/' }];
  if (token === null || app === undefined || provider === undefined || !app.origins.includes(host.origin)) {
    return refusalPage('invalid_token', { requestId, actions });
  }
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  const opened = current.sessions.open(host, provider, app.evidence, cookies, now);
  const session = opened?.standing.session ?? null;
  if (token.family !== null && token.family !== session?.family)
    return refusalPage('invalid_token', { requestId, actions });

  const back = `${host.origin}${token.returnTo}`;
  const demands = revived(current, token.demands);
  // The gate took a session that knows too little for none: whatever it has proven, the provider is to be asked once more.
  const missing = firstMissing(demands, opened !== null && knowsEnough(opened, app) ? opened.standing : null, now);
  // Met meanwhile, or somebody signed in since an anonymous 401: the page itself will say what it still needs.
  if (missing === null || (token.family === null && session !== null)) return redirect(back);
  const begun = await beginTrip(
    context.ledger,
    current,
    cookies,
    {
      host,
      app,
      returnTo: token.returnTo,
      family: token.family,
      session,
      demands,
      asked: missing.missing,
      tried: [],
      forced: false,
      restarted: false,
    },
    now,
  );
  if (begun.ok) return begun.answer;
  const { failure, detail, retryAfter } = begun;
  context.log.error('step_up_not_started', { provider: app.provider, failure, detail });
  if (failure !== 'ledger_unavailable') {
    const { issuer, subject, family } = session ?? {};
    const who = { provider: provider.name, issuer, subject, family, requestId, clientIp: arrival.clientIp };
    context.audit.record({ event: 'step_up_failed', failure, detail, app: app.name, ...who });
  }
  return refusalPage(failure, { requestId, actions: [{ label: 'Try again', href: token.returnTo }], retryAfter });
}
