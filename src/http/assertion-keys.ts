import type { Passage } from './answer.ts';
import { keySet } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { refusalAnswer } from './refusals.ts';

/** `GET /.stepgate/jwks.json`: what upstreams verify assertions with. Never the keys that we sign in to providers with. */
export function answerAssertionKeys({ current, arrival, requestId }: Passage): Answer {
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  return keySet(current.assertions.publicKeys());
}
