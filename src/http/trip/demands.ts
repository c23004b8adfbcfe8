import { type Demand, demandOn, harder } from '../../core/demand.ts';
import type { Current } from '../../live/live.ts';
import type { TriedDemand, TripDemand } from '../../sessions/flow-codec.ts';

/** A demand as a flow carries it: by the level's name, since a flow may outlive its world. */
export const tripDemand = ({ level, comparison, maxAge, since, source }: Demand): TripDemand => ({
  level: level.name,
  comparison,
  maxAge,
  since,
  source,
});

/**
 * Demands as the world of now knows them. One whose level is gone is left out: the request it was made for is judged
 * again, by the rules of now, when the person is back.
 */
export function revived({ world }: Current, demands: readonly (TripDemand | TriedDemand)[]): readonly Demand[] {
  return demands.flatMap((demand) => {
    const level = world.ladder.named.get(demand.level);
    if (level === undefined) return [];
    const source = 'source' in demand ? demand.source : '';
    const message = world.messages.get(source) ?? level.message;
    return [demandOn(world.ladder, { ...demand, level, source, message })];
  });
}

/** Where not all of them fit into what is sealed, the easiest are left out: the page asks for those by itself. */
export const hardestFirst = (demands: readonly Demand[]): readonly Demand[] => demands.toSorted(harder);

/** Demands as words for the log, hardest first. */
export const demandWords = (demands: readonly Demand[]): readonly string[] => hardestFirst(demands).map(wordsOf);

function wordsOf({ level, comparison, maxAge, since }: Demand): string {
  const words = [level.name];
  if (comparison !== 'minimum') words.push(comparison);
  if (maxAge !== null) words.push(`${maxAge}s`);
  if (since !== null) words.push(`since=${since}`);
  return words.join(' ');
}
