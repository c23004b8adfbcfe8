import { ERRORS, type ErrorCode } from '../../src/errors.ts';
import { renderError } from '../../src/pages/error-page.ts';
import type { PageKind } from '../../src/pages/headers.ts';
import { renderLeavingByPost } from '../../src/pages/leaving-by-post.ts';
import type { LevelNeeded } from '../../src/pages/level-needed.ts';
import { renderLeaving, renderSignedOut, renderSignOut } from '../../src/pages/sign-out-pages.ts';
import { renderFormNeedsStepUp, renderFrame } from '../../src/pages/step-up-pages.ts';

export interface ShownPage {
  readonly name: string;
  readonly kind: PageKind;
  readonly html: string;
}

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** Every page there is, each filled with `text` wherever something comes from outside. */
export function everyPage(text: string, language = text): readonly ShownPage[] {
  const level: LevelNeeded = { label: text, message: { language, text }, maxAge: 300 };
  const href = '/.stepgate/step-up?t=abc';
  const actions = [
    { label: 'Try again', href },
    { label: text, href: '/' },
  ];
  return [
    ...ERROR_CODES.map(
      (code): ShownPage => ({
        name: code,
        kind: 'page',
        html: renderError(code, { requestId: text, actions, level }),
      }),
    ),
    {
      name: 'sign-out',
      kind: 'form',
      html: renderSignOut({
        token: text,
        name: text,
        action: '/.stepgate/sign-out',
        cancelHref: '/',
        requestId: text,
      }),
    },
    { name: 'signed-out', kind: 'page', html: renderSignedOut({ startHref: '/' }) },
    {
      name: 'leaving',
      kind: 'page',
      // It leads on at once, and would be gone before anybody has looked at it.
      html: renderLeaving({ href: '/end-session?a=b&c=d' }).replace(/<meta http-equiv.*>/, ''),
    },
    {
      name: 'leaving-by-post',
      kind: 'post',
      html: renderLeavingByPost({ action: text, fields: { SAMLRequest: text, RelayState: text } })
        // It posts itself at once.
        .replace(/<script>.*<\/script>/, ''),
    },
    {
      name: 'form',
      kind: 'page',
      html: renderFormNeedsStepUp({
        stepUpHref: href,
        backHref: '/form',
        level,
        why: 'insufficient_level',
        requestId: text,
      }),
    },
    { name: 'frame', kind: 'frame', html: renderFrame({ stepUpHref: href, level }) },
  ];
}
