import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, reached, startBentStage, targetOf } from '../support/besieged.ts';
import { askedAcr } from '../support/fake-op.ts';
import type { Visitor } from '../support/visitor.ts';

/** The app asks for mfa everywhere; a rule asks for a fresh password beside it, another for a fresh passkey. */
const POLICIES = `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h}
  - {name: passkey, label: Security key, validity: 15m}
apps:
  payroll:
    require: mfa
    rules:
      - {id: front, path: /, public: true}
      - {id: sign, path: /sign/**, require: password, max_age: 2m}
      - {id: vault, path: /vault/**, require: passkey, max_age: 5m}
`;

const gateway = (text: string): string =>
  text
    .replace('mfa: {acr: mfa}', 'mfa: {acr: mfa}\n      passkey: {acr: key}')
    .replace('ledger: memory', 'ledger: memory\nsession: {lifetime: 2h, idle: 50m}');

describe('a chain of demands', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage({ policies: POLICIES, gateway });
  });
  beforeEach(() => {
    stage.straighten();
    alice = stage.visitor();
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  /** What the last trips asked for: the first acr, max_age, and whether anew. */
  const asked = (count: number) =>
    stage.op.asked
      .slice(-count)
      .map((request) => [askedAcr(request), Number(request.get('max_age')), request.get('prompt')]);

  /** The answers to come, in turn, as seconds since the authentication and acr. */
  function answer(...answers: readonly (readonly [acr: string, age: number])[]): void {
    let next = 0;
    stage.op.script.claims = (claims) => {
      const [acr, age] = answers[next] ?? ['none', 0];
      next += 1;
      return { ...claims, acr, auth_time: Number(claims.iat) - age };
    };
  }

  it('asks for the hardest first, then for what that answer did not meet, and ends when all are met', async () => {
    answer(['mfa', 1800], ['pwd', 0]);
    const { reply, trips } = await browse(stage, alice, '/sign/7');
    assert.equal(reply.status, 200);
    assert.equal(trips, 2);
    assert.deepEqual(asked(2), [
      ['mfa', 3600, null],
      ['pwd', 120, null],
    ]);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password,mfa');
  });

  it('asks for one thing only when one answer meets all', async () => {
    answer(['mfa', 0]);
    assert.equal((await browse(stage, alice, '/sign/7')).trips, 1);
    answer(['key', 0]);
    assert.equal((await browse(stage, alice, '/vault/7')).trips, 1);
  });

  it('does not let the stronger proof stand in for the fresh one, nor the fresh one for the stronger', async () => {
    answer(['mfa', 1800], ['key', 600], ['pwd', 0]);
    const { reply, trips } = await browse(stage, alice, '/sign/7');
    assert.equal(reply.status, 200);
    assert.equal(trips, 3);
    answer(['pwd', 0]);
    assertEnded(stage, (await browse(stage, alice, '/vault/7')).reply, 403, 'level_not_met');
    assert.equal(reached(stage, '/vault/7'), 1, 'only the one of the test before');
  });

  it('asks for none twice but for one forced retry, each time an answer is always too old', async () => {
    answer(['mfa', 1800], ['mfa', 1800], ['mfa', 1800], ['mfa', 1800]);
    const { reply, trips } = await browse(stage, alice, '/sign/8');
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(trips, 3);
    assert.deepEqual(asked(3), [
      ['mfa', 3600, null],
      ['pwd', 120, null],
      ['pwd', 0, 'login'],
    ]);
    assert.equal(reached(stage, '/sign/8'), 0);
  });

  it('forces once for each demand at most: four trips are the worst of two demands', async () => {
    answer(['mfa', 4000], ['mfa', 3500], ['pwd', 500], ['pwd', 500], ['pwd', 0]);
    const { reply, trips } = await browse(stage, alice, '/sign/9');
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(trips, 4);
    assert.deepEqual(
      asked(4).map(([, , prompt]) => prompt),
      [null, 'login', null, 'login'],
    );
  });

  it('ends when what the first trip proved lapses during the second', async () => {
    answer(['mfa', 3590], ['pwd', 0]);
    const first = await alice.open('/sign/10');
    const second = await alice.open(targetOf(await stage.op.visit(first.location ?? '')));
    assert.equal(new URL(second.location ?? '').searchParams.get('max_age'), '120');
    mock.timers.tick(10_000);
    const reply = await alice.open(targetOf(await stage.op.visit(second.location ?? '')));
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(reached(stage, '/sign/10'), 0);
  });

  it('another person may not answer the second trip', async () => {
    answer(['mfa', 1800], ['pwd', 0]);
    const first = await alice.open('/sign/11');
    const second = await alice.open(targetOf(await stage.op.visit(first.location ?? '')));
    stage.op.script.person = { sub: 'bob' };
    const reply = await alice.open(targetOf(await stage.op.visit(second.location ?? '')));
    assertEnded(stage, reply, 403, 'subject_mismatch');
    assert.equal((await alice.fetch('/.stepgate/session')).json().subject, 'alice');
    assert.equal(reached(stage, '/sign/11'), 0);
  });

  it('a step-up never moves the end of the session, nor does a chain of them', async () => {
    await stage.signIn(alice);
    const endsIn = async () => Number((await alice.fetch('/.stepgate/session')).json().expires_in_s);
    assert.equal(await endsIn(), 7200);
    for (let minutes = 40; minutes < 120; minutes += 40) {
      mock.timers.tick(40 * 60_000);
      assert.equal((await browse(stage, alice, '/vault/1')).reply.status, 200);
      assert.equal((await browse(stage, alice, '/sign/1')).reply.status, 200);
      assert.equal(await endsIn(), 7200 - minutes * 60);
    }
    mock.timers.tick(40 * 60_000);
    assert.equal((await alice.fetch('/vault/1')).json().why, 'no_session');
  });

  it('keeps nothing of a flow when the chain is over', async () => {
    answer(['mfa', 1800], ['pwd', 0]);
    await browse(stage, alice, '/sign/12');
    assert.deepEqual(
      [...alice.jar.keys()].filter((name) => name.includes('flow')),
      [],
    );
  });
});
