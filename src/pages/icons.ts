import { type Html, unescapedHtml } from './html.ts';

/** What kind of news a page is: something to prove, a closed door, something out of order, a wrong way, a way out. */
export type IconName = 'key' | 'closed' | 'away' | 'astray' | 'out';

/** Drawn on 24 by 24, in the colour of the text; decoration only. */
const icon = (shapes: string): Html =>
  unescapedHtml(
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${shapes}</svg>`,
  );

export const ICONS: Readonly<Record<IconName, Html>> = {
  key: icon('<circle cx="8" cy="16" r="5"/><path d="M11.5 12.5 21 3m-4.5 4.5 3.5 3.5M13.5 10.5l2.5 2.5"/>'),
  closed: icon('<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>'),
  away: icon('<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3 2"/>'),
  astray: icon('<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5m0 3.25v.25"/>'),
  out: icon('<path d="M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7m-3-8h9m-3.5-3.5L20 12l-3.5 3.5"/>'),
};
