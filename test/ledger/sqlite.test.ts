import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import { PARKED_AT_ONCE } from '../../src/ledger/parking.ts';
import { openSqliteLedger, type SqliteLedgerOptions } from '../../src/ledger/sqlite.ts';
import type { Ledger } from '../../src/ports.ts';
import { alice, createTestClock, START, type TestClock } from '../contract/ledger.ts';

const LATER = START + 43_200;

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly clock: TestClock;
  /** Opens the ledger there; nothing is polled until the test says so. */
  open(options?: Partial<SqliteLedgerOptions>): { ledger: Ledger; poll: () => void };
}

function place(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
  const file = join(folder, 'data', 'ledger.db');
  const clock = createTestClock();
  const opened: Ledger[] = [];
  t.after(async () => {
    for (const ledger of opened) await ledger.close();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    file,
    clock,
    open(options) {
      let poll = () => {};
      const ledger = openSqliteLedger({
        file,
        clock,
        random: (bytes) => randomBytes(bytes).toString('base64url'),
        schedule: (task) => {
          poll = task;
          return () => {};
        },
        ...options,
      });
      opened.push(ledger);
      return { ledger, poll };
    },
  };
}

const isSignedOut = (ledger: Ledger, family = 'family-of-alice'): boolean =>
  ledger.isRevoked(alice(ledger, { family }), START);

it('makes its folder and file for the owner alone', (t) => {
  const { folder, file, open } = place(t);
  open();
  assert.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700);
  const names = readdirSync(join(folder, 'data'));
  assert.ok(names.length >= 2, 'the database and its journal');
  for (const name of names) assert.equal(statSync(join(folder, 'data', name)).mode & 0o777, 0o600, name);
  assert.ok(existsSync(file));
});

it('keeps its birth id and all revocations over a restart', async (t) => {
  const { open, clock } = place(t);
  const { ledger } = open();
  await ledger.voidFamily('family-of-alice', LATER);
  await ledger.voidGenerations('family-of-bob', 2, clock.now(), LATER);
  await ledger.voidGenerations('family-of-bob', 3, clock.now() + 5, LATER);
  await ledger.voidSubject('https://id.example.com', 'carol', START, LATER);
  await ledger.voidAll(START - 7200, LATER);
  await ledger.useOnce('flow-1', LATER);
  await ledger.close();

  const again = open().ledger;
  assert.equal(again.birth, ledger.birth);
  assert.equal(isSignedOut(again), true);
  assert.equal(again.newestGeneration('family-of-bob'), 3);
  const bob = (generation: number) => alice(again, { family: 'family-of-bob', generation });
  assert.deepEqual([again.isRevoked(bob(1), START + 10), again.isRevoked(bob(2), START + 10)], [true, false]);
  assert.equal(again.isRevoked(alice(again, { family: 'x', subject: 'carol' }), START), true);
  assert.equal(again.isRevoked(alice(again, { family: 'x', createdAt: START - 7200 }), START), true);
  assert.equal(await again.useOnce('flow-1', LATER), false);
});

it('merges on disk as in memory: epochs only grow, and a grace never begins anew', async (t) => {
  const { open, clock } = place(t);
  const { ledger } = open();
  await ledger.voidAll(START - 3600, LATER);
  await ledger.voidAll(START - 7200, LATER);
  await ledger.voidGenerations('family-of-bob', 2, clock.now(), LATER);
  await ledger.voidGenerations('family-of-bob', 2, clock.now() + 9, LATER);
  await ledger.close();
  const again = open().ledger;
  assert.equal(isSignedOut(again), true);
  const bob = alice(again, { family: 'family-of-bob', createdAt: START });
  assert.deepEqual([again.isRevoked(bob, START + 9), again.isRevoked(bob, START + 10)], [false, true]);
});

it('keeps a value over a restart, also in a ledger from before values were kept', async (t) => {
  const { file, open } = place(t);
  const { ledger } = open();
  await ledger.close();
  run(file, 'DROP TABLE kept');
  const again = open().ledger;
  assert.equal(again.birth, ledger.birth);
  assert.equal(await again.keep('key', () => 'first'), 'first');
  await again.close();
  assert.equal(await open().ledger.keep('key', () => 'second'), 'first');
});

