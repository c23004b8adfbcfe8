import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError, type LedgerErrorCode } from './ledger-error.ts';

/** `STPG`: marks an SQLite file as ours (SQLite file format 1.3.8, application id). */
const APPLICATION_ID = 0x53545047;

/** Of the tables below. A ledger with a higher one was made by a newer Stepgate and is left alone. */
const SCHEMA = 1;

/** How long one write waits for another process's, in milliseconds. Node is blocked meanwhile, so it is short. */
export const BUSY_MILLISECONDS = 1000;

const TABLES = `
  CREATE TABLE ledger (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    schema INTEGER NOT NULL,
    birth  TEXT NOT NULL,
    seq    INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE revocation (
    kind    TEXT NOT NULL,
    issuer  TEXT NOT NULL,
    name    TEXT NOT NULL,
    mark    INTEGER NOT NULL,
    moment  INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    seq     INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (kind, issuer, name, mark)
  ) STRICT;
  CREATE INDEX revocation_expires ON revocation (expires);
  CREATE TABLE used (
    id      TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX used_expires ON used (expires);
`;

/** Also made in ledgers from before there were any: whoever does not know the tables leaves them alone. */
const LATER_TABLES = `
  CREATE TABLE IF NOT EXISTS kept (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS attempt (
    key     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS parked (
    key     TEXT PRIMARY KEY,
    text    TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS parked_expires ON parked (expires);
  CREATE INDEX IF NOT EXISTS attempt_key ON attempt (key);
  CREATE INDEX IF NOT EXISTS attempt_expires ON attempt (expires);
`;

/** An open ledger file. */
export interface LedgerFile {
  readonly db: DatabaseSync;
  readonly birth: string;
  /** Whether the path still names the file that is open. */
  isInPlace(): boolean;
}

/**
 * Opens the ledger in `file`, an absolute path. Makes it, readable for its owner alone, where there is none.
 *
 * @param create - false: a missing file is an error
 * @param makeBirth - makes the birth id of a new ledger
 * @throws LedgerError if the file cannot be opened, written or understood
 */
export function openLedgerFile(file: string, create: boolean, makeBirth: () => string): LedgerFile {
  touch(file, create);
  let db: DatabaseSync | null = null;
  try {
    const identity = identityOf(file);
    db = new DatabaseSync(file, { timeout: BUSY_MILLISECONDS });
    const birth = prepare(db, file, makeBirth);
    return { db, birth, isInPlace: () => identityOf(file) === identity };
  } catch (error) {
    db?.close();
    throw asLedgerError(error, file);
  }
}

/** SQLite gives its journals the mode of the main file, so it is enough to make that one. */
function touch(file: string, create: boolean): void {
  if (!create && identityOf(file) === null) throw new LedgerError('ledger_missing', file);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    throw new LedgerError('ledger_unwritable', file, { cause });
  }
}

/** Which file the path names at the moment, or null. */
function identityOf(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

function prepare(db: DatabaseSync, file: string, makeBirth: () => string): string {
  // A foreign file must be recognised before the first change to it, the journal mode included.
  const isEmpty = numberOf(db, 'SELECT count(*) AS n FROM sqlite_schema') === 0;
  if (!isEmpty && numberOf(db, 'SELECT application_id AS n FROM pragma_application_id') !== APPLICATION_ID) {
    throw new LedgerError('ledger_foreign', file);
  }
  if (db.prepare('PRAGMA quick_check(1)').get()?.quick_check !== 'ok') throw new LedgerError('ledger_damaged', file);
  db.exec('PRAGMA journal_mode = WAL');
  // A sign-out that was confirmed survives a power cut, not only a crash of the process. Costs 0.1 ms and an fsync.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('BEGIN IMMEDIATE');
  // Between the look above and this lock another process may have made the tables.
  if (numberOf(db, 'SELECT count(*) AS n FROM sqlite_schema') === 0) {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(TABLES);
    db.prepare('INSERT INTO ledger (only, schema, birth, seq) VALUES (1, ?, ?, 0)').run(SCHEMA, makeBirth());
  }
  const birth = birthOf(db, file);
  db.exec(LATER_TABLES);
  // A write to a file that may only be read fails here and not at the first sign-out.
  db.exec('UPDATE ledger SET seq = seq');
  db.exec('COMMIT');
  return birth;
}

function birthOf(db: DatabaseSync, file: string): string {
  const row = db.prepare('SELECT schema, birth FROM ledger').get();
  // Tables without a birth id are never given a new one: that would revive every sign-out.
  if (typeof row?.schema !== 'number' || typeof row.birth !== 'string') throw new LedgerError('ledger_damaged', file);
  if (row.schema > SCHEMA) throw new LedgerError('ledger_newer', file);
  return row.birth;
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.n);
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). All others are a place that cannot be written. */
const CODES: Readonly<Record<number, LedgerErrorCode>> = {
  1: 'ledger_damaged',
  5: 'ledger_busy',
  6: 'ledger_busy',
  11: 'ledger_damaged',
  26: 'ledger_damaged',
};

/** What went wrong, in our words. The message of SQLite stays in the cause. */
export function asLedgerError(error: unknown, file: string): LedgerError {
  if (error instanceof LedgerError) return error;
  const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  // An extended result code holds the primary one in its low byte.
  return new LedgerError(CODES[result & 0xff] ?? 'ledger_unwritable', file, { cause: error });
}
