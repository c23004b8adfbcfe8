import type { AuditEvent } from '../audit-event.ts';
import type { App } from '../config/world.ts';
import { countingLevels } from '../core/demand.ts';
import type { Standing } from '../core/evidence.ts';
import { bitOf } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import type { Current } from '../live/live.ts';
import { readOwnCookies } from '../sessions/cookies.ts';
import { shortenReturn } from '../sessions/return-limit.ts';
import { redirect } from './answers.ts';
import type { Arrival } from './arrival.ts';
import { type Challenge, challengeClient, challengeForm, challengeFrame, stepUpUrl } from './challenge.ts';
import type { Answer, Context } from './context.ts';
import type { Judged, RefusedRequest } from './gate.ts';
import { clientOf } from './navigation.ts';
import { refusalAnswer, refusalPage } from './refusals.ts';
import { beginTrip } from './trip/begin.ts';
import { demandWords } from './trip/demands.ts';

/** One request on its way through the gateway. */
export interface Passage {
  readonly context: Context;
  readonly current: Current;
  readonly arrival: Arrival;
  readonly requestId: string;
  readonly now: Seconds;
}

/** Answers everything that is not an allow. */
export async function answerFor(passage: Passage, verdict: Judged | RefusedRequest): Promise<Answer> {
  if (verdict.kind === 'refused') return answerRefused(passage, verdict);
  const { decision } = verdict;
  switch (decision.kind) {
    case 'challenge':
      return answerChallenge(passage, verdict, decision);
    case 'deny':
      audit(passage, verdict, { event: 'deny', why: decision.why, detail: `by=${decision.by}` });
      return refusalAnswer(decision.why, passage.arrival, {
        requestId: passage.requestId,
        actions: [{ label: 'Go to the front page', href: verdict.app.mount }],
      });
    case 'allow':
      // Allowed requests are forwarded, never answered here: whoever calls with one has lost track of the verdict.
      throw new Error('an allow has no answer of ours');
  }
}

/** Records a request that can be read in two ways: the one refusal before a decision that says something of its sender. */
export function recordAmbiguous({ context, arrival, requestId }: Passage, detail: string): void {
  const { clientIp, method } = arrival;
  context.audit.record({ event: 'deny', why: 'ambiguous_request', detail, requestId, clientIp, method });
}

function answerRefused(passage: Passage, verdict: RefusedRequest): Answer {
  const { current, arrival, requestId } = passage;
  const { code, host, detail } = verdict;
  if (code === 'ambiguous_request') recordAmbiguous(passage, detail);
  const cookies =
    code === 'cookies_too_large' && host !== null
      ? current.sessions.removeAll(host, readOwnCookies(arrival.cookie, current.world.cookiePrefix))
      : [];
  return refusalAnswer(code, arrival, { requestId, cookies });
}

async function answerChallenge(passage: Passage, verdict: Judged, challenge: Challenge): Promise<Answer> {
  const { context, current, arrival, requestId, now } = passage;
  const client = clientOf(arrival);
  const returnTo = `${verdict.path.path}${verdict.path.query}`;
  const shortened = client === 'navigation' && shortenReturn(returnTo).shortened;
  audit(passage, verdict, {
    event: 'challenge',
    why: challenge.why,
    requirement: demandWords(challenge.requirement.demands),
    detail: shortened ? 'return_shortened' : undefined,
  });
  if (client !== 'navigation') {
    const url = stepUpUrl(current, arrival, verdict, challenge, now);
    if (client === 'frame') return challengeFrame(arrival, challenge, url);
    if (client === 'form') return challengeForm(arrival, verdict.host, challenge, url, requestId);
    return challengeClient(verdict, challenge, url, requestId);
  }
  const { host, app, cookies, opened } = verdict;
  const begun = await beginTrip(
    context.ledger,
    current,
    cookies,
    {
      host,
      app,
      returnTo,
      family: opened?.standing.session.family ?? null,
      session: opened?.standing.session ?? null,
      demands: challenge.requirement.demands,
      asked: challenge.missing,
      tried: [],
      forced: false,
      restarted: false,
    },
    now,
  );
  if (begun.ok) return begun.answer;
  // Asked under a world that is gone by now, maybe with its provider: the same page, by the rules of now.
  if (context.live.current !== current) return redirect(`${host.origin}${returnTo}`);
  const { failure, detail, retryAfter } = begun;
  context.log.error('step_up_not_started', { provider: app.provider, failure, detail });
  if (failure !== 'ledger_unavailable') audit(passage, verdict, { event: 'step_up_failed', failure, detail });
  return refusalPage(failure, { requestId, actions: [{ label: 'Try again', href: returnTo }], retryAfter });
}

/** The strongest level of a standing that counts now, for the log. */
export function hadLevel(current: Current, standing: Standing | null, now: Seconds): string | undefined {
  if (standing === null) return undefined;
  const counting = countingLevels(standing, current.world.ladder.levels, now);
  return current.world.ladder.levels.findLast((level) => (counting & bitOf(level)) !== 0)?.name;
}

type Outcome = Omit<AuditEvent, 'app' | 'had' | 'provider' | 'issuer' | 'subject' | 'family' | 'requestId'>;

/** Records what became of a judged request. */
export function audit(passage: Passage, verdict: Judged, outcome: Outcome): void {
  const { context, current, arrival, requestId, now } = passage;
  const session = verdict.opened?.standing.session;
  const app: App = verdict.app;
  context.audit.record({
    ...outcome,
    app: app.name,
    rule: outcome.rule ?? verdict.decision.rule?.id,
    had: hadLevel(current, verdict.opened?.standing ?? null, now),
    provider: app.provider,
    issuer: session?.issuer,
    subject: session?.subject,
    family: session?.family,
    requestId,
    clientIp: arrival.clientIp,
    method: arrival.method,
    path: verdict.path.path,
  });
}
