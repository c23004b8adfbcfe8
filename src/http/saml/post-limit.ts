import { LRUCache } from 'lru-cache';

/** How often the answer to one flow may be posted: by somebody who sends it once more, by a provider that does. */
export const POSTS_OF_A_FLOW = 10;

/** Flows whose posts are counted: of some 150 bytes each. Of more than these the longest silent ones start anew. */
const FLOWS_COUNTED = 10_000;

/** Counts, in this process, how often somebody came with the same RelayState of ours. */
export interface PostLimit {
  /** Counts one more, and says whether it is one too many. */
  isOver(relayState: string): boolean;
}

/** One flow costs no more verifications than a few, however often its answer is posted. */
export function createPostLimit(): PostLimit {
  const counts = new LRUCache<string, number>({ max: FLOWS_COUNTED });
  return {
    isOver(relayState) {
      const count = (counts.get(relayState) ?? 0) + 1;
      counts.set(relayState, count);
      return count > POSTS_OF_A_FLOW;
    },
  };
}
