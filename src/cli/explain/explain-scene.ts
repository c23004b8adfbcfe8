import { type Decision, decide } from '../../core/decide.ts';
import type { Standing } from '../../core/evidence.ts';
import { askedOf } from './asked.ts';
import { demandsOf } from './demands.ts';
import type { Explanation } from './explanation.ts';
import { forwardedOf } from './forwarded.ts';
import { frameOfScene, refused } from './frame.ts';
import { allFloors, readingOf } from './items.ts';
import { nearestAllow } from './nearest.ts';
import { Recording } from './recording.ts';
import { isTimed, originOf, posedIn, type Scene } from './scene.ts';
import { enforcedOf, verdictOf } from './verdict.ts';

/** Explains how the gate decides a scene: its own decision, with a recorder beside it. */
export function explainScene(scene: Scene): Explanation {
  const posed = posedIn(scene, scene.scenario);
  const frame = frameOfScene(scene);
  if ('refused' in posed) return refused(frame, 'ambiguous_request', posed.refused);
  const { question, notGiven } = posed;
  const { standing, now } = question;
  const { world, app, scenario } = scene;
  const recording = new Recording();
  const decision = decide(app, question, recording);
  const { found, readings } = recording;
  if (found === null) throw new Error('a decision was made without anything being gathered');
  // What follows looks at more than conditions do.
  const assumed = [...notGiven];
  const near = decision.kind === 'allow' ? null : nearestAllow(scene, question.readings);
  const provider = world.providers.get(app.provider);
  const floors = allFloors(app, world.apps.values());
  const requirement = decision.kind === 'deny' ? found : decision.requirement;
  const isAsked = decision.kind === 'challenge' && provider !== undefined;
  return {
    ...verdictOf(app, decision, found),
    ...frame,
    remarks: [...frame.remarks, ...readingRemarks(question.readings.length, readings.length)],
    readings: readings.map((reading) => readingOf(app, floors, reading)),
    demands: demandsOf(app, requirement, standing, now, isTimed(scene)),
    asked: isAsked ? askedOf(provider, originOf(scene), decision.missing, scenario.person, now) : null,
    forwarded:
      decision.kind === 'allow'
        ? forwardedOf(app, world.ladder, decision, told(scene, decision), scenario.person, now)
        : null,
    nearest: near === null ? null : near.nearest,
    enforced: enforcedOf(app, question, decision),
    absent: [...new Set([...assumed, ...(near?.absent ?? [])])].sort(),
  };
}

/** Whom an allow tells of, with nothing in the way of looking at what is not given. */
function told(scene: Scene, { standing }: Extract<Decision, { kind: 'allow' }>): Standing | null {
  const posed = posedIn({ ...scene, missing: 'absent' }, scene.scenario);
  return standing === null || 'refused' in posed ? null : posed.question.standing;
}

function readingRemarks(all: number, judged: number): readonly string[] {
  if (all === 1) return [];
  const some = judged < all ? `; what is refused in reading ${judged} needs no other` : '';
  return [`the path can be read in ${all} ways, and the strictest wins${some}`];
}
