import type { Seconds } from '../core/time.ts';

const SPAN =
  /^P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/;
const SECONDS = [365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1] as const;

/**
 * A span of time (XML Schema 2, 3.2.6) in seconds, a year taken as 365 days and a month as 30; null for anything else, and
 * for one that goes backwards.
 */
export function readSpan(text: string | null): Seconds | null {
  const parts = SPAN.exec(text?.trim() ?? '');
  return parts === null ? null : SECONDS.reduce((sum, unit, i) => sum + unit * Number(parts[i + 1] ?? 0), 0);
}
