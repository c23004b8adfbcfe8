import type { Resumed } from '../../sessions/flows.ts';
import { redirect } from '../answers.ts';
import type { Answer } from '../context.ts';
import { judge } from '../gate.ts';
import { beginTrip } from './begin.ts';
import { endTrip, type Return } from './callback.ts';

/**
 * A return whose flow cookie is not there. No code is exchanged without it. A browser that is signed in by now (another
 * tab was faster) goes where it wanted to go; one whose slot another tab took over starts again, once; for the rest a
 * page says what happened.
 */
export async function answerOrphan(back: Return, orphan: Extract<Resumed, { kind: 'orphan' }>): Promise<Answer> {
  const { current, host, cookies, arrival, now } = back;
  const returnTo = orphan.returnTo ?? current.world.apps.get(orphan.app)?.mount ?? '/';
  const home = { ...arrival, method: 'GET', target: returnTo };
  const verdict = judge(current, home, now);
  if (verdict.kind === 'judged' && verdict.opened !== null) return redirect(`${host.origin}${returnTo}`);
  if (!orphan.anyFlow) {
    return orphan.browserKnown
      ? endTrip(back, null, 'flow_expired', 'no_flow_cookie')
      : endTrip(back, null, 'cookies_disabled', 'no_cookie');
  }
  if (!orphan.slotHeld || orphan.restarted || verdict.kind === 'refused' || verdict.decision.kind !== 'challenge') {
    return endTrip(back, null, 'flow_expired', orphan.restarted ? 'restarted_already' : 'slot_lost');
  }
  const begun = await beginTrip(
    current,
    cookies,
    {
      host,
      app: verdict.app,
      returnTo,
      family: null,
      subject: null,
      requirement: verdict.decision.requirement,
      asked: verdict.decision.missing,
      tried: [],
      forced: false,
      restarted: true,
    },
    now,
  );
  return begun.ok ? begun.answer : endTrip(back, null, begun.failure, begun.detail);
}
