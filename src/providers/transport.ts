import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import type { Seconds } from '../core/time.ts';
import type { Clock } from '../ports.ts';

/** The provider did not answer, or not with anything to judge: network, time-out, 5xx, 429, or more than is read. */
export const UNREACHABLE = 'ERR_PROVIDER_UNREACHABLE';

/** No answer of an OpenID Connect provider that we ask for is larger, in bytes. */
const LARGEST_ANSWER = 1024 * 1024;

/** Whether the provider's absence is what an error comes from. */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === UNREACHABLE) return true;
  }
  return false;
}

const unreachable = (cause: unknown): Error =>
  Object.assign(new Error('the provider cannot be reached', { cause }), { code: UNREACHABLE });

/**
 * A fetch that reads the whole answer under the request's own signal, so that a provider that goes away halfway is known
 * by one error and not by as many as there are places where a body is read.
 *
 * @param largest - bytes that are read of an answer: a larger one is none
 */
export function wholeAnswers(fetch: CustomFetch, largest = LARGEST_ANSWER): CustomFetch {
  return async (url, options) => {
    let response: Response;
    let body: Uint8Array<ArrayBuffer>;
    try {
      response = await fetch(url, options);
      if (response.status >= 500 || response.status === 429) {
        await response.body?.cancel();
        throw Object.assign(new Error('the provider is busy or broken'), { code: `HTTP_${response.status}` });
      }
      body = await readBody(response, largest);
    } catch (error) {
      throw unreachable(error);
    }
    return new Response(body.length > 0 ? body : null, { status: response.status, headers: response.headers });
  };
}

async function readBody(response: Response, largest: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largest) throw Object.assign(new Error('answer too large'), { code: 'TOO_LARGE' });
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Between two requests for keys. */
export const KEYS_HELD: Seconds = 30;
/** After a request for keys that failed. Short: everybody who signs in waits for it. */
export const KEYS_FAILURE_HELD: Seconds = 5;

interface Held {
  readonly url: string;
  readonly body: Promise<string>;
  /** When the next request may be made; null while this one is under way. */
  until: Seconds | null;
}

/**
 * A fetch for the provider's keys that asks at most once in {@link KEYS_HELD} and never twice at once. The library asks
 * anew for an unknown key, but neither joins requests under way nor remembers that one failed: a flood of answers with
 * unknown keys would become a flood of requests.
 *
 * @param fetch - one made by {@link wholeAnswers}
 */
export function heldKeys(fetch: CustomFetch, clock: Clock): CustomFetch {
  let held: Held | null = null;
  return async (url, options) => {
    const over = held === null || held.url !== url || (held.until !== null && clock.now() >= held.until);
    const current: Held = over || held === null ? { url, body: requestKeys(fetch, url, options), until: null } : held;
    if (current !== held) {
      held = current;
      const settle = (span: Seconds) => () => {
        current.until = clock.now() + span;
      };
      current.body.then(settle(KEYS_HELD), settle(KEYS_FAILURE_HELD));
    }
    return new Response(await current.body, { headers: { 'content-type': 'application/json' } });
  };
}

/** The body of a JSON Web Key Set (RFC 7517 5); anything else counts as the provider being away. */
async function requestKeys(fetch: CustomFetch, url: string, options: CustomFetchOptions): Promise<string> {
  const response = await fetch(url, options);
  const body = await response.text();
  if (response.status !== 200 || !isKeySet(body)) throw unreachable(Object.assign(new Error(), { code: 'NO_KEY_SET' }));
  return body;
}

function isKeySet(body: string): boolean {
  try {
    const set: unknown = JSON.parse(body);
    return typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys);
  } catch {
    return false;
  }
}