it('parks also in a ledger from before anything was parked', async (t) => {
  const { file, open } = place(t);
  const { ledger } = open();
  await ledger.close();
  run(file, 'DROP TABLE parked');
  const again = open().ledger;
  assert.equal(again.birth, ledger.birth);
  assert.equal(await again.park('handle-1', 'text', LATER), true);
  assert.equal(await open().ledger.parked('handle-1'), 'text');
});

it('hands what one process parked to another, whatever it has polled, and shares the room', async (t) => {
  const { file, open } = place(t);
  const [one, other] = [open().ledger, open().ledger];
  assert.equal(await one.park('handle-1', 'text', START + 60), true);
  assert.equal(await other.parked('handle-1'), 'text');
  assert.equal(await other.park('handle-1', 'another', START + 60), false);
  const places = `WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${PARKED_AT_ONCE})`;
  run(file, `INSERT INTO parked ${places} SELECT 'full-' || i, 'text', ${START + 60} FROM n`);
  assert.deepEqual(
    [await one.park('handle-2', 'text', LATER), await other.park('handle-3', 'text', LATER)],
    [false, false],
  );
});

it('uses several ids all or none on two connections', async (t) => {
  const { open } = place(t);
  const ledgers = [open().ledger, open().ledger];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ledgers[i % 2]?.useAllOnce([`flow-${i}`, 'assertion-1'], LATER) ?? false),
  );
  assert.equal(answers.filter((isFirst) => isFirst).length, 1);
  const first = answers.indexOf(true);
  for (let i = 0; i < 20; i++) assert.equal(await ledgers[0]?.useOnce(`flow-${i}`, LATER), i !== first);
});

it('keeps the sessions that a provider ended, in this process, in others and after a restart', async (t) => {
  const { open } = place(t);
  const [here, there] = [open(), open()];
  const isEnded = (ledger: Ledger): boolean => ledger.isRevoked(alice(ledger), START);
  const { issuer, providerSession } = alice(here.ledger);
  await here.ledger.voidProviderSessions(issuer, ['another', providerSession ?? ''], START, LATER);
  assert.equal(isEnded(there.ledger), false);
  there.poll();
  assert.equal(isEnded(there.ledger), true);
  await here.ledger.close();
  assert.equal(isEnded(open().ledger), true);
});

it('passes over revocations of a kind that a newer Stepgate wrote, and goes on behind them', async (t) => {
  const { file, open } = place(t);
  const { ledger, poll } = open();
  const newer = new DatabaseSync(file);
  t.after(() => newer.close());
  newer.exec('UPDATE ledger SET seq = seq + 1');
  newer.exec(`INSERT INTO revocation SELECT 'device', '', 'x', 0, 0, ${LATER}, seq FROM ledger`);
  await open().ledger.voidFamily('family-of-alice', LATER);
  poll();
  assert.equal(isSignedOut(ledger), true);
  assert.equal(isSignedOut(ledger, 'x'), false);
});

it('keeps one value where two processes make one at the same moment', async (t) => {
  const { open } = place(t);
  const [one, other] = [open().ledger, open().ledger];
  const kept: Promise<string>[] = [];
  const value = await one.keep('key', () => {
    kept.push(other.keep('key', () => 'of the other'));
    return 'mine';
  });
  assert.deepEqual([value, await kept[0]], ['of the other', 'of the other']);
});

it('makes another birth id when the file is gone, so that a lost ledger signs everybody out', async (t) => {
  const { file, open } = place(t);
  const { ledger } = open();
  const session = alice(ledger);
  await ledger.close();
  unlinkSync(file);
  assert.equal(open().ledger.isRevoked(session, START), true);
});

it('shows a sign-out to another connection at its next poll, and asks for a poll every 200 ms', async (t) => {
  const { open } = place(t);
  const intervals: number[] = [];
  open({
    schedule: (_, milliseconds) => {
      intervals.push(milliseconds);
      return () => {};
    },
  });
  assert.deepEqual(intervals, [200]);

  const { ledger } = open();
  const other = open();
  await ledger.voidFamily('family-of-alice', LATER);
  assert.equal(isSignedOut(other.ledger), false);
  other.poll();
  assert.equal(isSignedOut(other.ledger), true);
});

