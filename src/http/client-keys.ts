import type { World } from '../config/world.ts';
import type { Passage } from './answer.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { refusalAnswer } from './refusals.ts';

/** Seconds for which a provider may keep our keys: a new one is published long before it is used. */
const KEPT = 300;

/**
 * `GET /.stepgate/client-jwks.json`: the public keys that the gateway signs with as a client (RFC 7517 5), in use and next,
 * of all providers: which provider gets which says nothing that anybody could use. The one page of ours that may be cached.
 */
export function answerClientKeys({ current, arrival, requestId }: Passage): Answer {
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/jwk-set+json'],
      ['Cache-Control', `public, max-age=${KEPT}`],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: JSON.stringify({ keys: publishedKeys(current.world) }),
  };
}

function publishedKeys(world: Pick<World, 'providers'>): readonly Readonly<Record<string, string>>[] {
  const keys = new Map<string, Readonly<Record<string, string>>>();
  for (const { clientKeys } of world.providers.values()) {
    for (const key of [clientKeys?.current, clientKeys?.next]) if (key) keys.set(key.kid, key.publicJwk);
  }
  return [...keys.values()];
}
