import { type Demand, harder } from '../../core/demand.ts';
import type { Current } from '../../live/live.ts';
import type { TriedDemand, TripDemand } from '../../sessions/flow-codec.ts';

/** A demand as a flow carries it: by the level's name, since a flow may outlive its world. */
export const tripDemand = ({ level, maxAge, source }: Demand): TripDemand => ({ level: level.name, maxAge, source });

/**
 * Demands as the world of now knows them. One whose level is gone is left out: the request it was made for is judged
 * again, by the rules of now, when the person is back.
 */
export function revived(current: Current, demands: readonly (TripDemand | TriedDemand)[]): readonly Demand[] {
  return demands.flatMap((demand) => {
    const level = current.world.ladder.named.get(demand.level);
    if (level === undefined) return [];
    return [{ level, maxAge: demand.maxAge, source: 'source' in demand ? demand.source : '' }];
  });
}

/** Demands as words for the log, hardest first. */
export const demandWords = (demands: readonly Demand[]): readonly string[] =>
  [...demands].sort(harder).map(({ level, maxAge }) => (maxAge === null ? level.name : `${level.name} ${maxAge}s`));
