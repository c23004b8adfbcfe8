import type { Seconds } from '../core/time.ts';
import type { Wrong } from './problems.ts';

/** A date and time with its offset: without one nobody knows when it is. */
export const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export const INSTANT_EXAMPLES =
  'write date, time and offset, such as "2026-11-22T14:05:00Z" or "2026-11-22T15:05:00+01:00"';

/** Reads a moment (RFC 3339 5.6), such as `2026-11-22T14:05:00Z`, as seconds since 1970. */
export function parseInstant(text: string): Seconds | Wrong {
  const milliseconds = RFC3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  const [year, month, day] = text.split(/[-Tt]/, 3).map(Number);
  // Date.parse takes 30 February for 2 March.
  const real = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0)).getUTCDate() === day;
  if (!Number.isNaN(milliseconds) && real) return milliseconds / 1000;
  return { wrong: 'bad-instant', message: `"${text}" is not a moment`, hint: INSTANT_EXAMPLES };
}
