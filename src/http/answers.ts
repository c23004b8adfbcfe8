import { ERRORS, type ErrorCode } from '../errors.ts';
import { type PageKind, pageHeaders } from '../pages/headers.ts';
import { renderLeavingByPost } from '../pages/leaving-by-post.ts';
import type { Answer } from './context.ts';

type Headers = readonly (readonly [string, string])[];

/** Nothing of ours may be kept by a cache: a cached redirect is a loop, a cached refusal a lie. */
const NO_STORE: Headers = [['Cache-Control', 'no-store']];

export const setCookies = (values: readonly string[]): Headers => values.map((value) => ['Set-Cookie', value] as const);

/** 303 See Other: whatever the method was, the next one is GET (RFC 9110 15.4.4). */
export const redirect = (location: string, cookies: readonly string[] = []): Answer => ({
  status: 303,
  headers: [...NO_STORE, ['Location', location], ['Referrer-Policy', 'no-referrer'], ...setCookies(cookies)],
  body: '',
});

/** One of our pages. */
export const page = (
  status: number,
  html: string,
  options: { readonly kind?: PageKind; readonly cookies?: readonly string[]; readonly headers?: Headers } = {},
): Answer => ({
  status,
  headers: [
    ...Object.entries(pageHeaders(options.kind ?? 'page')),
    ...(options.headers ?? []),
    ...setCookies(options.cookies ?? []),
  ],
  body: html,
});

/** A page whose form posts itself on to a provider, with whatever address it has. */
export const postOn = (
  url: string,
  fields: Readonly<Record<string, string>>,
  cookies: readonly string[] = [],
): Answer =>
  page(200, renderLeavingByPost({ action: url, fields }), {
    kind: url.startsWith('https:') ? 'post' : 'plain_post',
    cookies,
  });

/** JSON of ours. */
export const json = (status: number, value: unknown, headers: Headers = [], type = 'application/json'): Answer => ({
  status,
  headers: [...NO_STORE, ['Content-Type', type], ['X-Content-Type-Options', 'nosniff'], ...headers],
  body: JSON.stringify(value),
});

/** Seconds for which our public keys may be kept: a new one is published well before it is used. */
const KEYS_KEPT = 300;

/** Public keys (RFC 7517 5): of what we answer the only thing that a cache may keep. */
export const keySet = (keys: readonly Readonly<Record<string, string>>[]): Answer => ({
  status: 200,
  headers: [
    ['Content-Type', 'application/jwk-set+json'],
    ['Cache-Control', `public, max-age=${KEYS_KEPT}`],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body: JSON.stringify({ keys }),
});

/** A problem document (RFC 9457) for whoever cannot read a page. */
export const problem = (
  code: ErrorCode,
  requestId: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Headers = [],
): Answer =>
  json(
    ERRORS[code].status,
    {
      type: `urn:stepgate:${code}`,
      title: ERRORS[code].title,
      status: ERRORS[code].status,
      ...more,
      request_id: requestId,
    },
    headers,
    'application/problem+json',
  );
