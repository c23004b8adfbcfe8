import type { App } from '../config/world.ts';
import { countingLevels } from '../core/demand.ts';
import type { Standing } from '../core/evidence.ts';
import { identityHeaders } from '../core/identity-headers.ts';
import type { LevelSet } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import type { Current } from '../live/live.ts';
import type { ForwardPlan } from '../proxy/plan.ts';
import type { Passage } from './answer.ts';
import type { Judged } from './gate.ts';

type Headers = readonly (readonly [string, string])[];

/** What an allowed request is forwarded with. The one place that turns an allow into a plan. */
export function planFor(
  passage: Passage,
  verdict: Judged,
  standing: Standing | null,
  callbacks: Pick<ForwardPlan, 'onError' | 'onFinished'>,
): ForwardPlan {
  const { current, arrival, now } = passage;
  const { app, host, path } = verdict;
  return {
    upstream: app.upstream,
    timeouts: app.timeouts,
    path: path.path + path.query,
    identity: standing === null ? [] : identityOf(current, standing, app, now),
    clientIp: arrival.clientIp,
    trustedPeer: arrival.trustedPeer,
    host: host.origin.slice(host.secure ? 'https://'.length : 'http://'.length),
    scheme: host.secure ? 'https' : 'http',
    ownSetCookies: standing === null ? [] : activity(passage, verdict),
    protectedResponse: standing !== null,
    expectContinue: arrival.headers.expect !== undefined,
    ...callbacks,
  };
}

/** A fresh idle cookie where the request is activity of the person and the one they have is getting old. */
function activity({ context, current, now }: Passage, { app, host, opened, path }: Judged): readonly string[] {
  if (opened === null) return [];
  const { background } = app;
  if (background !== null && path.readings.some((segments) => background.find(segments).length > 0)) return [];
  const touched = current.sessions.touch(host, opened, now);
  if (touched === null) return [];
  context.noteActivity(opened.standing.session.family, now);
  return [touched];
}

interface Told {
  readonly app: App;
  readonly counting: LevelSet;
  readonly headers: Headers;
}

/** Identity headers already made, by standing: one session asks for the same ones thousands of times. */
const told = new WeakMap<Standing, Told>();

function identityOf(current: Current, standing: Standing, app: App, now: Seconds): Headers {
  const { levels } = current.world.ladder;
  const counting = countingLevels(standing, levels, now);
  const known = told.get(standing);
  if (known !== undefined && known.app === app && known.counting === counting) return known.headers;
  const headers = identityHeaders(standing, levels, counting, app.forwardsGroup, now);
  told.set(standing, { app, counting, headers });
  return headers;
}
