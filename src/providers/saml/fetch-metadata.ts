import { isUtf8 } from 'node:buffer';
import type { CustomFetch } from 'openid-client';
import type { Seconds } from '../../core/time.ts';
import { LARGEST_METADATA, type Unusable } from '../../saml/metadata.ts';
import { codesOf } from '../failure.ts';
import { wholeAnswers } from '../transport.ts';

/** From one address to the next, on one host. */
const MOST_REDIRECTS = 3;

export interface MetadataRequest {
  readonly url: string;
  readonly timeout: Seconds;
  readonly fetch: CustomFetch;
  readonly stop: AbortSignal;
}

/** Fetches a metadata document: what another host has to say, by a redirect, is not what the configuration names. */
export async function fetchMetadata({ url, timeout, fetch, stop }: MetadataRequest): Promise<string | Unusable> {
  const answers = wholeAnswers(fetch, LARGEST_METADATA);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeout * 1000)]);
  const headers = { accept: 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1' };
  let at = new URL(url);
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const request = { method: 'GET', headers, body: undefined, redirect: 'manual', signal } as const;
      const response = await answers(at.href, request);
      if (response.status === 200) return textOf(await response.bytes());
      const target = response.status > 300 && response.status < 400 ? response.headers.get('location') : null;
      if (target === null) return { problem: `HTTP_${response.status}` };
      const next = URL.parse(target, at.href);
      if (next?.origin !== at.origin) return { problem: 'it is redirected to another host' };
      at = next;
    }
  } catch (error) {
    return { problem: codesOf(error) };
  }
  return { problem: 'it is redirected too often' };
}

const textOf = (body: Uint8Array): string | Unusable =>
  isUtf8(body) ? Buffer.from(body).toString('utf8') : { problem: 'it is not UTF-8' };
