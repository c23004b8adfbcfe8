import { createHash } from 'node:crypto';
import { STYLESHEET } from './stylesheet.ts';

/** Where a page stands: in its own tab, or (the frame page alone) inside a page of its own origin. */
export type PageKind = 'page' | 'frame';

export type PageHeaders = Readonly<Record<string, string>>;

/**
 * The response headers of a page. `noopener-allow-popups` cuts the tie to any window that opened the page, also one of
 * the app on the same origin, which `same-origin` would not.
 */
export const pageHeaders = (kind: PageKind): PageHeaders => HEADERS[kind];

const HEADERS: Readonly<Record<PageKind, PageHeaders>> = {
  page: headersFor("'none'", 'DENY'),
  frame: headersFor("'self'", 'SAMEORIGIN'),
};

function headersFor(ancestors: string, frameOptions: string): PageHeaders {
  const styleHash = createHash('sha256').update(STYLESHEET).digest('base64');
  return Object.freeze({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      "form-action 'self'",
      "base-uri 'none'",
      `frame-ancestors ${ancestors}`,
    ].join('; '),
    'x-frame-options': frameOptions,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'noopener-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  });
}
