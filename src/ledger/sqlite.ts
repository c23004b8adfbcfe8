import { resolve } from 'node:path';
import type { Clock, Ledger, Random } from '../ports.ts';
import { LedgerError } from './ledger-error.ts';
import { BIRTH_BYTES } from './memory.ts';
import { PARKED_AT_ONCE, PARKED_LENGTH } from './parking.ts';
import { type Revocation, revocationWrites } from './revocation.ts';
import { createRevocations } from './revocations.ts';
import { asLedgerError, BUSY_MILLISECONDS, openLedgerFile } from './sqlite-file.ts';
import { createStore } from './sqlite-store.ts';

/** Calls `task` again and again, `milliseconds` apart, until the returned function is called. */
export type Schedule = (task: () => void, milliseconds: number) => () => void;

export interface SqliteLedgerOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a revocation of another process may take to be noticed. */
  readonly pollMilliseconds?: number;
  readonly schedule?: Schedule;
  /** False: a ledger that does not exist is an error. */
  readonly create?: boolean;
  readonly parkedAtOnce?: number;
}

/** After so many writes of ours the next poll tidies up. */
const WRITES_PER_PRUNE = 64;

/** Revocations that a failing disk did not take and that are tried again. More than these are only in memory. */
const MAX_UNDELIVERED = 10_000;

const onTimer: Schedule = (task, milliseconds) => {
  const timer = setInterval(task, milliseconds).unref();
  return () => clearInterval(timer);
};

/**
 * Opens the ledger that all processes of one machine share: one SQLite file in WAL mode, which must not be on a network
 * file system. Reads are answered from memory, where other processes' revocations arrive by polling.
 *
 * While the disk fails, writes reject, {@link Ledger.ready} is false, and this process keeps to what it knows; what it
 * was asked to revoke holds here at once and is stored as soon as the disk allows. A file that was deleted or replaced
 * ends all writes until a restart.
 *
 * @throws LedgerError if the file cannot be opened, written or understood
 */
export function openSqliteLedger(options: SqliteLedgerOptions): Ledger {
  const { clock, random, pollMilliseconds = 200, schedule = onTimer, create = true } = options;
  const { parkedAtOnce = PARKED_AT_ONCE } = options;
  const path = resolve(options.file);
  const file = openLedgerFile(path, create, () => random(BIRTH_BYTES));
  const store = createStore(file.db);
  const revocations = createRevocations(file.birth);
  const undelivered: Revocation[] = [];
  let state: 'well' | 'failing' | 'lost' | 'closed' = 'well';
  let writes = 0;

  function load(): void {
    const now = clock.now();
    for (const revocation of store.news()) revocations.add(revocation, now);
  }

  function fail(error: unknown): LedgerError {
    const known = asLedgerError(error, path);
    if (state === 'well' || state === 'failing') state = known.code === 'ledger_lost' ? 'lost' : 'failing';
    // Node must not wait for a lock again and again.
    if (state === 'failing') file.db.exec('PRAGMA busy_timeout = 0');
    return known;
  }

  /** A write counts only if the file is still the one that the next process will open. */
  function durably<T>(write: () => T): T {
    if (state === 'closed' || state === 'lost') throw new LedgerError(`ledger_${state}`, path);
    try {
      const result = write();
      writes++;
      if (!file.isInPlace()) throw new LedgerError('ledger_lost', path);
      return result;
    } catch (error) {
      throw fail(error);
    }
  }

  function recover(): void {
    store.probe();
    for (let next = undelivered[0]; next !== undefined; next = undelivered[0]) {
      store.revoke([next]);
      undelivered.shift();
    }
    file.db.exec(`PRAGMA busy_timeout = ${BUSY_MILLISECONDS}`);
    state = 'well';
  }

  function poll(): void {
    if (state === 'closed' || state === 'lost') return;
    try {
      if (!file.isInPlace()) throw new LedgerError('ledger_lost', path);
      if (state === 'failing') recover();
      if (store.isChanged()) load();
      if (writes >= WRITES_PER_PRUNE) {
        writes = 0;
        // Our own rows are known; loading them moves the place from which the next load starts.
        load();
        store.prune(clock.now());
      }
    } catch (error) {
      fail(error);
    }
  }

  store.isChanged();
  load();
  const stop = schedule(poll, pollMilliseconds);

  return {
    birth: file.birth,
    isRevoked: revocations.isRevoked,
    newestGeneration: revocations.newestGeneration,
    ...revocationWrites(async (added) => {
      for (const revocation of added) revocations.add(revocation, clock.now());
      try {
        durably(() => store.revoke(added));
      } catch (error) {
        if (state === 'failing' && undelivered.length < MAX_UNDELIVERED) undelivered.push(...added);
        throw error;
      }
    }),
    async useOnce(id, expires) {
      // What has expired is never usable, so its row is not needed after that.
      if (!(expires > clock.now())) return false;
      return durably(() => store.useAll([id], expires));
    },
    async useAllOnce(ids, expires) {
      if (!(expires > clock.now())) return false;
      return durably(() => store.useAll(ids, expires));
    },
    async park(key, text, expires) {
      const now = clock.now();
      if (!(expires > now) || text.length > PARKED_LENGTH) return false;
      return durably(() => store.park(key, text, expires, parkedAtOnce, now));
    },
    parked: async (key) => durably(() => store.parked(key, clock.now())),
    keep: async (name, make) => durably(() => store.keep(name, make)),
    recordAttempt: async (key, limit, now, window) => durably(() => store.attempt(key, limit, now, window)),
    attemptWait: async (key, limit, now, window) => durably(() => store.attemptWait(key, limit, now, window)),
    ready: () => state === 'well',
    async close() {
      if (state === 'closed') return;
      stop();
      poll();
      state = 'closed';
      file.db.close();
    },
  };
}
