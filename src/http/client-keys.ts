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
  const keys = [...world.providers.values()].flatMap((provider) =>
    provider.type === 'oidc' ? [provider.clientKeys?.current, provider.clientKeys?.next] : [],
  );
  // Each once, though two providers may know us by one key; two keys that are both called "1" stay two.
  const published = new Map(keys.flatMap((key) => (key ? [[JSON.stringify(key.publicJwk), key.publicJwk]] : [])));
  return [...published.values()];
}
