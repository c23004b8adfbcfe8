import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';

export interface Expiring {
  readonly expires: Seconds;
}

/** A map whose entries are forgotten some time after they expired. Until then they are found, expired or not. */
export interface ExpiringMap<V extends Expiring> {
  readonly size: number;
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
  /** Looks at a few entries and forgets the expired ones. Called once for every write, it keeps up with the writes. */
  sweep(now: Seconds): void;
}

/** Entries looked at by one sweep. More than one, so that the expired are forgotten faster than new ones come. */
const SWEPT_AT_ONCE = 16;

/** Whether something may be forgotten: not at the second it expires, because our clock may be set back a little. */
export const isForgettable = (entry: Expiring, now: Seconds): boolean => entry.expires <= now - CLOCK_STEP_TOLERANCE;

/** An empty {@link ExpiringMap}. No operation's cost grows with the number of entries. */
export function createExpiringMap<V extends Expiring>(): ExpiringMap<V> {
  const entries = new Map<string, V>();
  // An iterator of a Map stays valid while entries come and go, so each sweep goes on where the last one stopped.
  let cursor = entries.entries();

  return {
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set: (key, value) => {
      entries.set(key, value);
    },
    sweep(now) {
      for (let looked = 0; looked < SWEPT_AT_ONCE; looked++) {
        const next = cursor.next();
        if (next.done) {
          cursor = entries.entries();
          return;
        }
        const [key, value] = next.value;
        if (isForgettable(value, now)) entries.delete(key);
      }
    },
  };
}
