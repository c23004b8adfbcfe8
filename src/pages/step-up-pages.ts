import type { ChallengeWhy } from '../core/demand.ts';
import { html } from './html.ts';
import { type Action, actionLinks, renderLayout } from './layout.ts';
import { type LevelNeeded, levelNeeded } from './level-needed.ts';

export interface FormNeedsStepUp {
  readonly stepUpHref: string;
  /** The page with the form, where it is known and ours to name. */
  readonly backHref: string | null;
  readonly level?: LevelNeeded | null | undefined;
  /** Our word for what is missing, for the help desk. */
  readonly why?: ChallengeWhy | undefined;
  readonly requestId: string;
}

/** The 401 to a form that needs a step-up first: nothing was forwarded, nothing is kept. */
export function renderFormNeedsStepUp({ stepUpHref, backHref, level, why, requestId }: FormNeedsStepUp): string {
  const actions: Action[] = [{ label: 'Confirm it is you', href: stepUpHref }];
  if (backHref !== null) actions.push({ label: 'Back to the form', href: backHref });
  return renderLayout({
    title: 'Your form was not sent yet',
    icon: 'key',
    body: html`<p>Sending this form needs a sign-in step first. What you entered was not passed on, and it is not stored here. Confirm that it is you, then send the form again.</p>
${levelNeeded(level)}
${actionLinks(actions)}
<p class="hint">To keep what you typed, open “Confirm it is you” in a new tab. Afterwards close that tab, go back here with your browser’s Back button and send the form again.</p>`,
    reference: { code: why ?? null, requestId },
  });
}

export interface FrameNeedsStepUp {
  readonly stepUpHref: string;
  readonly level?: LevelNeeded | null | undefined;
}

/** The 401 inside a frame: providers refuse to be framed, so the trip starts in the whole window. */
export function renderFrame({ stepUpHref, level }: FrameNeedsStepUp): string {
  return renderLayout({
    title: 'A sign-in step is needed',
    icon: 'key',
    body: html`<p>This part of the page opens after a sign-in step, in the whole window.</p>
<div class="actions">
<a class="button" href="${stepUpHref}" target="_top">Continue in the whole window</a>
</div>
${levelNeeded(level)}`,
    reference: null,
    compact: true,
  });
}
