import type { Seconds } from '../core/time.ts';
import type { Clock, Ledger, Random } from '../ports.ts';
import { createAttempts } from './attempts.ts';
import { createExpiringMap, type Expiring } from './expiring-map.ts';
import { LedgerError } from './ledger-error.ts';
import { PARKED_AT_ONCE, PARKED_LENGTH } from './parking.ts';
import { revocationWrites } from './revocation.ts';
import { createRevocations } from './revocations.ts';

/** Random bytes of a birth id. */
export const BIRTH_BYTES = 16;

export interface MemoryLedgerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly parkedAtOnce?: number;
}

/** A ledger for one process, gone with it: every restart signs everybody out. */
export function createMemoryLedger({ clock, random, parkedAtOnce = PARKED_AT_ONCE }: MemoryLedgerOptions): Ledger {
  const birth = random(BIRTH_BYTES);
  const revocations = createRevocations(birth);
  const used = createExpiringMap<Expiring>();
  const parked = createExpiringMap<Expiring & { readonly text: string }>();
  const kept = new Map<string, string>();
  const attempts = createAttempts();
  let closed = false;

  function refuseIfClosed(): void {
    if (closed) throw new LedgerError('ledger_closed', 'memory');
  }

  function useAll(ids: readonly string[], expires: Seconds): boolean {
    refuseIfClosed();
    const now = clock.now();
    used.sweep(now);
    // What has expired is never usable, so an entry is not needed after that.
    if (!(expires > now) || ids.some((id) => used.has(id))) return false;
    for (const id of ids) used.set(id, { expires });
    return true;
  }

  return {
    birth,
    isRevoked: revocations.isRevoked,
    newestGeneration: revocations.newestGeneration,
    ...revocationWrites(async (added) => {
      refuseIfClosed();
      for (const revocation of added) revocations.add(revocation, clock.now());
    }),
    useOnce: async (id, expires) => useAll([id], expires),
    useAllOnce: async (ids, expires) => useAll(ids, expires),
    async park(key, text, expires) {
      refuseIfClosed();
      const now = clock.now();
      parked.sweep(now);
      if (!(expires > now) || text.length > PARKED_LENGTH) return false;
      if (parked.has(key) || parked.size >= parkedAtOnce) return false;
      parked.set(key, { text, expires });
      return true;
    },
    async parked(key) {
      refuseIfClosed();
      const found = parked.get(key);
      return found !== undefined && found.expires > clock.now() ? found.text : null;
    },
    async keep(name, make) {
      refuseIfClosed();
      const value = kept.get(name) ?? make();
      kept.set(name, value);
      return value;
    },
    async recordAttempt(key, limit, now, window) {
      refuseIfClosed();
      return attempts.record(key, limit, now, window);
    },
    async attemptWait(key, limit, now, window) {
      refuseIfClosed();
      return attempts.wait(key, limit, now, window);
    },
    ready: () => !closed,
    async close() {
      closed = true;
    },
  };
}
