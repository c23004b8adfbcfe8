import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';
import { waitAfter } from './attempts.ts';
import type { Revocation } from './revocation.ts';

/** The statements of the ledger. Every one may throw what node:sqlite throws. */
export interface Store {
  /** Stores revocations, merged with what is known, durably: all of them or none. */
  revoke(revocations: readonly Revocation[]): void;
  /** Whether nobody stored any of these ids before; all of them are stored now, durably, or none. */
  useAll(ids: readonly string[], expires: Seconds): boolean;
  /** Whether it is parked: under no key that is taken, and as one of at most so many live ones. */
  park(key: string, text: string, expires: Seconds, atOnce: number, now: Seconds): boolean;
  parked(key: string, now: Seconds): string | null;
  /** The value of this name: the one that was stored first, durably. */
  keep(name: string, make: () => string): string;
  /** Stores an attempt where there is room for one; how long there is none (`Ledger.recordAttempt`). */
  attempt(key: string, limit: number, now: Seconds, window: Seconds): Seconds;
  attemptWait(key: string, limit: number, now: Seconds, window: Seconds): Seconds;
  /** Revocations that were stored since the last call, by this process or another. The first call gives all. */
  news(): readonly Revocation[];
  /** Whether another process has changed the file since the last call. */
  isChanged(): boolean;
  /** Deletes a few rows that have expired. */
  prune(now: Seconds): void;
  /** Writes something without a meaning, to see whether writing works. */
  probe(): void;
}

/** Rows of a table deleted by one prune: few, since Node waits. Called once in as many writes, it keeps up with them. */
const PRUNED_AT_ONCE = 256;

// Every change takes the next number, also the change of an old row, so that others find it by number alone.
const REVOKE = `
  INSERT INTO revocation (kind, issuer, name, mark, moment, expires, seq)
  VALUES (?, ?, ?, ?, ?, ?, (SELECT seq FROM ledger))
  ON CONFLICT (kind, issuer, name, mark) DO UPDATE SET
    moment  = CASE kind WHEN 'generation' THEN min(moment, excluded.moment) ELSE max(moment, excluded.moment) END,
    expires = max(expires, excluded.expires),
    seq     = excluded.seq`;

// One statement, so that no two processes count the same free place. Those that have expired take none.
const PARK = `
  INSERT INTO parked (key, text, expires)
  SELECT ?, ?, ? WHERE (SELECT count(*) FROM parked WHERE expires > ?) < ?
  ON CONFLICT DO NOTHING`;

/** Prepares the statements on an open ledger. */
export function createStore(db: DatabaseSync): Store {
  const count = db.prepare('UPDATE ledger SET seq = seq + 1');
  const revoke = db.prepare(REVOKE);
  const use = db.prepare('INSERT INTO used (id, expires) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const isUsed = db.prepare('SELECT 1 FROM used WHERE id = ?');
  const park = db.prepare(PARK);
  const parked = db.prepare('SELECT text FROM parked WHERE key = ? AND expires > ?');
  const keep = db.prepare('INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const kept = db.prepare('SELECT value FROM kept WHERE name = ?');
  const attempts = db.prepare('SELECT at FROM attempt WHERE key = ?');
  const attempt = db.prepare('INSERT INTO attempt (key, at, expires) VALUES (?, ?, ?)');
  const since = db.prepare('SELECT * FROM revocation WHERE seq > ? ORDER BY seq');
  const version = db.prepare('PRAGMA data_version');
  const prunes = ['revocation', 'used', 'attempt', 'parked'].map((table) =>
    db.prepare(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE expires <= ? LIMIT ${PRUNED_AT_ONCE})`,
    ),
  );
  let seen = 0;
  let lastVersion: SQLOutputValue | undefined;

  const attemptWait: Store['attemptWait'] = (key, limit, now, window) =>
    waitAfter(
      attempts.all(key).map(({ at }) => Number(at)),
      limit,
      now,
      window,
    );

  /** With the lock taken first: nobody writes between what is read here and what is written. */
  function alone<T>(change: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    // The lock is taken before the number, so numbers become visible to others in ascending order.
    revoke: (revocations) =>
      alone(() => {
        for (const revocation of revocations) {
          count.run();
          revoke.run(...columnsOf(revocation));
        }
      }),
    attemptWait,
    attempt: (key, limit, now, window) =>
      alone(() => {
        const wait = attemptWait(key, limit, now, window);
        if (wait === 0) attempt.run(key, Math.ceil(now), Math.ceil(now + window));
        return wait;
      }),
    useAll: (ids, expires) =>
      alone(() => {
        if (ids.some((id) => isUsed.get(id) !== undefined)) return false;
        for (const id of ids) use.run(id, Math.ceil(expires));
        return true;
      }),
    park: (key, text, expires, atOnce, now) => park.run(key, text, Math.ceil(expires), now, atOnce).changes === 1,
    parked(key, now) {
      const text = parked.get(key, now)?.text;
      return typeof text === 'string' ? text : null;
    },
    keep(name, make) {
      // Of two processes that find nothing both may make a value. The second does not store its own, and reads the first.
      if (kept.get(name) === undefined) keep.run(name, make());
      return String(kept.get(name)?.value);
    },
    news() {
      const found: Revocation[] = [];
      for (const row of since.all(seen)) {
        const revocation = revocationOf(row);
        if (revocation !== null) found.push(revocation);
        seen = Number(row.seq);
      }
      return found;
    },
    isChanged() {
      const current = version.get()?.data_version;
      const isChanged = current !== lastVersion;
      lastVersion = current;
      return isChanged;
    },
    prune(now) {
      for (const prune of prunes) prune.run(now - CLOCK_STEP_TOLERANCE);
    },
    probe: () => db.exec('UPDATE ledger SET seq = seq'),
  };
}

function columnsOf(revocation: Revocation): (string | number)[] {
  const { kind, expires } = revocation;
  if (kind === 'family') return [kind, '', revocation.family, 0, 0, expires];
  if (kind === 'generation') return [kind, '', revocation.family, revocation.generation, revocation.since, expires];
  if (kind === 'subject') return [kind, revocation.issuer, revocation.subject, 0, revocation.epoch, expires];
  if (kind === 'provider_session') return [kind, revocation.issuer, revocation.name, 0, revocation.epoch, expires];
  return [kind, '', '', 0, revocation.epoch, expires];
}

/** What a row says. Null for a kind that is not known here: a newer Stepgate on the same ledger writes some of its own. */
function revocationOf(row: Record<string, SQLOutputValue>): Revocation | null {
  const { kind } = row;
  const issuer = String(row.issuer);
  const name = String(row.name);
  const moment = Number(row.moment);
  const expires = Number(row.expires);
  if (kind === 'family') return { kind, family: name, expires };
  if (kind === 'generation') return { kind, family: name, generation: Number(row.mark), since: moment, expires };
  if (kind === 'subject') return { kind, issuer, subject: name, epoch: moment, expires };
  if (kind === 'provider_session') return { kind, issuer, name, epoch: moment, expires };
  return kind === 'all' ? { kind, epoch: moment, expires } : null;
}