it('shows every kind of revocation to another connection, also what changed an older one', async (t) => {
  const { open, clock } = place(t);
  const { ledger } = open();
  const other = open();
  await ledger.voidSubject('https://id.example.com', 'alice', START - 7200, LATER);
  other.poll();
  assert.equal(isSignedOut(other.ledger), false);
  await ledger.voidSubject('https://id.example.com', 'alice', START, LATER);
  await ledger.voidGenerations('family-of-bob', 5, clock.now(), LATER);
  other.poll();
  assert.equal(isSignedOut(other.ledger), true);
  assert.equal(other.ledger.newestGeneration('family-of-bob'), 5);
});

it('misses nothing when both connections write between polls', async (t) => {
  const { open } = place(t);
  const a = open();
  const b = open();
  for (let i = 0; i < 100; i++) {
    await a.ledger.voidFamily(`a-${i}`, LATER);
    await b.ledger.voidFamily(`b-${i}`, LATER);
    if (i % 7 === 0) a.poll();
    if (i % 5 === 0) b.poll();
  }
  a.poll();
  b.poll();
  for (let i = 0; i < 100; i++) {
    assert.ok(isSignedOut(a.ledger, `b-${i}`), `b-${i} at a`);
    assert.ok(isSignedOut(b.ledger, `a-${i}`), `a-${i} at b`);
  }
});

it('gives a used-once id to one of twenty callers on two connections', async (t) => {
  const { open } = place(t);
  const ledgers = [open().ledger, open().ledger];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ledgers[i % 2]?.useOnce('assertion-1', LATER) ?? false),
  );
  assert.equal(answers.filter((isFirst) => isFirst).length, 1);
});

/** Runs a duty in another process and waits for its answer. */
async function elsewhere(
  t: TestContext,
  file: string,
  ...duty: string[]
): Promise<{ answer: unknown; process: ChildProcess }> {
  const child = fork(join(import.meta.dirname, 'ledger-process.ts'), [file, String(START), ...duty]);
  t.after(() => child.kill('SIGKILL'));
  const [answer] = await once(child, 'message');
  return { answer, process: child };
}

it('shows a sign-out of another process at the next poll, and shares its birth id and used-once ids', async (t) => {
  const { file, open } = place(t);
  const { ledger, poll } = open();
  const { answer } = await elsewhere(t, file, 'sign-out', 'family-of-alice', String(LATER));
  poll();
  assert.deepEqual(answer, { birth: ledger.birth, isFirst: false });
  assert.equal(isSignedOut(ledger), true);
  assert.deepEqual((await elsewhere(t, file, 'use', 'flow-1', String(LATER))).answer, {
    birth: ledger.birth,
    isFirst: true,
  });
  assert.equal(await ledger.useOnce('flow-1', LATER), false);
});

