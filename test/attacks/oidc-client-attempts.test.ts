import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { browse, departAndAnswer, NOON, startBentStage, targetOf } from '../support/besieged.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

/** The limits of an operator who wrote none. */
const defaults = (text: string): string => text.replace(/^attempts:.*\n/m, '');
const seconds = (): number => Math.floor(Date.now() / 1000);

function assertTooMany(reply: Reply, retryAfter?: string): void {
  assert.equal(reply.status, 403);
  assert.match(reply.text, /<dd>too_many_attempts<\/dd>/);
  assert.equal(reply.location, null);
  assert.ok(!reply.setCookies.some((cookie) => /^stepgate-flow-\d=[^;]/.test(cookie)), 'a flow was made');
  if (retryAfter !== undefined) assert.equal(reply.headers['retry-after'], retryAfter);
}

describe('bombarding a person with prompts', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
  after(() => mock.timers.reset());
  beforeEach(async () => {
    stage = await startBentStage({ gateway: defaults });
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  afterEach(() => stage.stop());

  const stepUps = async (count: number, visitor = alice): Promise<readonly Reply[]> => {
    const replies: Reply[] = [];
    for (let i = 0; i < count; i++) replies.push(await visitor.open('/admin/x'));
    return replies;
  };

  it('ends after ten trips in ten minutes, whatever became of them, and is over when the first of them is that old', async () => {
    assert.ok((await stepUps(4)).every(({ status }) => status === 303));
    mock.timers.tick(100_000);
    assert.ok((await stepUps(6)).every(({ status }) => status === 303));
    const trips = stage.op.asked.length;
    assertTooMany(await alice.open('/admin/x'), '500');
    assert.equal(stage.op.asked.length, trips);
    const event = stage.events('step_up_failed').at(-1);
    assert.equal(event?.failure, 'too_many_attempts');
    assert.ok(typeof event?.subject_hash === 'string');
    mock.timers.tick(499_000);
    assertTooMany(await alice.open('/admin/x'), '1');
    mock.timers.tick(1_000);
    const replies = await stepUps(5);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [303, 303, 303, 303, 403],
      'refused trips were none',
    );
  });

  it('is counted for the person, not for the browser: a second session of hers has no tries of its own', async () => {
    await stepUps(10);
    const other = stage.visitor();
    await stage.signIn(other);
    assertTooMany(await other.open('/admin/x'));
    assert.equal((await other.fetch('/admin/x')).status, 401, 'a program is told as ever');
  });

  it('leaves everybody else alone, and what she may open already', async () => {
    await stepUps(11);
    assert.equal((await alice.open('/home')).status, 200);
    stage.op.script.person = { sub: 'bob', email: 'alice@example.com', email_verified: true };
    const bob = stage.visitor();
    await stage.signIn(bob);
    assert.equal((await bob.open('/admin/x')).status, 303);
    assert.equal((await stage.visitor().open('/admin/x')).status, 303, 'nobody is nobody');
  });

  it('cannot be done by the step-up URL of a program, by lost flows, or at once from many tabs', async () => {
    const url = targetOf(String((await alice.fetch('/admin/x')).json().step_up_url));
    const opened = await Promise.all(Array.from({ length: 14 }, () => alice.open(url)));
    assert.equal(opened.filter(({ status }) => status === 303).length, 10);
    for (const reply of opened) if (reply.status !== 303) assertTooMany(reply);
    assert.equal(stage.events('step_up_failed').length, 4);
  });

  it('ends after five failures, though there were fewer than ten trips', async () => {
    const answers: string[] = [];
    for (let i = 0; i < 6; i++) answers.push(await departAndAnswer(stage, alice, '/admin/x'));
    stage.op.script.error = 'access_denied';
    const cancelled = targetOf(await stage.op.visit(String((await alice.open('/admin/x')).location)));
    assert.equal((await alice.open(cancelled)).status, 403);
    stage.op.script.error = null;
    stage.op.script.acr = 'pwd';
    for (let i = 0; i < 2; i++) {
      const { reply } = await browse(stage, alice, '/admin/x');
      assert.match(reply.text, /level_not_met/);
    }
    stage.op.script.acr = 'mfa';
    assert.equal((await alice.open('/admin/x')).status, 303, 'three failures are few');
    await stage.stop();
    stage = await startBentStage({ gateway: defaults });
    alice = stage.visitor();
    await stage.signIn(alice);
    stage.op.script.acr = 'pwd';
    for (let i = 0; i < 5; i++) await browse(stage, alice, '/admin/x');
    assertTooMany(await alice.open('/admin/x'), '600');
  });

  it('counts who came back as somebody else as a failure of hers, and no failure of his', async () => {
    stage.op.script.person = { sub: 'bob' };
    for (let i = 0; i < 5; i++) assert.match((await browse(stage, alice, '/admin/x')).reply.text, /subject_mismatch/);
    assertTooMany(await alice.open('/admin/x'));
    const bob = stage.visitor();
    await stage.signIn(bob);
    assert.equal((await bob.open('/admin/x')).status, 303);
  });

  it('counts failures of a first sign-in for whoever came back', async () => {
    stage.op.script.acr = 'gold';
    for (let i = 0; i < 2; i++) await browse(stage, stage.visitor(), '/home');
    // Weaker than asked for, a first sign-in becomes a session, and is a failure all the same.
    stage.op.script.acr = 'pwd';
    for (let i = 0; i < 3; i++) await browse(stage, stage.visitor(), '/admin/x');
    assertTooMany(await alice.open('/admin/x'));
  });

  it('is not what an outage does: a provider that is away or broken uses up nobody’s tries', async () => {
    stage.op.script.token = { status: 503 };
    for (let i = 0; i < 6; i++) {
      assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 503);
    }
    stage.op.script.token = 'ok';
    stage.op.script.error = 'server_error';
    for (let i = 0; i < 3; i++) await browse(stage, alice, '/admin/x');
    stage.op.script.error = null;
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200, 'the tenth trip');
  });

  it('cannot use up her tries from outside: forged callbacks are nobody’s failures', async () => {
    const stranger = stage.visitor();
    for (let i = 0; i < 8; i++) {
      await stranger.open('/.stepgate/callback/corp?code=x&state=forged');
      await alice.open('/.stepgate/callback/corp?code=x&state=forged');
    }
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200);
  });
});

