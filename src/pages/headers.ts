import { createHash } from 'node:crypto';
import { POST_ITSELF } from './leaving-by-post.ts';
import { STYLESHEET } from './stylesheet.ts';

/**
 * What a page is: most are a `page`; a `form` posts to us; a `post` posts itself to a provider, a `plain_post` to one of this
 * machine; the `frame` page alone may stand inside a page of its origin.
 */
export type PageKind = 'page' | 'form' | 'post' | 'plain_post' | 'frame';

export type PageHeaders = Readonly<Record<string, string>>;

/**
 * The response headers of a page. `noopener-allow-popups` cuts the tie to any window that opened the page, also one of
 * the app on the same origin, which `same-origin` would not.
 */
export const pageHeaders = (kind: PageKind): PageHeaders => HEADERS[kind];

const HEADERS: Readonly<Record<PageKind, PageHeaders>> = {
  page: headersFor("'none'", 'DENY', 'no-referrer'),
  // Under no-referrer a browser posts a form with `Origin: null` (Fetch 3.2), which no origin check can believe.
  form: headersFor("'none'", 'DENY', 'same-origin'),
  frame: headersFor("'self'", 'SAMEORIGIN', 'no-referrer'),
  // Its form goes to the one address that it names itself; the only script there is posts it. Not to the provider's origin
  // alone: browsers hold the redirects of what was posted to the same policy, and providers send people on to others.
  post: headersFor("'none'", 'DENY', 'no-referrer', { forms: 'https:', script: POST_ITSELF }),
  plain_post: headersFor("'none'", 'DENY', 'no-referrer', { forms: 'http: https:', script: POST_ITSELF }),
};

function headersFor(
  ancestors: string,
  frameOptions: string,
  referrerPolicy: string,
  { forms, script }: { readonly forms: string; readonly script: string | null } = { forms: "'self'", script: null },
): PageHeaders {
  const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return Object.freeze({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src ${hashOf(STYLESHEET)}`,
      ...(script === null ? [] : [`script-src ${hashOf(script)}`]),
      `form-action ${forms}`,
      "base-uri 'none'",
      `frame-ancestors ${ancestors}`,
    ].join('; '),
    'x-frame-options': frameOptions,
    'x-content-type-options': 'nosniff',
    'referrer-policy': referrerPolicy,
    'cross-origin-opener-policy': 'noopener-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  });
}
