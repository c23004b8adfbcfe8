import { youngerThan } from '../core/demand.ts';
import type { Standing } from '../core/evidence.ts';
import { standsAtOrAbove } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import type { Current } from '../live/live.ts';
import { readOwnCookies } from '../sessions/cookies.ts';
import { hadLevel, type Passage } from './answer.ts';
import { json } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { openedOn } from './opened.ts';
import { refusalAnswer } from './refusals.ts';

/**
 * `GET /.stepgate/session`: what the app's own page may know of the session. Never for another site or origin, and
 * looking is not activity.
 */
export function answerSession(passage: Passage): Answer {
  const { current, arrival, requestId, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const site = arrival.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return refusalAnswer('untrusted_origin', arrival, { requestId });
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  const [opened] = openedOn(passage, host, cookies);
  if (opened === undefined) return json(200, { signed_in: false });
  return json(200, describe(current, opened.standing, opened.seenAt, now));
}

function describe(current: Current, standing: Standing, seenAt: Seconds, now: Seconds) {
  const { session } = standing;
  return {
    signed_in: true,
    subject: session.subject,
    name: session.name,
    email: session.email,
    provider: session.provider,
    level: hadLevel(current, standing, now) ?? null,
    proofs: countingProofs(current, standing, now),
    expires_in_s: session.expiresAt - now,
    idle_in_s: seenAt + current.world.session.idle - now,
  };
}

/** For each level that counts: the age of its newest proof, and when it stops counting. */
function countingProofs(current: Current, standing: Standing, now: Seconds) {
  return current.world.ladder.levels.flatMap((level) => {
    const ages = standing.proofs
      .filter(
        ({ proof, level: proven }) => standsAtOrAbove(proven, level) && youngerThan(proof.at, level.validity, now),
      )
      .map(({ proof }) => now - proof.at);
    if (ages.length === 0) return [];
    const age = Math.min(...ages);
    return [{ level: level.name, age_s: Math.max(0, age), expires_in_s: level.validity - age }];
  });
}
