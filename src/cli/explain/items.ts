import type { App, PlacedFloor, PlacedRule } from '../../config/world.ts';
import type { Facts } from '../../core/facts.ts';
import type { Match } from '../../core/match.ts';
import type { Floor, Rule } from '../../core/policy.ts';
import { criteriaOf } from './criteria.ts';
import type { ExplainedCriterion, ExplainedItem, ExplainedOnly, ExplainedReading, Fit } from './explanation.ts';
import type { RecordedReading } from './recording.ts';
import { effectText } from './words.ts';

/** What the gate found out about one reading, beside everything that it had no need to look at. */
export function readingOf(app: App, floors: readonly PlacedFloor[], recorded: RecordedReading): ExplainedReading {
  const { facts } = recorded;
  const rulesHere = new Set(app.rules.find(facts.segments));
  const floorsHere = new Set(app.floors.find(facts.segments));
  return {
    path: `/${facts.segments.join('/')}`,
    rules: app.ruleList.map((placed) => itemOf(placed, placed.rule, rulesHere, recorded.rules, facts)),
    floors: floors.map((placed) =>
      placed.apps !== null && !placed.apps.includes(app.name)
        ? missed(placed, placed.floor, { criterion: 'app', text: placed.apps.join(', '), outcome: false })
        : itemOf(placed, placed.floor, floorsHere, recorded.floors, facts),
    ),
    only: recorded.only.map(({ owner, outcome }) => ({
      by: 'id' in owner ? owner.id : owner.name,
      place: ('id' in owner ? app.ruleList.find(({ rule }) => rule === owner)?.place : app.places.only) ?? null,
      text: owner.only?.text ?? '',
      outcome,
    })) satisfies ExplainedOnly[],
  };
}

function itemOf<T extends Rule | Floor>(
  placed: PlacedRule | PlacedFloor,
  item: T,
  here: ReadonlySet<T>,
  found: ReadonlyMap<T, Match>,
  facts: Facts,
): ExplainedItem {
  if (placed.off) return lineOf(placed, item, 'off', []);
  if (!here.has(item))
    return missed(placed, item, { criterion: 'path', text: placed.paths.join(', '), outcome: false });
  const match = found.get(item);
  if (match === undefined) return lineOf(placed, item, 'not_reached', []);
  if (match === 'except') return missed(placed, item, { criterion: 'except', text: '', outcome: false });
  const fit = match === 'hit' || match === 'undetermined' || match === 'person' ? match : 'miss';
  return lineOf(placed, item, fit, criteriaOf(item, facts));
}

const missed = (placed: PlacedRule | PlacedFloor, item: Rule | Floor, criterion: ExplainedCriterion): ExplainedItem =>
  placed.off ? lineOf(placed, item, 'off', []) : lineOf(placed, item, 'miss', [criterion]);

const lineOf = (
  { place, off }: PlacedRule | PlacedFloor,
  item: Rule | Floor,
  fit: Fit,
  criteria: readonly ExplainedCriterion[],
): ExplainedItem => ({
  id: item.id,
  place,
  mode: off ? 'off' : item.mode,
  fit,
  criteria,
  says: effectText(item.effect, 'oneTime' in item && item.oneTime),
  note: item.note,
});

/** Every floor there is: those over this app, and those that only lie over others, in the order of the file. */
export function allFloors(app: App, apps: Iterable<App>): readonly PlacedFloor[] {
  const byId = new Map(app.floorList.map((placed) => [placed.floor.id, placed]));
  for (const other of apps) {
    for (const placed of other.floorList) if (!byId.has(placed.floor.id)) byId.set(placed.floor.id, placed);
  }
  return [...byId.values()].sort((a, b) => a.floor.order - b.floor.order);
}
