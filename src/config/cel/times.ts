import type { ASTNode } from '@marcbachmann/cel-js';
import type { Seconds } from '../../core/time.ts';
import { suggest } from '../nearest.ts';
import { isWrong } from '../problems.ts';
import type { Draft } from './draft.ts';
import { kindName, lift, type Term } from './term.ts';
import { utcClock, zoneClock } from './zones.ts';

const DAY = 86_400_000;

/** The fields of a moment, counted as in CEL: months, and days of the month, week and year from 0; getDate from 1. */
const FIELDS: ReadonlyMap<string, (date: Date) => number> = new Map([
  ['getFullYear', (date: Date) => date.getUTCFullYear()],
  ['getMonth', (date: Date) => date.getUTCMonth()],
  ['getDate', (date: Date) => date.getUTCDate()],
  ['getDayOfMonth', (date: Date) => date.getUTCDate() - 1],
  ['getDayOfWeek', (date: Date) => date.getUTCDay()],
  ['getDayOfYear', (date: Date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / DAY)],
  ['getHours', (date: Date) => date.getUTCHours()],
  ['getMinutes', (date: Date) => date.getUTCMinutes()],
  ['getSeconds', (date: Date) => date.getUTCSeconds()],
  ['getMilliseconds', (date: Date) => date.getUTCMilliseconds()],
]);

/** The names of all fields of a moment. */
export const CLOCK_FIELDS: readonly string[] = [...FIELDS.keys()];

/** Compiles `moment.getHours("Europe/Zurich")` and the like; without a zone it is the time of UTC. */
export function compileClock(
  name: string,
  moment: Term,
  args: readonly ASTNode[],
  at: number,
  place: Pick<Term, 'at' | 'end'>,
  draft: Draft,
): Term | null {
  const field = FIELDS.get(name);
  if (field === undefined) {
    return draft.wrong(at, `there is no ${name}() for ${kindName(moment.kind)}`, suggest(name, CLOCK_FIELDS));
  }
  const [zone, second] = args;
  if (second !== undefined || (zone !== undefined && (zone.op !== 'value' || typeof zone.args !== 'string'))) {
    const hint = `such as ${name}("Europe/Zurich")`;
    return draft.wrong((second ?? zone)?.start ?? at, `${name}() takes a time zone that is written out`, hint);
  }
  const clock = typeof zone?.args === 'string' ? zoneClock(zone.args) : utcClock;
  if (isWrong(clock)) return draft.wrong(zone?.start ?? at, clock);
  if (zone === undefined) draft.reads.names.add('now.utc');
  return { kind: 'int', run: lift(moment.run, (seconds: Seconds) => field(clock(seconds))), ...place };
}
