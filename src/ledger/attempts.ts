import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';
import { createExpiringMap, type Expiring } from './expiring-map.ts';

/**
 * The attempts of the last `window`, oldest first. What lies further in the future than clocks differ was recorded before a
 * clock was set back: it must not lock anybody out for that long.
 */
const recent = (attempts: readonly Seconds[], now: Seconds, window: Seconds): readonly Seconds[] =>
  attempts.filter((at) => at > now - window && at <= now + CLOCK_STEP_TOLERANCE).sort((one, other) => one - other);

/** Seconds until fewer than `limit` of these attempts lie within the last `window`; 0 where that is so now. */
export function waitAfter(attempts: readonly Seconds[], limit: number, now: Seconds, window: Seconds): Seconds {
  const counted = recent(attempts, now, window);
  const last = counted[counted.length - limit];
  return last === undefined ? 0 : Math.max(1, last + window - now);
}

/** Attempts in memory, by key. */
export interface Attempts {
  wait(key: string, limit: number, now: Seconds, window: Seconds): Seconds;
  /** Records one where there is room for it, and says how long there is none. */
  record(key: string, limit: number, now: Seconds, window: Seconds): Seconds;
}

interface Recorded extends Expiring {
  readonly times: readonly Seconds[];
}

/** An empty one. Each key keeps at most as many attempts as its limit. */
export function createAttempts(): Attempts {
  const keys = createExpiringMap<Recorded>();
  const timesOf = (key: string): readonly Seconds[] => keys.get(key)?.times ?? [];
  const wait: Attempts['wait'] = (key, limit, now, window) => waitAfter(timesOf(key), limit, now, window);
  return {
    wait,
    record(key, limit, now, window) {
      keys.sweep(now);
      const seconds = wait(key, limit, now, window);
      if (seconds === 0) {
        const times = [...recent(timesOf(key), now, window), now];
        keys.set(key, { times, expires: Math.max(...times) + window });
      }
      return seconds;
    },
  };
}
