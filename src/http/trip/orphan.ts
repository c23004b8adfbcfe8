import type { Resumed } from '../../sessions/flows.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { judge } from '../gate.ts';
import { beginTrip } from './begin.ts';
import { endTrip, type Return } from './end.ts';

/** A return whose flow this browser does not hold, or not any more. */
export type Lost = Extract<Resumed, { readonly kind: 'orphan' | 'expired' }>;

/**
 * A return without its flow. No code is exchanged without it. A browser that is signed in by now (another tab was
 * faster) goes where it wanted to go; one that needs another trip for that, or whose slot another tab took over, starts
 * again, once: a browser that loses every flow must not be sent round for ever. For the rest a page says what happened.
 */
export async function answerOrphan(back: Return, lost: Lost): Promise<Answer> {
  const { current, host, cookies, arrival, now } = back;
  const returnTo = lost.returnTo ?? current.world.apps.get(lost.app)?.mount ?? '/';
  const home = { ...arrival, method: 'GET', target: returnTo };
  const verdict = judge(current, home, now);
  const session = verdict.kind === 'judged' ? (verdict.opened?.standing.session ?? null) : null;
  if (session !== null && verdict.kind === 'judged' && verdict.decision.kind !== 'challenge') {
    return redirect(`${host.origin}${returnTo}`);
  }
  if (lost.kind === 'expired') return endTrip(back, null, 'flow_expired', 'state_expired');
  if (session === null && !lost.anyFlow) {
    return lost.browserKnown
      ? endTrip(back, null, 'flow_expired', 'no_flow_cookie')
      : endTrip(back, null, 'cookies_disabled', 'no_cookie');
  }
  const mayRestart = !lost.restarted && (session !== null || lost.slotHeld);
  if (!mayRestart || verdict.kind === 'refused' || verdict.decision.kind !== 'challenge') {
    return endTrip(back, null, 'flow_expired', lost.restarted ? 'restarted_already' : 'slot_lost');
  }
  const begun = await beginTrip(
    back.context.ledger,
    current,
    cookies,
    {
      host,
      app: verdict.app,
      returnTo,
      family: session?.family ?? null,
      session,
      demands: verdict.decision.requirement.demands,
      asked: verdict.decision.missing,
      tried: [],
      forced: false,
      restarted: true,
    },
    now,
  );
  if (begun.ok) return begun.answer;
  const { failure, detail, retryAfter } = begun;
  return endTrip(back, null, failure, detail, { session, retryAfter });
}
