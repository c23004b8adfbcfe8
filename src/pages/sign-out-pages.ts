import type { LogoutOutcome } from '../core/single-logout.ts';
import { html } from './html.ts';
import { renderLayout } from './layout.ts';

/** The form field that carries the token of a sign-out. */
export const TOKEN_FIELD = 'token';

export interface SignOutQuestion {
  /** Comes back in the form as {@link TOKEN_FIELD}. */
  readonly token: string;
  /** Who is signed in, as the provider calls them; null where it gave no name. */
  readonly name: string | null;
  /** Where the form is posted: a path of ours. */
  readonly action: string;
  readonly cancelHref: string;
  /** Whether the sign-in service is told to sign the person out as well. */
  readonly alsoAtProvider?: boolean;
  readonly requestId: string;
}

/** Asks before a sign-out, so that a link of another site cannot sign anybody out. */
export function renderSignOut(question: SignOutQuestion): string {
  const { token, name, action, cancelHref, alsoAtProvider = false, requestId } = question;
  return renderLayout({
    title: 'Sign out?',
    icon: 'out',
    body: html`<p>${name === null ? 'You are signed in.' : html`You are signed in as <strong><bdi>${name}</bdi></strong>.`} Signing out ends your session here, in this browser. ${alsoAtProvider ? 'Then you are taken to your sign-in service, to sign out there as well.' : 'Your sign-in service may still remember you.'}</p>
<div class="actions">
<form method="post" action="${action}" autocomplete="off">
<input type="hidden" name="${TOKEN_FIELD}" value="${token}">
<button class="button" type="submit">Sign out</button>
</form>
<a class="button second" href="${cancelHref}">Stay signed in</a>
</div>`,
    reference: { code: null, requestId },
  });
}

/** Says that the sign-out here is done, and leads on to the one of the sign-in service: by itself, and by a link. */
export function renderLeaving({ href }: { readonly href: string }): string {
  return renderLayout({
    title: 'You are signed out here',
    icon: 'out',
    body: html`<p>Your session here has ended. Now you are taken to your sign-in service, to sign out there as well. If nothing happens, follow the link.</p>
<div class="actions">
<a class="button" href="${href}">Sign out there too</a>
</div>`,
    reference: null,
    leadsTo: href,
  });
}

/** What is said of the sign-in service after a sign-out, by what it said itself. */
const AT_PROVIDER: Readonly<Record<LogoutOutcome, string>> = {
  unknown: 'Your sign-in service may still remember you: on a shared device, sign out there too, or close the browser.',
  partly:
    'Your sign-in service has signed you out as well, but not of every application: on a shared device, close the browser.',
  everywhere: 'Your sign-in service has signed you out as well.',
};

/** Says that the sign-out is done. */
export function renderSignedOut({
  startHref,
  atProvider = 'unknown',
}: {
  readonly startHref: string;
  readonly atProvider?: LogoutOutcome;
}): string {
  return renderLayout({
    title: 'You are signed out',
    icon: 'out',
    body: html`<p>Your session here has ended. ${AT_PROVIDER[atProvider]}</p>
<div class="actions">
<a class="button" href="${startHref}">Sign in again</a>
</div>`,
    reference: null,
  });
}
