/** Where the provider serves {@link PASSKEY_JS}; no other script may run on its pages, and this one on two of them only. */
export const PASSKEY_SCRIPT_PATH = '/passkey.js';

/** Asks the browser what the page says, and sends its answer with the page's form. */
export const PASSKEY_JS = `'use strict';
const form = document.getElementById('passkey');
const button = form.querySelector('button');
const complaint = document.getElementById('complaint');

const REASONS = {
  NotAllowedError: 'No passkey was used: the question was cancelled, took too long, or no passkey fits. Try again.',
  InvalidStateError: 'You have registered a passkey of this device already.',
  SecurityError: 'Browsers use passkeys here under http://localhost only.',
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  complaint.hidden = true;
  try {
    form.elements.namedItem('answer').value = JSON.stringify(await ask(JSON.parse(form.dataset.question)));
    form.submit();
  } catch (error) {
    complaint.textContent = REASONS[error.name] ?? 'This browser cannot use passkeys here.';
    complaint.hidden = false;
    button.disabled = false;
    button.focus();
  }
});

function ask(question) {
  return form.dataset.ceremony === 'create'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
}
`;
