import { html, unescapedHtml } from './html.ts';
import { renderLayout } from './layout.ts';

/** The only script of any of our pages: its hash stands in the policy of the page that has it. */
export const POST_ITSELF = 'document.forms[0].submit()';

/** A page whose form posts itself to a provider that takes no redirects; by a button where scripts are off. */
export function renderLeavingByPost({
  action,
  fields,
}: {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}): string {
  return renderLayout({
    title: 'On to your sign-in service',
    icon: 'key',
    body: html`<p>You are taken to your sign-in service. If nothing happens, press the button.</p>
<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<div class="actions"><button class="button">Continue</button></div>
</form>
<script>${unescapedHtml(POST_ITSELF)}</script>`,
    reference: null,
  });
}
