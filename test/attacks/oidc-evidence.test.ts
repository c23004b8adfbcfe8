import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, reached, startBentStage, unharmed } from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

const inSeconds = (time: number): number => Math.floor(time / 1000);

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('a provider that answers with other evidence than was asked for', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  /** The step-up ends on its page after one trip; nothing reached the upstream and nothing else changed. */
  async function assertNoLevel(status: number, failure: string): Promise<void> {
    const asked = stage.op.asked.length;
    const seen = reached(stage, '/admin');
    const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
    assertEnded(stage, reply, status, failure);
    assert.equal(trips, 1);
    assert.equal(stage.op.asked.length - asked, 1);
    assert.equal(reached(stage, '/admin'), seen);
    assert.match(reply.text, /href="\/admin\/people"/, 'the person may try again by hand');
    assert.equal((await alice.fetch('/admin/people')).status, 401);
  }

  it('T001 without an acr proves nothing, and the session stays as it was', async () => {
    stage.op.script.acr = null;
    await assertNoLevel(403, 'level_not_met');
  });

  it('T002 with a lower level ends on a page after one trip, and the session stays as it was', async () => {
    stage.op.script.acr = 'pwd';
    await assertNoLevel(403, 'level_not_met');
    assert.deepEqual(stage.events('step_up_failed').at(-1)?.requirement, ['mfa']);
  });

  it('T002 with a lower level does not take away the higher one that was proven before', async () => {
    await browse(stage, alice, '/admin/people');
    mock.timers.tick(130_000);
    stage.op.script.acr = 'pwd';
    const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/fresh/x'));
    assertEnded(stage, reply, 403, 'level_not_met');
    assert.equal(trips, 1);
    assert.equal((await alice.open('/admin/people')).status, 200);
  });

  it('T006 with an acr of "0" proves nothing', async () => {
    stage.op.script.acr = '0';
    await assertNoLevel(403, 'level_not_met');
    const { reply } = await browse(stage, stage.visitor(), '/home');
    assertEnded(stage, reply, 403, 'level_not_met');
  });

  it('T007 with an unknown acr proves nothing, and the audit log has it escaped and cut', async () => {
    stage.op.script.acr = `gold"\r\n<script>${'x'.repeat(500)}`;
    await assertNoLevel(403, 'level_not_met');
    const detail = String(stage.events('step_up_failed').at(-1)?.detail);
    assert.match(detail, /gold/);
    assert.doesNotMatch(detail, /[\r\n]/);
    assert.ok(detail.length < 200, detail);
  });

  it('T007 with an acr that is nearly the right one proves nothing', async () => {
    for (const acr of ['MFA', 'mfa ', ' mfa', 'mfa\u0000', 'ｍｆａ', 'mfa,pwd', '__proto__', '']) {
      stage.op.script.acr = acr;
      await assertNoLevel(403, 'level_not_met');
    }
  });

  it('T007 with an acr that is no text is refused', async () => {
    for (const acr of [['mfa'], ['mfa', 'pwd'], { mfa: 1 }, 2, true, null]) {
      stage.op.script.claims = (claims) => ({ ...claims, acr });
      await assertNoLevel(400, 'invalid_response');
    }
  });

  it('T008 with an amr that is no list of texts is refused; an absent one is none', async () => {
    for (const amr of ['mfa', ['mfa', 1], [['mfa']], { 0: 'mfa' }, null]) {
      stage.op.script.claims = (claims) => ({ ...claims, amr });
      await assertNoLevel(400, 'invalid_response');
    }
    stage.op.script.claims = (claims) => claims;
    assert.equal((await browse(stage, alice, '/admin/people')).reply.status, 200);
  });

  it('T008 with the right amr and without the right acr proves nothing', async () => {
    stage.op.script.acr = null;
    stage.op.script.amr = ['pwd', 'otp', 'mfa', 'hwk'];
    await assertNoLevel(403, 'level_not_met');
  });

  it('T009 with a time of authentication to come is refused', async () => {
    for (const ahead of [61, 3600, 365 * 86_400]) {
      stage.op.script.authTime = inSeconds(Date.now()) + ahead;
      await assertNoLevel(400, 'invalid_response');
    }
  });

  it('T009 with a time of authentication just ahead of its own issue is as young as now, and ages from now', async () => {
    stage.op.script.authTime = inSeconds(Date.now()) + 60;
    assert.equal((await browse(stage, alice, '/fresh/x')).reply.status, 200);
    mock.timers.tick(120_000);
    assert.equal((await alice.fetch('/fresh/x')).json().why, 'stale_authentication');
  });

  it('T009 with a time of authentication in milliseconds, or none that is a number, is refused', async () => {
    for (const time of [Date.now(), String(inSeconds(Date.now())), null, -1, Number.NaN, true, [1]]) {
      stage.op.script.claims = (claims) => ({ ...claims, auth_time: time });
      await assertNoLevel(400, 'invalid_response');
    }
  });
});

