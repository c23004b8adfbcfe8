/** Where the provider serves {@link PASSKEY_JS}; no other script may run on its pages, and this one on two of them only. */
export const PASSKEY_SCRIPT_PATH = '/passkey.js';

/**
 * Asks the browser what the page says, and sends its answer with the page's form. It listens to the document and is loaded
 * before there is a form, so that nobody can press the button too early.
 */
export const PASSKEY_JS = `'use strict';

const REASONS = {
  NotAllowedError: 'No passkey was used: the question was cancelled, took too long, or no passkey fits. Try again.',
  InvalidStateError: 'You have registered a passkey of this device already.',
  SecurityError: 'Browsers use passkeys here under http://localhost only.',
};

document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('button');
  const complaint = document.getElementById('complaint');
  button.disabled = true;
  complaint.hidden = true;
  try {
    form.elements.namedItem('answer').value = JSON.stringify(await ask(form.dataset));
    form.submit();
  } catch (error) {
    complaint.textContent = REASONS[error.name] ?? 'This browser cannot use passkeys here.';
    complaint.hidden = false;
    button.disabled = false;
    button.focus();
  }
});

function ask({ ceremony, question }) {
  const options = JSON.parse(question);
  return ceremony === 'create'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}
`;
