import type { World } from '../config/world.ts';
import type { Passage } from './answer.ts';
import { keySet } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { refusalAnswer } from './refusals.ts';

/**
 * `GET /.stepgate/client-jwks.json`: the public keys that the gateway signs with as a client (RFC 7517 5), in use and next,
 * of all providers: which provider gets which says nothing that anybody could use.
 */
export function answerClientKeys({ current, arrival, requestId }: Passage): Answer {
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  return keySet(publishedKeys(current.world));
}

function publishedKeys(world: Pick<World, 'providers'>): readonly Readonly<Record<string, string>>[] {
  const keys = new Map<string, Readonly<Record<string, string>>>();
  for (const { clientKeys } of world.providers.values()) {
    for (const key of [clientKeys?.current, clientKeys?.next]) if (key) keys.set(key.kid, key.publicJwk);
  }
  return [...keys.values()];
}
