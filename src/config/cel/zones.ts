import type { Seconds } from '../../core/time.ts';
import { nearest } from '../nearest.ts';
import type { Wrong } from '../problems.ts';

/** The time in one zone: a date whose UTC fields are what clocks show there. */
export type ZoneClock = (at: Seconds) => Date;

/** Making one costs a hundred times as much as using it; there are as many as there are zones. */
const clocks = new Map<string, ZoneClock>();

/** The clock of a time zone (IANA name, or an offset such as `+01:00`). */
export function zoneClock(zone: string): ZoneClock | Wrong {
  const key = zone.toLowerCase();
  const known = clocks.get(key);
  if (known !== undefined) return known;
  const format = formatOf(zone);
  if (format === null) return { wrong: 'bad-condition', message: `there is no time zone "${zone}"`, hint: meant(zone) };
  const clock = clockOf(format);
  clocks.set(key, clock);
  return clock;
}

export const utcClock: ZoneClock = (at) => new Date(at * 1000);

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch {
    return null;
  }
}

/** `11/22/2026, 14:05:00`, whatever stands between the numbers. */
const SHOWN = /^(\d+)\D+(\d+)\D+(\d+)\D+(\d+)\D+(\d+)\D+(\d+)$/;

function clockOf(format: Intl.DateTimeFormat): ZoneClock {
  // Many conditions ask for several fields of one moment, and many requests come within one second.
  let last: Seconds = Number.NaN;
  let shown = new Date(Number.NaN);
  return (at) => {
    if (at === last) return shown;
    const milliseconds = (((at * 1000) % 1000) + 1000) % 1000;
    const [, month, day, year, hour, minute, second] = (SHOWN.exec(format.format(at * 1000)) ?? []).map(Number);
    const date = new Date(0);
    date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
    date.setUTCHours(Number(hour), minute, second, milliseconds);
    last = at;
    shown = date;
    return date;
  };
}

const ZONES = Intl.supportedValuesOf('timeZone');

/** The zone that was meant: near in spelling, or the one of that city. */
function meant(zone: string): string {
  const city = ZONES.find((name) => name.toLowerCase().endsWith(`/${zone.toLowerCase().replaceAll(' ', '_')}`));
  const near = city ?? nearest(zone, ZONES);
  return near === null ? 'write its name, such as "Europe/Zurich" or "UTC"' : `did you mean "${near}"?`;
}