describe('limits for attempts', () => {
  it('are what the operator wrote', async () => {
    const stage = await startBentStage({
      gateway: (text) => text.replace(/^attempts:.*$/m, 'attempts: {starts: 2, failures: 1, window: 2m}'),
    });
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/admin/x')).status, 303);
    assert.equal((await alice.open('/admin/x')).status, 303);
    const wait = Number((await alice.open('/admin/x')).headers['retry-after']);
    assert.ok(wait > 100 && wait <= 120, String(wait));
    await stage.stop();
  });

  it('hold in a chain of trips too: the next one is as good as the first', async () => {
    const stage = await startBentStage({
      gateway: (text) => text.replace(/^attempts:.*$/m, 'attempts: {starts: 1, failures: 1, window: 2m}'),
    });
    const alice = stage.visitor();
    await stage.signIn(alice);
    stage.op.script.authTime = seconds() - 1000;
    // Too old for /fresh: the forced retry would be the second trip.
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assertTooMany(reply);
    assert.equal(trips, 1);
    await stage.stop();
  });

  it('let nobody through while they cannot be counted, and say so', async () => {
    const clock = { now: seconds };
    const memory = createMemoryLedger({ clock, random: () => crypto.randomUUID() });
    let broken = false;
    const ledger: Ledger = {
      ...memory,
      recordAttempt: (...attempt) =>
        broken ? Promise.reject(new Error('disk full')) : memory.recordAttempt(...attempt),
    };
    const stage = await startBentStage({ ledger });
    const alice = stage.visitor();
    await stage.signIn(alice);
    broken = true;
    const reply = await alice.open('/admin/x');
    assert.equal(reply.status, 503);
    assert.match(reply.text, /<dd>ledger_unavailable<\/dd>/);
    assert.equal(stage.events('step_up_failed').length, 0);
    broken = false;
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200);
    await stage.stop();
  });
});
