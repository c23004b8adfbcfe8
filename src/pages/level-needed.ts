import type { Seconds } from '../core/time.ts';
import { type Html, html } from './html.ts';
import type { Message } from './language.ts';

/** What a person is told about the level a page needs. */
export interface LevelNeeded {
  readonly label: string;
  /** The level's own sentence, see {@link chooseMessage}. */
  readonly message?: Message | null | undefined;
  /** How young the proof must be; null = the level's validity alone, which no page mentions. */
  readonly maxAge?: Seconds | null | undefined;
}

/** The box that says what is needed. Null is nothing. */
export function levelNeeded(level: LevelNeeded | null | undefined): Html | null {
  if (level === null || level === undefined) return null;
  const { label, message, maxAge } = level;
  const age = maxAge === null || maxAge === undefined ? null : html`, no older than ${durationWords(maxAge)}`;
  return html`<div class="needed">
<p>Needed here: <span class="what"><bdi>${label}</bdi></span>${age}</p>
${message ? html`<p lang="${message.language}" dir="auto">${message.text}</p>` : null}
</div>`;
}

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** A span of whole seconds as a person says it: `1 hour 30 minutes`. */
export function durationWords(span: Seconds): string {
  const words: string[] = [];
  let left = Math.floor(span);
  for (const [size, unit] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return words.join(' ') || '0 seconds';
}
