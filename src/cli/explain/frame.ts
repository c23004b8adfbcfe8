import type { ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import { ERRORS, type RefusalCode } from '../../errors.ts';
import type { ExplainedPerson, Explanation } from './explanation.ts';
import { isTimed, originOf, type Scene } from './scene.ts';
import { momentText } from './words.ts';

/** What an explanation says of its request, whatever becomes of it. */
export type Frame = Pick<Explanation, 'request' | 'person' | 'visitor' | 'remarks'>;

/** @param app - null where the request finds none */
export function frameOf(
  { scenario, now }: Pick<Scene, 'scenario'> & { readonly now: Seconds | null },
  origin: string | null,
  app: App | null,
  remarks: readonly string[],
): Frame {
  const { method, target, at, clientIp: ip } = scenario;
  const request = { method, origin, target, app: app?.name ?? null, owner: app?.owner ?? null, ip };
  const moment = at ?? now;
  const framed = { ...request, at: moment === null ? null : momentText(moment) };
  return { request: framed, person: personOf(scenario.person), visitor: null, remarks };
}

export const frameOfScene = (scene: Scene): Frame => ({
  ...frameOf({ ...scene, now: isTimed(scene) ? scene.now : null }, originOf(scene), scene.app, scene.remarks),
  visitor: scene.scenario.person === null ? personOf(scene.visitor) : null,
});

function personOf(person: ScenarioPerson | null): ExplainedPerson | null {
  if (person === null) return null;
  const { provider, subject, email, name, groups, claims, signedIn } = person;
  const proofs = [...person.proofs].map(([level, age]) => ({ level: level.name, age }));
  const told = claims && [...claims].map(([claim, values]) => ({ claim, values }));
  return { provider, subject, email, name, groups, claims: told, signed_in: signedIn, proofs };
}

/** What is answered without any policy: a refusal before one is asked, or a page of the gateway's own. */
export function unjudged(
  frame: Frame,
  said: Pick<Explanation, 'decision' | 'why' | 'status' | 'check' | 'sentence'>,
): Explanation {
  return {
    ...said,
    ...frame,
    public: false,
    level: null,
    by: null,
    place: null,
    readings: [],
    demands: [],
    asked: null,
    forwarded: null,
    nearest: null,
    enforced: null,
    absent: [],
  };
}

/** A request that is refused before any policy is asked. */
export const refused = (frame: Frame, code: RefusalCode, check: string): Explanation => {
  const { status, sentence } = ERRORS[code];
  return unjudged(frame, { decision: 'refused', why: code, status, check, sentence });
};
