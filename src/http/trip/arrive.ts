import { standingOf } from '../../core/evidence.ts';
import type { Session } from '../../core/session.ts';
import { type Arrived, arrive, type Trip } from '../../core/step-up.ts';
import { REVOCATION_MARGIN, type Verified } from '../../ports.ts';
import { withSetCookies } from '../../sessions/cookies.ts';
import { hadLevel } from '../answer.ts';
import { redirect, setCookies } from '../answers.ts';
import type { Answer } from '../context.ts';
import { beginTrip } from './begin.ts';
import { claimOf } from './claim.ts';
import { revived } from './demands.ts';
import { endTrip } from './end.ts';
import type { Finished } from './world-of-now.ts';

/** What becomes of a verified answer: who may have the session, what of the demands is met, and where the person goes. */
export async function answerArrival(finished: Finished, { identity, proof, sessionEnds }: Verified): Promise<Answer> {
  const { current, flow, app, opened, context, now, host } = finished;
  const session = opened?.standing.session ?? null;
  const asked = revived(current, [flow.asked])[0];
  if (asked === undefined) return redirect(`${host.origin}${flow.returnTo}`, finished.spent);
  const trip: Trip = {
    family: flow.family,
    demands: revived(current, flow.demands),
    asked,
    tried: revived(current, flow.tried),
    forced: flow.forced,
  };
  const birth = {
    ledger: context.ledger.birth,
    family: context.random(16),
    provider: app.provider,
    lifetime: current.world.session.lifetime,
    ends: sessionEnds,
    generation: session === null ? 0 : context.ledger.newestGeneration(session.family),
  };
  const arrived = arrive(trip, session, identity, proof, app.evidence, birth, now);
  if (arrived.kind === 'failed' && arrived.session === null) {
    const otherSubject = arrived.failure === 'subject_mismatch' ? identity.subject : undefined;
    return endTrip(finished, flow, arrived.failure, 'identity_or_level', {
      asked: trip.asked,
      otherSubject,
      session,
      acr: proof.acr,
      person: identity,
    });
  }
  return keepSession(finished, trip, arrived, session);
}

/** Writes the new generation, then goes where the trip leads. */
async function keepSession(finished: Finished, trip: Trip, arrived: Arrived, before: Session | null): Promise<Answer> {
  const { current, host, flow, app, config, context, now } = finished;
  if (arrived.session === null) return endTrip(finished, flow, 'invalid_response', 'no_session');
  const { namesGroup } = config;
  const written = current.sessions.write(host, arrived.session, { cookies: finished.cookies, namesGroup }, now);
  if (!written.ok) {
    const claim = claimOf(config, written.largest);
    return endTrip(finished, flow, 'claims_too_large', `claim=${claim}`, { claim });
  }
  const { session } = written;
  if (before !== null) {
    const superseded = await context.ledger
      .voidGenerations(session.family, session.generation, now, session.expiresAt + REVOCATION_MARGIN)
      .then(
        () => true,
        () => false,
      );
    if (!superseded) return endTrip(finished, flow, 'ledger_unavailable', 'generation');
  }
  recordSuccess(finished, session, before, arrived.session.groups.length - session.groups.length);
  const kept = withSetCookies(finished.cookies, [...finished.spent, ...written.cookies]);
  const cookies = [...finished.spent, ...written.cookies, ...current.flows.clearSurplus(host, kept)];
  const after: Finished = { ...finished, spent: cookies };
  switch (arrived.kind) {
    case 'met':
      return redirect(`${host.origin}${flow.returnTo}`, cookies);
    case 'failed':
      return endTrip(after, flow, arrived.failure, 'demand_not_met', { asked: trip.asked, session });
    case 'next': {
      // The world was replaced meanwhile: the page itself asks for what the rules of now want.
      if (context.live.current !== current) return redirect(`${host.origin}${flow.returnTo}`, cookies);
      const begun = await beginTrip(
        context.ledger,
        current,
        withSetCookies(finished.cookies, cookies),
        {
          host,
          app,
          returnTo: flow.returnTo,
          family: session.family,
          session,
          demands: trip.demands,
          ...arrived.trip,
          restarted: flow.restarted,
        },
        now,
      );
      if (!begun.ok) {
        const { failure, detail, retryAfter } = begun;
        return endTrip(after, flow, failure, detail, { session, retryAfter });
      }
      // Ours first: where the new flow took the slot of the one just used, the cookie that is set last stays.
      return { ...begun.answer, headers: [...setCookies(cookies), ...begun.answer.headers] };
    }
  }
}

function recordSuccess(finished: Finished, session: Session, before: Session | null, groupsDropped: number): void {
  const { context, current, app, flow, requestId, arrival, host, now } = finished;
  const standing = standingOf(session, app.evidence);
  context.audit.record({
    event: before === null ? 'sign_in' : 'step_up',
    detail: groupsDropped > 0 ? `groups_dropped=${groupsDropped}` : undefined,
    app: app.name,
    provider: app.provider,
    issuer: session.issuer,
    subject: session.subject,
    family: session.family,
    had: hadLevel(current, standing, now),
    requestId,
    clientIp: arrival.clientIp,
    flow: flow.id,
    path: host.origin,
  });
}
