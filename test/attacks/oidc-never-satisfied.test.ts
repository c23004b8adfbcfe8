import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, startBentStage } from '../support/besieged.ts';

const now = (): number => Math.floor(Date.now() / 1000);

describe('a provider that never satisfies', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage();
  });
  afterEach(() => stage.straighten());
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  it('T160 stops after one trip for somebody who is signed in, however often the page is opened', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    stage.op.script.acr = 'pwd';
    for (let i = 0; i < 3; i += 1) assert.equal((await browse(stage, alice, '/admin/x')).trips, 1);
  });

  it('T160 stops after one trip for somebody who is not; the weaker sign-in is one, and opens what it may', async () => {
    const alice = stage.visitor();
    stage.op.script.acr = 'pwd';
    const { reply, trips } = await browse(stage, alice, '/admin/x');
    assertEnded(stage, reply, 403, 'level_not_met');
    assert.equal(trips, 1);
    assert.equal((await alice.open('/home')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password');
  });

  it('T160 stops after one trip when the answer proves nothing at all, and nobody is signed in', async () => {
    const alice = stage.visitor();
    stage.op.script.acr = 'gold';
    const { reply, trips } = await browse(stage, alice, '/home');
    assertEnded(stage, reply, 403, 'level_not_met');
    assert.equal(trips, 1);
    assert.equal((await alice.fetch('/home')).json().why, 'no_session');
  });

  it('T160 stops after the forced retry when even the sign-in itself is too old', async () => {
    stage.op.script.authTime = now() - 9 * 3600;
    const { reply, trips } = await browse(stage, stage.visitor(), '/home');
    assertEnded(stage, reply, 403, 'stale_authentication');
    assert.equal(trips, 2);
  });
});