it('polls by itself', async (t) => {
  const { file, clock, open } = place(t);
  const polled = openSqliteLedger({ file, clock, random: () => 'birth-of-the-test-ledger', pollMilliseconds: 1 });
  t.after(() => polled.close());
  await open().ledger.voidFamily('family-of-alice', LATER);
  const deadline = AbortSignal.timeout(5000);
  while (!isSignedOut(polled)) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

it('keeps a sign-out that was confirmed by a process which was killed right after', async (t) => {
  const { file, open } = place(t);
  const { process: child } = await elsewhere(t, file, 'sign-out', 'family-of-alice', String(LATER));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isSignedOut(open().ledger), true);
});

it('deletes expired rows, and no others', async (t) => {
  const { file, clock, open } = place(t);
  const { ledger, poll } = open();
  for (let i = 0; i < 100; i++) {
    await ledger.voidFamily(`short-${i}`, START + 60);
    await ledger.useOnce(`flow-${i}`, START + 60);
    await ledger.park(`handle-${i}`, 'text', START + 60);
  }
  await ledger.voidFamily('family-of-alice', LATER);
  await ledger.useOnce('flow-long', LATER);
  await ledger.park('handle-long', 'text', LATER);
  clock.advance(3600);
  poll();
  const db = new DatabaseSync(file, { readOnly: true });
  t.after(() => db.close());
  assert.deepEqual(
    db
      .prepare('SELECT name FROM revocation UNION ALL SELECT id FROM used UNION ALL SELECT key FROM parked')
      .all()
      .map((row) => row.name),
    ['family-of-alice', 'flow-long', 'handle-long'],
  );
});

it('says that it is not ready, and never starts anew, when the file is deleted under it', async (t) => {
  const { file, open } = place(t);
  const { ledger, poll } = open();
  await ledger.voidFamily('family-of-alice', LATER);
  unlinkSync(file);
  poll();
  assert.equal(ledger.ready(), false);
  assert.equal(isSignedOut(ledger), true);
  await assert.rejects(ledger.useOnce('flow-1', LATER), { code: 'ledger_lost' });
  writeFileSync(file, '');
  poll();
  assert.equal(ledger.ready(), false, 'another file in its place is not this ledger');
});

it('does not confirm a sign-out that went to a deleted file', async (t) => {
  const { file, open } = place(t);
  const { ledger } = open();
  renameSync(file, `${file}.old`);
  const stored = ledger.voidFamily('family-of-alice', LATER);
  assert.equal(isSignedOut(ledger), true, 'it holds in this process at once');
  await assert.rejects(stored, { code: 'ledger_lost' });
  assert.equal(ledger.ready(), false);
});

it('rejects writes while another process holds the lock, keeps them, and stores them afterwards', async (t) => {
  const { file, open } = place(t);
  const { ledger, poll } = open();
  const other = open();
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  await assert.rejects(ledger.voidFamily('family-of-alice', LATER), { code: 'ledger_busy' });
  await assert.rejects(ledger.useOnce('flow-1', LATER), { code: 'ledger_busy' });
  poll();
  assert.equal(ledger.ready(), false);
  assert.equal(isSignedOut(ledger), true);

  holder.exec('ROLLBACK');
  poll();
  other.poll();
  assert.equal(ledger.ready(), true);
  assert.equal(isSignedOut(other.ledger), true, 'the sign-out reached the others after all');
  assert.equal(await ledger.useOnce('flow-1', LATER), true, 'the refused use did not count');
});

for (const { name, make, code } of [
  {
    name: 'no database',
    make: (file: string) => writeFileSync(file, 'no database at all. '.repeat(500)),
    code: 'ledger_damaged',
  },
  {
    name: 'the database of another program',
    make: (file: string) => run(file, 'CREATE TABLE person (name TEXT)'),
    code: 'ledger_foreign',
  },
  {
    name: 'made by a newer Stepgate',
    make: (file: string) => run(file, 'UPDATE ledger SET schema = 99'),
    code: 'ledger_newer',
  },
  { name: 'without a birth id', make: (file: string) => run(file, 'DELETE FROM ledger'), code: 'ledger_damaged' },
  { name: 'cut off', make: (file: string) => truncateSync(file, 5000), code: 'ledger_damaged' },
]) {
  it(`refuses a file that is ${name}: ${code}`, async (t) => {
    const { folder, open } = place(t);
    const file = join(folder, 'strange.db');
    if (code !== 'ledger_foreign') await open({ file }).ledger.close();
    make(file);
    assert.throws(
      () => open({ file }),
      (error: Error) => 'code' in error && error.code === code && error.message.includes(file),
    );
  });
}

it('leaves the database of another program as it is', (t) => {
  const { folder, open } = place(t);
  const file = join(folder, 'people.db');
  run(file, 'CREATE TABLE person (name TEXT)');
  assert.throws(() => open({ file }), { code: 'ledger_foreign' });
  assert.deepEqual(readdirSync(folder), ['people.db']);
});

it('refuses a place where nothing can be written', (t) => {
  const { folder, open } = place(t);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => open({ file: join(folder, 'file', 'ledger.db') }), { code: 'ledger_unwritable' });
  assert.throws(() => open({ file: folder }), { code: 'ledger_unwritable' });
});

it('refuses to make a ledger where one is expected', (t) => {
  const { file, folder, open } = place(t);
  assert.throws(() => open({ create: false }), { code: 'ledger_missing' });
  assert.deepEqual(readdirSync(folder), []);
  open();
  assert.equal(open({ create: false }).ledger.ready(), true);
  assert.ok(existsSync(file));
});

function run(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}