describe('a provider that cannot say when the person authenticated, or says it was long ago', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  /** What the last `count` requests to the provider asked for. */
  const askedLast = (count: number) =>
    stage.op.asked.slice(-count).map((request) => [request.get('max_age'), request.get('prompt')]);

  it('T010 no auth_time: one forced retry, then a page; what was proven counts for its validity only', async () => {
    stage.op.script.authTime = 'absent';
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(trips, 2);
    assert.deepEqual(askedLast(2), [
      ['120', null],
      ['0', 'login'],
    ]);
    assert.equal(reached(stage, '/fresh'), 0);
    assert.equal((await alice.open('/admin/x')).status, 200, 'mfa is proven, for as long as it is valid');
    assert.equal((await alice.fetch('/fresh/x')).json().why, 'stale_authentication');
    mock.timers.tick(50 * 60_000);
    assert.equal((await alice.open('/admin/x')).status, 200);
    mock.timers.tick(10 * 60_000);
    assert.equal((await alice.fetch('/admin/x')).json().why, 'stale_authentication');
  });

  it('T011 a forced authentication that the provider did not do ends on a page', async () => {
    stage.op.script.authTime = inSeconds(Date.now()) - 121;
    const seen = reached(stage, '/fresh');
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(trips, 2);
    assert.equal(askedLast(1)[0]?.[1], 'login');
    assert.equal(reached(stage, '/fresh'), seen);
    assert.deepEqual(stage.events('step_up_failed').at(-1)?.requirement, ['mfa 120s']);
  });

  it('T011 an authentication exactly as old as the limit is too old; clock tolerance does not help it', async () => {
    stage.op.script.authTime = inSeconds(Date.now()) - 120;
    assert.equal((await browse(stage, alice, '/fresh/x')).reply.status, 403);
    stage.op.script.authTime = inSeconds(Date.now()) - 119;
    assert.equal((await browse(stage, alice, '/fresh/x')).reply.status, 200);
  });

  it('T011 the age is taken on the provider’s clock: one that runs behind makes nothing younger', async () => {
    const behind = inSeconds(Date.now()) - 50;
    stage.op.script.claims = (claims) => ({ ...claims, iat: behind, auth_time: behind - 110 });
    assert.equal((await browse(stage, alice, '/fresh/x')).reply.status, 200);
    mock.timers.tick(9_000);
    assert.equal((await alice.fetch('/fresh/x')).status, 200);
    mock.timers.tick(1_000);
    assert.equal((await alice.fetch('/fresh/x')).status, 401);
  });

  it('the retry repairs what one forced authentication can repair', async () => {
    stage.op.script.claims = (claims, request) => ({
      ...claims,
      auth_time: Number(claims.iat) - (request.get('prompt') === 'login' ? 0 : 3000),
    });
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assert.equal(reply.status, 200);
    assert.equal(trips, 2);
  });

  it('the retry must meet the level as well: a lower one ends the chain', async () => {
    stage.op.script.claims = (claims, request) =>
      request.get('prompt') === 'login'
        ? { ...claims, acr: 'pwd' }
        : { ...claims, auth_time: Number(claims.iat) - 3000 };
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assertEnded(stage, reply, 403, 'level_not_met');
    assert.equal(trips, 2);
  });
});

describe('T001 where the operator says what an unmarked sign-in is worth', () => {
  let stage: BentStage;
  before(async () => {
    stage = await startBentStage({ provider: '    unmarked: password' });
  });
  after(() => stage.stop());

  it('T001 it is worth that and no more', async () => {
    const alice = stage.visitor();
    stage.op.script.acr = null;
    assert.equal((await browse(stage, alice, '/home')).reply.status, 200);
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/x'));
    assertEnded(stage, reply, 403, 'level_not_met');
  });

  it('T006 an acr of "0" is worth less than none', async () => {
    stage.op.script.acr = '0';
    const { reply } = await browse(stage, stage.visitor(), '/home');
    assertEnded(stage, reply, 403, 'level_not_met');
  });
});
