import type { Seconds } from '../core/time.ts';
import type { Wrong } from './problems.ts';

const WRITTEN = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
/** ISO 8601 durations of days and times; what has no fixed length (years, months) and weeks are left out. */
const ISO = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
/** How a duration looks, for editors: what {@link parseDuration} reads, and nothing else but what is too long. */
export const DURATION = new RegExp(`^(?!P?$)(?:${[WRITTEN, ISO].map(({ source }) => source.slice(1, -1)).join('|')})$`);
export const DURATION_EXAMPLES = 'write 90s, 15m, 1h30m, 7d or PT2H';

/** Longer than anything that is meant, and far from where numbers lose precision. */
const LONGEST: Seconds = 36_500 * 86_400;

const BARE_NUMBER = `a duration needs its unit: ${DURATION_EXAMPLES}`;

/** Reads a duration: `90s`, `15m`, `1h30m`, `7d`, or ISO 8601 days and times (`P1D`, `PT2H`). */
export function parseDuration(text: string): Seconds | Wrong {
  const match = text === '' || text === 'P' ? null : (WRITTEN.exec(text) ?? ISO.exec(text));
  if (match === null) return { wrong: 'bad-duration', message: `"${text}" is not a duration`, hint: hintFor(text) };
  const [days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  if (total > LONGEST) return { wrong: 'bad-duration', message: `"${text}" is longer than a hundred years` };
  return total;
}

function hintFor(text: string): string {
  if (/^\d+$/.test(text)) return BARE_NUMBER;
  if (/^\d+ *(?:M|mo|months?|y|Y|years?)$|^P(?:\d+[YMD])*\d+[YM]/.test(text)) {
    return 'months and years have no fixed length: write days, such as 30d';
  }
  if (/^P?\d+ *[wW](?:eeks?)?$/.test(text)) return 'write weeks as days, such as 7d';
  if (/[.,]/.test(text)) return 'whole numbers only: 1h30m instead of 1.5h';
  return `${DURATION_EXAMPLES}; the larger unit first, without spaces`;
}

/** A duration as a person writes it: the largest units first, `0s` for none. */
export function formatDuration(duration: Seconds): string {
  const units: readonly (readonly [string, Seconds])[] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  let left = duration;
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
