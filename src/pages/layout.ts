import { type Html, html, unescapedHtml } from './html.ts';
import { ICONS, type IconName } from './icons.ts';
import { STYLESHEET } from './stylesheet.ts';

/** A link a person may follow from a page. The first of a page looks like a button to press. */
export interface Action {
  readonly label: string;
  /** An http(s) URL or an absolute path; anything else leads nowhere. */
  readonly href: string;
}

/** What a help desk asks for: our word for what happened, and the request it happened to. */
export interface Reference {
  readonly code: string | null;
  /** Name of the claim that it is about. */
  readonly claim?: string | null | undefined;
  readonly requestId: string;
}

export interface Layout {
  readonly title: string;
  readonly icon: IconName;
  /** What stands below the heading. */
  readonly body: Html;
  readonly reference: Reference | null;
  /** For a page inside a frame, which may be small. */
  readonly compact?: boolean;
  /** Where the page leads by itself, at once: an http(s) URL. */
  readonly leadsTo?: string;
}

const STYLE = unescapedHtml(`<style>${STYLESHEET}</style>`);

/** The one frame around every page. The words of the pages are English; a level's message may be in any language. */
export function renderLayout({ title, icon, body, reference, compact = false, leadsTo }: Layout): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">${
    leadsTo === undefined
      ? null
      : html`
<meta http-equiv="refresh" content="0; url=${leadsTo}">`
  }
<title>${title}</title>
${STYLE}
</head>
<body class="${compact ? 'compact' : 'whole'}">
<main>
<div class="icon">${ICONS[icon]}</div>
<h1>${title}</h1>
${body}
</main>
${reference === null ? null : footer(reference)}
</body>
</html>
`.toString();
}

const footer = ({ code, claim = null, requestId }: Reference): Html => html`<footer>
<p>If you ask your help desk for advice, pass this on:</p>
<dl>
${code === null ? null : html`<div><dt>Code</dt><dd>${code}</dd></div>`}
${claim === null ? null : html`<div><dt>Claim</dt><dd>${claim}</dd></div>`}
<div><dt>Request</dt><dd>${requestId}</dd></div>
</dl>
</footer>`;

/** The links of a page, the first as its main button; null when there are none. */
export function actionLinks(actions: readonly Action[]): Html | null {
  if (actions.length === 0) return null;
  const links = actions.map(
    ({ label, href }, i) => html`<a class="${i === 0 ? 'button' : 'button second'}" href="${href}">${label}</a>\n`,
  );
  return html`<div class="actions">\n${links}</div>`;
}
