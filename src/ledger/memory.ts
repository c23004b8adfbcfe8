import type { Clock, Ledger, Random } from '../ports.ts';
import { createAttempts } from './attempts.ts';
import { createExpiringMap, type Expiring } from './expiring-map.ts';
import { LedgerError } from './ledger-error.ts';
import { revocationWrites } from './revocation.ts';
import { createRevocations } from './revocations.ts';

/** Random bytes of a birth id. */
export const BIRTH_BYTES = 16;

/** A ledger for one process, gone with it: every restart signs everybody out. */
export function createMemoryLedger({ clock, random }: { readonly clock: Clock; readonly random: Random }): Ledger {
  const birth = random(BIRTH_BYTES);
  const revocations = createRevocations(birth);
  const used = createExpiringMap<Expiring>();
  const kept = new Map<string, string>();
  const attempts = createAttempts();
  let closed = false;

  function refuseIfClosed(): void {
    if (closed) throw new LedgerError('ledger_closed', 'memory');
  }

  return {
    birth,
    isRevoked: revocations.isRevoked,
    newestGeneration: revocations.newestGeneration,
    ...revocationWrites(async (revocation) => {
      refuseIfClosed();
      revocations.add(revocation, clock.now());
    }),
    async useOnce(id, expires) {
      refuseIfClosed();
      const now = clock.now();
      used.sweep(now);
      // What has expired is never usable, so an entry is not needed after that.
      if (!(expires > now) || used.has(id)) return false;
      used.set(id, { expires });
      return true;
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
