import { type Html, html } from './html.ts';
import { IDP_STYLE } from './idp-style.ts';
import type { DemoPerson } from './people.ts';

/** A whole page of the demo's identity provider, as text. There is no script but where `head` names one. */
export function idpPage(title: string, body: Html, head: Html | null = null): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Demo identity provider</title>
<style>${{ markup: IDP_STYLE }}</style>
${head}</head>
<body>
<header><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="8" r="4"/><path d="M4 21c0-5 4-7 8-7s8 2 8 7"/></svg>
<span>Demo identity provider</span></header>
<main>
${body}
</main>
</body>
</html>
`.markup;
}

export interface SignInPage {
  /** Path of this trip's pages. */
  readonly base: string;
  readonly people: readonly DemoPerson[];
  /** Put into the field beforehand. */
  readonly username: string;
  readonly error: string | null;
}

/** Asks for username and password. */
export function signInPage({ base, people, username, error }: SignInPage): string {
  // Whoever is known already has only the password left to type.
  const focus = { markup: ' autofocus' };
  return idpPage(
    'Sign in',
    html`<h1>Sign in</h1>
${errorNote(error)}<form method="post" action="${base}/password">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${username}"${username === '' ? focus : null}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${username === '' ? null : focus}>
<button type="submit">Sign in</button>
</form>
${cancelLink(base)}
${peopleNote(people)}`,
  );
}

export interface SecondFactorPage {
  readonly base: string;
  readonly person: DemoPerson;
  /** The six digits of now: the demo stands in for the person's telephone. */
  readonly code: string;
  /** A passkey is asked for and the person has none at hand: they may register one after this. */
  readonly toRegister: boolean;
  readonly error: string | null;
}

/** Asks for the six digits of the second factor, and shows them. */
export function secondFactorPage({ base, person, code, toRegister, error }: SecondFactorPage): string {
  return idpPage(
    'Confirm that it is you',
    html`<h1>Confirm that it is you</h1>
<p class="soft">Signing in as <strong>${person.name}</strong>. ${toRegister ? 'A passkey is needed. To register one, confirm with your second factor first.' : 'A second factor is needed.'}</p>
${errorNote(error)}<p class="note">This is a demo: your code is <strong class="now">${code.slice(0, 3)} ${code.slice(3)}</strong>
<span class="soft">An authenticator app would show it. It changes every 30 seconds.</span></p>
<form method="post" action="${base}/code">
<label for="code">Six-digit code</label>
<input id="code" name="code" class="code" inputmode="numeric" autocomplete="one-time-code" required autofocus>
<button type="submit">Confirm</button>
</form>
${cancelLink(base)}`,
  );
}

/** Says what this server is to whoever opens its address. */
export function welcomePage(people: readonly DemoPerson[]): string {
  return idpPage(
    'Welcome',
    html`<h1>Nothing to do here</h1>
<p>This is the identity provider of the Stepgate demo. Applications send people here to sign in; open one of them instead.</p>
${peopleNote(people)}`,
  );
}

/**
 * Says who is signed in, and lets them sign out of everything.
 *
 * @param action - where the form goes
 */
export function signedInPage(person: DemoPerson, action: string): string {
  return idpPage(
    'Welcome',
    html`<h1>You are signed in</h1>
<p>As <strong>${person.name}</strong>, here and at the applications that you came from.</p>
<form method="post" action="${action}">
<button type="submit">Sign out everywhere</button>
</form>`,
  );
}

/**
 * Asks whoever an application sent here to sign out whether this provider shall forget them too.
 *
 * @param form - the engine's, which the buttons belong to
 */
export function signOutPage(name: string, form: Html): string {
  return idpPage(
    'Sign out here too?',
    html`<h1>Sign out here too?</h1>
<p>The application has signed you out. This identity provider still knows you as <strong>${name}</strong>, and the next
application would be told so without asking you.</p>
${form}<button type="submit" form="${SIGN_OUT_FORM}" name="logout" value="yes" autofocus>Sign out</button>
<p class="after"><button type="submit" form="${SIGN_OUT_FORM}" class="quiet">Stay signed in here</button></p>`,
  );
}

/** The engine's name for it. */
const SIGN_OUT_FORM = 'op.logoutForm';

/** The end of a sign-out that no application waits for. */
export function signedOutPage(): string {
  return idpPage('Signed out', html`<h1>Signed out</h1><p>This identity provider has forgotten you.</p>`);
}

/** Ends where no application can be told. */
export function brokenPage(title: string, sentence: string): string {
  return idpPage(title, html`<h1>${title}</h1><p>${sentence}</p>`);
}

/** What went wrong with the form above which it stands. */
export function errorNote(error: string | null): Html | null {
  return error === null ? null : html`<p class="bad" role="alert">${error}</p>\n`;
}

/** Back to the application, with nothing done. */
export function cancelLink(base: string): Html {
  return html`<p class="after"><a href="${base}/cancel">Cancel</a></p>`;
}

function peopleNote(people: readonly DemoPerson[]): Html {
  const rows = people.map(
    (person) =>
      html`<tr><th scope="row"><code>${person.username}</code></th><td><code>${person.password}</code></td><td>${person.totpSecret === null ? 'no' : 'yes'}</td></tr>`,
  );
  return html`<div class="note">This is a demo. These people can sign in:
<table><thead><tr><th scope="col">Username</th><th scope="col">Password</th><th scope="col">Second factor</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
