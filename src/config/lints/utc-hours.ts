import { callsIn } from './conditions.ts';
import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import { conditionsOf } from './places.ts';
import type { Whole } from './whole.ts';

/** What depends on where the clock hangs. */
const FIELDS: ReadonlySet<string> = new Set([
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getFullYear',
  'getHours',
  'getMinutes',
  'getMonth',
]);

function* find(whole: Whole): Iterable<Found> {
  for (const { where, text, names } of conditionsOf(whole)) {
    const call = callsIn(text, names).find(
      ({ name, target, parameters }) => FIELDS.has(name) && target === 'now' && parameters.length === 0,
    );
    if (call === undefined) continue;
    const message = `now.${call.name}() without a time zone is told by the clock in UTC`;
    yield { where, message, hint: `name the zone, such as now.${call.name}("Europe/Zurich"), or "UTC"` };
  }
}

export const utcHours: Lint = {
  id: 'utc-hours',
  severity: 'warning',
  summary: 'A condition asks for the hour or the day without saying in which time zone.',
  why: `Without a zone it is the one of UTC: office hours are an hour or two off, by another amount in summer than in winter, and the weekend
starts and ends at night. Where UTC is meant, say so.`,
  wrong: {
    policies: `conditions:
  at_night: now.getHours() < 6
floors:
  - {id: night, when: at_night, require: mfa}`,
  },
  right: {
    policies: `conditions:
  at_night: now.getHours("Europe/Zurich") < 6
floors:
  - {id: night, when: at_night, require: mfa}`,
  },
  meant: NOT_ACCEPTED,
  find,
};
