import { type Html, html } from './html.ts';
import { cancelLink, idpPage } from './idp-pages.ts';
import { PASSKEY_SCRIPT_PATH } from './passkey-script.ts';
import type { DemoPerson } from './people.ts';

export interface PasskeyPage {
  /** Path of this trip's pages. */
  readonly base: string;
  readonly person: DemoPerson;
  /** What the browser is asked, as JSON. */
  readonly question: string;
  readonly error: string | null;
}

/** Asks for a passkey that is registered. */
export function passkeyPage({ base, person, question, error }: PasskeyPage): string {
  return scriptedPage(
    'Use your passkey',
    html`<h1>Use your passkey</h1>
<p class="soft">Signing in as <strong>${person.name}</strong>. Your device or security key asks for your finger, your face or a PIN.</p>
${passkeyForm({ action: `${base}/passkey`, ceremony: 'get', button: 'Use passkey', question, error })}
<p class="after"><a href="${base}/another">Register another passkey</a></p>
${cancelLink(base)}`,
  );
}

export interface RegisterPasskeyPage extends PasskeyPage {
  /** Whether there is another one to go back to. */
  readonly hasOne: boolean;
}

/** Offers to register a passkey to whoever is asked for one and has none, or not here. */
export function registerPasskeyPage({ base, person, question, hasOne, error }: RegisterPasskeyPage): string {
  const back = hasOne ? html`<p class="after"><a href="${base}/mine">Use one that you have</a></p>\n` : null;
  return scriptedPage(
    'Register a passkey',
    html`<h1>Register a passkey</h1>
<p class="soft">Signing in as <strong>${person.name}</strong>. Save a passkey on this device or on a security key; then you are asked to use it.</p>
<p class="note">This is a demo: a real provider has people register in peace, on a page of their account. This one keeps your passkey
in memory and forgets it when the demo stops.</p>
${passkeyForm({ action: `${base}/register`, ceremony: 'create', button: 'Register a passkey', question, error })}
${back}${cancelLink(base)}`,
  );
}

interface PasskeyForm {
  readonly action: string;
  readonly ceremony: 'create' | 'get';
  readonly button: string;
  readonly question: string;
  readonly error: string | null;
}

/** A form whose one field the script fills in. What the browser itself objects to, the script says in the same place. */
function passkeyForm({ action, ceremony, button, question, error }: PasskeyForm): Html {
  const hidden = error === null ? { markup: ' hidden' } : null;
  return html`<p class="bad" role="alert" id="complaint"${hidden}>${error}</p>
<form method="post" action="${action}" data-ceremony="${ceremony}" data-question="${question}">
<input type="hidden" name="answer">
<button type="submit" autofocus>${button}</button>
</form>`;
}

function scriptedPage(title: string, body: Html): string {
  return idpPage(title, body, html`<script src="${PASSKEY_SCRIPT_PATH}"></script>\n`);
}
