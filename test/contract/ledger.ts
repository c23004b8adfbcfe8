import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Seconds } from '../../src/core/time.ts';
import { PARKED_LENGTH } from '../../src/ledger/parking.ts';
import { type Clock, GENERATION_GRACE, type Ledger, type RevocationFacts } from '../../src/ports.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  now(): Seconds;
  advance(seconds: Seconds): void;
}

export const START: Seconds = 1_790_000_000;
const HOUR: Seconds = 3600;
const LATER = START + 12 * HOUR;

export function createTestClock(): TestClock {
  let now = START;
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds;
    },
  };
}

/** What a ledger knows of Alice's session, with what a test changes. */
export const alice = (ledger: Ledger, changed: Partial<RevocationFacts> = {}): RevocationFacts => ({
  birth: ledger.birth,
  family: 'family-of-alice',
  generation: 1,
  issuer: 'https://id.example.com',
  subject: 'alice',
  providerSession: JSON.stringify(['alice', 'persistent', null, null, 's-1']),
  createdAt: START - HOUR,
  ...changed,
});

/** Texts that the ledgers of these tests park at once. */
export const PARKED_HERE = 20;

/** Opens an empty ledger with that much room; `t.after` closes it. */
export type OpenLedger = (t: TestContext, clock: TestClock) => Promise<Ledger> | Ledger;

