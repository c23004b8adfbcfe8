import { decide, type Question } from '../../core/decide.ts';
import { ERRORS } from '../../errors.ts';
import { askedOf } from './asked.ts';
import { demandsOf } from './demands.ts';
import type { ExplainedPerson, Explanation } from './explanation.ts';
import { forwardedOf } from './forwarded.ts';
import { allFloors, readingOf } from './items.ts';
import { nearestAllow } from './nearest.ts';
import { Recording } from './recording.ts';
import { originOf, posedIn, type Scene } from './scene.ts';
import { enforcedOf, verdictOf } from './verdict.ts';
import { momentText } from './words.ts';

/** Explains how the gate decides a scene: its own decision, with a recorder beside it. */
export function explainScene(scene: Scene): Explanation {
  const posed = posedIn(scene, scene.scenario);
  if ('refused' in posed) return refusedExplanation(scene, 'ambiguous_request', posed.refused);
  const { question, notGiven } = posed;
  const recording = new Recording();
  const decision = decide(scene.app, question, recording);
  const { found } = recording;
  if (found === null) throw new Error('a decision was made without anything being gathered');
  const { world, app, scenario } = scene;
  const { standing, now } = question;
  const absent = [...notGiven].sort();
  const provider = world.providers.get(app.provider);
  const floors = allFloors(app, world.apps.values());
  const requirement = decision.kind === 'deny' ? found : decision.requirement;
  return {
    ...verdictOf(app, decision, found),
    ...framed(scene, question.now),
    readings: recording.readings.map((reading) => readingOf(app, floors, reading)),
    demands: demandsOf(app, requirement, standing, now),
    asked:
      decision.kind === 'challenge' && provider !== undefined
        ? askedOf(provider, originOf(scene), decision.missing, scenario.person, now)
        : null,
    forwarded: decision.kind === 'allow' ? forwardedOf(app, world.ladder, decision, scenario.person, now) : null,
    nearest: decision.kind === 'allow' ? null : nearestAllow(scene, recording.readings),
    enforced: enforcedOf(app, question, decision),
    absent,
    remarks: remarksOf(question, recording.readings.length),
  };
}

/** A request that is refused before any policy is asked. */
export function refusedExplanation(scene: Scene, code: 'ambiguous_request', check: string): Explanation {
  return {
    decision: 'refused',
    public: false,
    level: null,
    why: code,
    status: ERRORS[code].status,
    check,
    sentence: ERRORS[code].sentence,
    by: null,
    place: null,
    ...framed(scene, scene.scenario.at ?? scene.now),
    readings: [],
    demands: [],
    asked: null,
    forwarded: null,
    nearest: null,
    enforced: null,
    absent: [],
    remarks: [],
  };
}

function framed(scene: Scene, at: number): Pick<Explanation, 'request' | 'person'> {
  const { app, scenario } = scene;
  const { method, target } = scenario;
  return {
    request: { method, origin: originOf(scene), target, app: app.name, at: momentText(at) },
    person: personOf(scene),
  };
}

function personOf({ scenario: { person } }: Scene): ExplainedPerson | null {
  if (person === null) return null;
  const { provider, subject, email, groups, proofs } = person;
  return {
    provider,
    subject,
    email,
    groups,
    proofs: [...proofs].map(([level, age]) => ({ level: level.name, age })),
  };
}

function remarksOf({ readings }: Question, judged: number): readonly string[] {
  if (readings.length === 1) return [];
  const some = judged < readings.length ? `; the first ${judged} already settle it` : '';
  return [`the path can be read in ${readings.length} ways, and the strictest wins${some}`];
}
