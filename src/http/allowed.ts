import type { App } from '../config/world.ts';
import type { Decision } from '../core/decide.ts';
import { countingLevels, harder } from '../core/demand.ts';
import type { Standing } from '../core/evidence.ts';
import { identityFacts } from '../core/identity-facts.ts';
import { identityHeaders } from '../core/identity-headers.ts';
import type { Level, LevelSet } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import type { Assertions, Current } from '../live/live.ts';
import { ASSERTION_REUSE } from '../proxy/assertion.ts';
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
    identity: standing === null ? [] : identityOf(current, standing, verdict, now),
    clientIp: arrival.clientIp,
    trustedPeer: arrival.trustedPeer,
    host: host.origin.slice(host.secure ? 'https://'.length : 'http://'.length),
    scheme: host.secure ? 'https' : 'http',
    ownSetCookies: isPublic(verdict.decision) ? [] : activity(passage, verdict),
    protectedResponse: standing !== null || !isPublic(verdict.decision),
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

/** Whether nothing was demanded: then whoever is known is told, and is not taken to be active. */
export const isPublic = (decision: Decision): boolean =>
  decision.kind === 'allow' && decision.requirement.demands.length === 0;

/** The level of the hardest demand that was met; null where there was none. */
export function hardestLevel(decision: Decision): Level | null {
  if (decision.kind !== 'allow') return null;
  const { demands } = decision.requirement;
  const [only] = demands;
  return (demands.length > 1 ? [...demands].sort(harder)[0] : only)?.level ?? null;
}

interface Told {
  readonly by: Assertions;
  readonly origin: string;
  readonly counting: LevelSet;
  readonly demanded: Level | null;
  readonly at: Seconds;
  readonly headers: Headers;
}

/** Identity headers already made, by app and standing: one session asks for the same ones thousands of times. */
const told = new WeakMap<App, WeakMap<Standing, Told>>();

function identityOf(current: Current, standing: Standing, { app, host, decision }: Judged, now: Seconds): Headers {
  const { levels } = current.world.ladder;
  const counting = countingLevels(standing, levels, now);
  const demanded = hardestLevel(decision);
  const known = told.get(app)?.get(standing);
  const by = current.assertions;
  if (known !== undefined && stillTrue(known, { by, origin: host.origin, counting, demanded }, now))
    return known.headers;
  const facts = identityFacts(standing, levels, counting, demanded, app, now);
  const assertion = by.sign(facts, { app: app.name, origin: host.origin }, now);
  const headers = identityHeaders(facts, assertion);
  const ofApp = told.get(app) ?? new WeakMap<Standing, Told>();
  told.set(app, ofApp.set(standing, { by, origin: host.origin, counting, demanded, at: now, headers }));
  return headers;
}

/** A clock that was set back makes them anew: nobody takes an assertion from the future. */
const stillTrue = (told: Told, asked: Pick<Told, 'by' | 'origin' | 'counting' | 'demanded'>, now: Seconds): boolean =>
  told.by === asked.by &&
  told.origin === asked.origin &&
  told.counting === asked.counting &&
  told.demanded === asked.demanded &&
  now >= told.at &&
  now < told.at + ASSERTION_REUSE;
