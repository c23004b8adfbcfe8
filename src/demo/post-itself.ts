import { createHash } from 'node:crypto';
import { html } from './html.ts';
import { idpPage } from './idp-pages.ts';

const POST_ITSELF = 'document.forms[0].submit()';

/** For the Content-Security-Policy: this line and no other. */
export const POST_ITSELF_HASH = `'sha256-${createHash('sha256').update(POST_ITSELF).digest('base64')}'`;

/** A page whose form posts itself to an application; by its button where scripts are off (SAML Bindings 3.5). */
export function postItselfPage(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  return idpPage(
    'Back to the application',
    html`<h1>Back to the application</h1>
<p>If nothing happens, press the button.</p>
<form method="post" action="${action}">
${inputs}<button type="submit">Continue</button>
</form>
<script>${{ markup: POST_ITSELF }}</script>`,
  );
}
