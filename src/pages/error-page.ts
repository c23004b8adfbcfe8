import { ERRORS, type ErrorCode } from '../errors.ts';
import { html } from './html.ts';
import type { IconName } from './icons.ts';
import { type Action, actionLinks, renderLayout } from './layout.ts';
import { type LevelNeeded, levelNeeded } from './level-needed.ts';

export interface ErrorPage {
  readonly requestId: string;
  /** What the person can do about it, most helpful first. */
  readonly actions: readonly Action[];
  /** The level that was missing, where the error is about one. */
  readonly level?: LevelNeeded | null | undefined;
  /** The claim that the error is about: its name, never what was in it. */
  readonly claim?: string | null | undefined;
}

/** The page of any error: its row of {@link ERRORS} as heading and sentence. */
export function renderError(code: ErrorCode, { requestId, actions, level, claim }: ErrorPage): string {
  const { title, sentence } = ERRORS[code];
  return renderLayout({
    title,
    icon: iconOf(code),
    body: html`<p>${sentence}</p>
${levelNeeded(level)}
${actionLinks(actions)}`,
    reference: { code, claim, requestId },
  });
}

function iconOf(code: ErrorCode): IconName {
  if (code === 'level_not_met' || code === 'stale_authentication') return 'key';
  const { status } = ERRORS[code];
  if (status >= 500) return 'away';
  return status === 403 ? 'closed' : 'astray';
}