/** What every adapter of the `Ledger` port promises. */
export function ledgerContract(adapter: string, open: OpenLedger): void {
  async function start(t: TestContext): Promise<{ ledger: Ledger; clock: TestClock; revoked: RevokedNow }> {
    const clock = createTestClock();
    const ledger = await open(t, clock);
    const revoked: RevokedNow = (changed) => ledger.isRevoked(alice(ledger, changed), clock.now());
    return { ledger, clock, revoked };
  }

  describe(`${adapter} ledger`, () => {
    it('knows no revocation when it is empty', async (t) => {
      const { ledger, revoked } = await start(t);
      assert.equal(revoked(), false);
      assert.equal(ledger.newestGeneration('family-of-alice'), 0);
      assert.equal(ledger.ready(), true);
    });

    it('revokes every session of another ledger', async (t) => {
      const { ledger, revoked } = await start(t);
      assert.ok(ledger.birth.length >= 16);
      assert.equal(revoked({ birth: `${ledger.birth}x` }), true);
      assert.equal(revoked({ birth: '' }), true);
    });

    it('voids a family before the promise of the sign-out resolves', async (t) => {
      const { ledger, revoked } = await start(t);
      const stored = ledger.voidFamily('family-of-alice', LATER);
      assert.equal(revoked(), true);
      await stored;
      assert.equal(revoked({ generation: 7 }), true);
      assert.equal(revoked({ family: 'family-of-bob' }), false);
    });

    it('T039: honours an older generation for the grace after a step-up, and not one second longer', async (t) => {
      const { ledger, clock, revoked } = await start(t);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      clock.advance(GENERATION_GRACE - 1);
      assert.equal(revoked({ generation: 1 }), false);
      clock.advance(1);
      assert.equal(revoked({ generation: 1 }), true);
      assert.equal(revoked({ generation: 2 }), false);
      assert.equal(ledger.newestGeneration('family-of-alice'), 2);
    });

    it('counts the grace of each generation from when that generation was superseded', async (t) => {
      const { ledger, clock, revoked } = await start(t);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      clock.advance(5);
      await ledger.voidGenerations('family-of-alice', 3, clock.now(), LATER);
      clock.advance(5);
      assert.deepEqual(
        [1, 2, 3].map((generation) => revoked({ generation })),
        [true, false, false],
      );
      clock.advance(5);
      assert.equal(revoked({ generation: 2 }), true);
    });

    it('does not prolong the grace when the same generation is superseded again', async (t) => {
      const { ledger, clock, revoked } = await start(t);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      clock.advance(GENERATION_GRACE - 1);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      clock.advance(1);
      assert.equal(revoked({ generation: 1 }), true);
    });

    it('keeps the newest generation when an older one is reported late', async (t) => {
      const { ledger, clock, revoked } = await start(t);
      await ledger.voidGenerations('family-of-alice', 4, clock.now(), LATER);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      assert.equal(ledger.newestGeneration('family-of-alice'), 4);
      clock.advance(GENERATION_GRACE);
      assert.equal(revoked({ generation: 3 }), true);
    });

    it('does not revive an older generation when the clock is set back', async (t) => {
      const { ledger, clock, revoked } = await start(t);
      await ledger.voidGenerations('family-of-alice', 2, clock.now(), LATER);
      clock.advance(-HOUR);
      assert.equal(revoked({ generation: 1, createdAt: START - 2 * HOUR }), true);
    });

    it('voids the sessions of a person that were created at or before the epoch', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidSubject('https://id.example.com', 'alice', START, LATER);
      assert.equal(revoked({ createdAt: START - 1 }), true);
      assert.equal(revoked({ createdAt: START }), true, 'the same second is void');
      assert.equal(revoked({ createdAt: START + 1 }), false);
      assert.equal(revoked({ subject: 'bob' }), false);
      assert.equal(revoked({ issuer: 'https://other.example.com' }), false, 'a namesake elsewhere is someone else');
    });

    it('keeps issuer and subject apart', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidSubject('https://id.example.co', 'malice', START, LATER);
      assert.equal(revoked(), false);
    });

    it('never moves the epoch of a person backwards', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidSubject('https://id.example.com', 'alice', START, LATER);
      await ledger.voidSubject('https://id.example.com', 'alice', START - HOUR, LATER + HOUR);
      assert.equal(revoked({ createdAt: START }), true);
    });

    it('voids the sessions that a provider ended, of this index or of any, and none that begin later', async (t) => {
      const { ledger, revoked } = await start(t);
      const issuer = 'https://id.example.com';
      const session = (...parts: readonly (string | null)[]): string => JSON.stringify(parts);
      const ofAlice = (index: string | null) => ({
        providerSession: session('alice', 'persistent', null, null, index),
      });
      await ledger.voidProviderSessions(issuer, [ofAlice('s-1').providerSession], START, LATER);
      assert.equal(revoked({ family: 'another family' }), true);
      assert.equal(revoked({ createdAt: START }), true, 'the same second is void');
      assert.equal(revoked({ createdAt: START + 1 }), false);
      assert.equal(revoked(ofAlice('s-2')), false);
      assert.equal(revoked({ issuer: 'https://other.example.com' }), false);
      assert.equal(revoked({ providerSession: null }), false);

      await ledger.voidProviderSessions(issuer, [session('alice', 'persistent', null, null)], START - HOUR, LATER);
      for (const index of ['s-2', '', '","', ',null]', null])
        assert.equal(revoked(ofAlice(index)), true, String(index));
      assert.equal(revoked({ ...ofAlice('s-2'), createdAt: START }), false, 'each name has its own epoch');
      assert.equal(revoked({ createdAt: START }), true, 'and the later one stays');
      for (const others of [
        session('alice', 'persistent', null, 'another', 's-2'),
        session('alice', 'transient', null, null, 's-2'),
        session('bob', 'persistent', null, null, 's-2'),
        session('alice","persistent', null, null, 's-2'),
        'alice',
      ]) {
        assert.equal(revoked({ providerSession: others }), false, others);
      }
    });

    it('voids every name of a provider session at once, before the promise resolves', async (t) => {
      const { ledger, revoked } = await start(t);
      const stored = ledger.voidProviderSessions('https://id.example.com', ['sid-1', 'sid-2'], START, LATER);
      for (const providerSession of ['sid-1', 'sid-2']) assert.equal(revoked({ providerSession }), true);
      await stored;
      assert.equal(revoked({ providerSession: 'sid-3' }), false);
      await ledger.voidProviderSessions('https://id.example.com', [], START, LATER);
    });

    it('voids everything that was created at or before the epoch', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidAll(START, LATER);
      await ledger.voidAll(START - HOUR, LATER);
      assert.equal(revoked({ createdAt: START }), true);
      assert.equal(revoked({ createdAt: START, subject: 'bob', family: 'family-of-bob' }), true);
      assert.equal(revoked({ createdAt: START + 1 }), false);
    });

    it('revokes a session whose times are no numbers', async (t) => {
      const { ledger, revoked } = await start(t);
      assert.equal(revoked({ createdAt: Number.NaN }), true);
      await ledger.voidSubject('https://id.example.com', 'alice', 0, LATER);
      assert.equal(revoked({ createdAt: Number.NaN }), true);
    });

    it('takes fractions of a second as more revocation, not as an error', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidSubject('https://id.example.com', 'alice', START + 0.25, LATER + 0.5);
      assert.equal(revoked({ createdAt: START + 1 }), true);
    });

    it('gives a used-once id to exactly one of twenty callers at once', async (t) => {
      const { ledger } = await start(t);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ledger.useOnce('flow-1', LATER)));
      assert.equal(answers.filter((isFirst) => isFirst).length, 1);
      assert.equal(await ledger.useOnce('flow-2', LATER), true);
    });

    it('gives a used-once id to nobody once it has expired', async (t) => {
      const { ledger, clock } = await start(t);
      assert.equal(await ledger.useOnce('flow-1', START + 600), true);
      clock.advance(599);
      assert.equal(await ledger.useOnce('flow-1', START + 600), false);
      clock.advance(HOUR);
      assert.equal(await ledger.useOnce('flow-1', START + 600), false);
      assert.equal(await ledger.useOnce('flow-never-used', START + 600), false);
      assert.equal(await ledger.useOnce('flow-never-used', Number.NaN), false);
    });

    it('gives several ids to exactly one of twenty callers at once', async (t) => {
      const { ledger } = await start(t);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ledger.useAllOnce(['flow-1', 'assertion-1'], LATER)),
      );
      assert.equal(answers.filter((isFirst) => isFirst).length, 1);
    });

    it('uses several ids all or none: where one was used before, the others stay free', async (t) => {
      const { ledger, clock } = await start(t);
      assert.equal(await ledger.useAllOnce(['flow-1', 'assertion-1'], LATER), true);
      assert.equal(await ledger.useAllOnce(['flow-2', 'assertion-1'], LATER), false);
      assert.equal(await ledger.useAllOnce(['flow-1', 'assertion-2'], LATER), false);
      assert.equal(await ledger.useOnce('assertion-1', LATER), false, 'one by one they are the same ids');
      assert.equal(await ledger.useAllOnce(['flow-2', 'assertion-2'], LATER), true);
      assert.equal(await ledger.useAllOnce(['flow-3'], clock.now()), false, 'what has expired is nobody’s');
      assert.equal(await ledger.useAllOnce(['flow-3'], Number.NaN), false);
      assert.equal(await ledger.useAllOnce(['flow-3'], LATER), true);
    });

    it('keeps what is parked until it expires, for whoever has the key, as often as they ask', async (t) => {
      const { ledger, clock } = await start(t);
      assert.equal(await ledger.park('handle-1', 'what came of it', START + 60), true);
      assert.equal(await ledger.parked('handle-2'), null);
      assert.equal(await ledger.parked(''), null);
      clock.advance(59);
      assert.equal(await ledger.parked('handle-1'), 'what came of it');
      assert.equal(await ledger.parked('handle-1'), 'what came of it');
      clock.advance(1);
      assert.equal(await ledger.parked('handle-1'), null, 'at the second it expires it is gone');
      assert.equal(await ledger.park('handle-3', 'late', START + 60), false);
      assert.equal(await ledger.park('handle-3', 'never', Number.NaN), false);
    });

    it('parks nothing over what is parked already', async (t) => {
      const { ledger } = await start(t);
      assert.equal(await ledger.park('handle-1', 'Alice’s', LATER), true);
      assert.equal(await ledger.park('handle-1', 'Mallory’s', LATER), false);
      assert.equal(await ledger.parked('handle-1'), 'Alice’s');
      assert.equal(ledger.ready(), true, 'it is no failure of the ledger');
    });

    it('parks no text that is too long, and no more of them than there is room for, until some expire', async (t) => {
      const { ledger, clock } = await start(t);
      assert.equal(await ledger.park('long', 'x'.repeat(PARKED_LENGTH), START + 60), true);
      assert.equal(await ledger.park('too long', 'x'.repeat(PARKED_LENGTH + 1), START + 60), false);
      for (let i = 1; i < PARKED_HERE; i++) assert.equal(await ledger.park(`${i}`, 'small', START + 60), true);
      assert.equal(await ledger.park('one too many', 'small', START + 60), false);
      assert.equal(await ledger.parked('one too many'), null);
      assert.equal(await ledger.parked('1'), 'small', 'nobody else’s goes for it');
      clock.advance(HOUR);
      assert.equal(await ledger.park('later', 'small', START + 2 * HOUR), true);
    });

    it('keeps what was made first under a name, for twenty callers at once', async (t) => {
      const { ledger } = await start(t);
      let made = 0;
      const make = (): string => `value ${++made}`;
      const values = await Promise.all(Array.from({ length: 20 }, () => ledger.keep('key', make)));
      assert.deepEqual([...new Set(values)], ['value 1']);
      assert.equal(await ledger.keep('another', make), 'value 2');
      assert.equal(await ledger.keep('key', make), 'value 1');
      assert.equal(made, 2, 'what is kept is not made again');
    });

    it('counts the attempts of a key within a window that slides, and says how long there is no room', async (t) => {
      const { ledger, clock } = await start(t);
      const attempt = () => ledger.recordAttempt('alice', 3, clock.now(), 600);
      assert.equal(await attempt(), 0);
      clock.advance(100);
      assert.deepEqual([await attempt(), await attempt()], [0, 0]);
      assert.equal(await attempt(), 500);
      assert.equal(await ledger.attemptWait('alice', 3, clock.now(), 600), 500);
      assert.equal(await ledger.attemptWait('alice', 4, clock.now(), 600), 0, 'looking is no attempt');
      assert.equal(await ledger.recordAttempt('bob', 3, clock.now(), 600), 0);
      clock.advance(499);
      assert.equal(await attempt(), 1);
      clock.advance(1);
      assert.equal(await attempt(), 0, 'those that were refused do not count');
      assert.equal(await attempt(), 100);
    });

    it('lets no more of twenty attempts at once through than there is room for', async (t) => {
      const { ledger, clock } = await start(t);
      const waits = await Promise.all(
        Array.from({ length: 20 }, () => ledger.recordAttempt('alice', 5, clock.now(), 600)),
      );
      assert.equal(waits.filter((wait) => wait === 0).length, 5);
    });

    it('judges the attempts by a limit and a window that may have changed since', async (t) => {
      const { ledger, clock } = await start(t);
      for (let i = 0; i < 5; i++) await ledger.recordAttempt('alice', 10, clock.now() + i, 600);
      assert.equal(await ledger.attemptWait('alice', 2, clock.now() + 10, 600), 593);
      assert.equal(await ledger.attemptWait('alice', 2, clock.now() + 10, 7), 0);
    });

    it('locks nobody out for an attempt from a future that a clock was set back from', async (t) => {
      const { ledger, clock } = await start(t);
      await ledger.recordAttempt('alice', 1, clock.now() + 30, 600);
      assert.equal(await ledger.attemptWait('alice', 1, clock.now(), 600), 630);
      clock.advance(-HOUR);
      assert.equal(await ledger.recordAttempt('alice', 1, clock.now(), 600), 0);
      assert.equal(await ledger.recordAttempt('alice', 1, clock.now(), 600), 600);
    });

    it('is not ready, refuses writes and still answers reads once it is closed', async (t) => {
      const { ledger, revoked } = await start(t);
      await ledger.voidFamily('family-of-alice', LATER);
      await ledger.close();
      await ledger.close();
      assert.equal(ledger.ready(), false);
      assert.equal(revoked(), true);
      await assert.rejects(ledger.voidFamily('family-of-bob', LATER), { code: 'ledger_closed' });
      await assert.rejects(ledger.useOnce('flow-1', LATER), { code: 'ledger_closed' });
      await assert.rejects(ledger.useAllOnce(['flow-1'], LATER), { code: 'ledger_closed' });
      await assert.rejects(ledger.park('handle-1', 'text', LATER), { code: 'ledger_closed' });
      await assert.rejects(ledger.parked('handle-1'), { code: 'ledger_closed' });
      await assert.rejects(ledger.recordAttempt('alice', 1, START, 600), { code: 'ledger_closed' });
      await assert.rejects(ledger.attemptWait('alice', 1, START, 600), { code: 'ledger_closed' });
      await assert.rejects(
        ledger.keep('key', () => 'value'),
        { code: 'ledger_closed' },
      );
    });
  });
}

type RevokedNow = (changed?: Partial<RevocationFacts>) => boolean;
