import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON } from '../support/besieged.ts';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

/** What the security team adds when something happened at noon: every proof has to be later. */
const RAISED = POLICIES.replace(
  'apps:',
  'floors:\n  - {id: emergency, require: password, since: "2026-11-23T12:00:00Z", note: INC-1}\napps:',
);

/** The front page and static files are open on this stage, and would be under the floor. */
const CLOSED = (policies: string): string => policies.replace(/^ *- .*public: true.*\n/gm, '');

describe('since something happened', () => {
  let stage: Stage;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startStage({ policies: CLOSED(POLICIES) });
  });
  beforeEach(() => {
    stage.op.script.authTime = null;
    mock.timers.setTime(NOON - 600_000);
  });
  afterEach(async () => {
    assert.equal(await stage.reload(), true);
  });
  after(async () => {
    mock.timers.reset();
    await stage.stop();
  });

  /** Alice signed in ten minutes before noon; at five past, the floor is there. */
  async function raised(): Promise<Visitor> {
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/home')).status, 200);
    mock.timers.setTime(NOON + 300_000);
    assert.equal(await stage.reload({ policies: CLOSED(RAISED) }), true);
    return alice;
  }

  it('a proof of before is asked for anew, no older than that, and opens everything afterwards', async () => {
    const alice = await raised();
    assert.equal((await alice.fetch('/home')).json().why, 'stale_authentication');
    const trips = stage.op.counts.authorize;
    const { reply } = await browse(stage, alice, '/home');
    assert.equal(reply.status, 200, reply.text);
    assert.equal(stage.op.asked.at(-1)?.get('max_age'), '300');
    assert.equal(stage.op.counts.authorize, trips + 1);
    assert.equal((await alice.open('/home/2')).status, 200);
    assert.equal(stage.op.counts.authorize, trips + 1);
  });

  it('a provider that first answers with the time of before is asked once more, with force', async () => {
    const alice = await raised();
    stage.op.script.authTime = NOON / 1000 - 600;
    const trips = stage.op.counts.authorize;
    const first = await alice.open('/home');
    const next = await stage.passProvider(alice, first);
    assert.equal(next.status, 303, next.text);
    stage.op.script.authTime = null;
    const back = await stage.passProvider(alice, next);
    assert.equal(back.status, 303, back.text);
    const asked = stage.op.asked.slice(-2).map((request) => [request.get('max_age'), request.get('prompt')]);
    assert.deepEqual(asked, [
      ['300', null],
      ['0', 'login'],
    ]);
    assert.equal(stage.op.counts.authorize, trips + 2);
    assert.equal((await alice.open('/home')).status, 200);
  });

  it('a provider that goes on answering with that time ends on a page after two trips', async () => {
    const alice = await raised();
    stage.op.script.authTime = NOON / 1000 - 1;
    const trips = stage.op.counts.authorize;
    assertEnded(stage, (await browse(stage, alice, '/home')).reply, 403, 'stale_authentication');
    assert.equal(stage.op.counts.authorize, trips + 2);
  });

  it('a provider that says no time of authentication is no proof of it, however often it is asked', async () => {
    const alice = await raised();
    stage.op.script.authTime = 'absent';
    const trips = stage.op.counts.authorize;
    assertEnded(stage, (await browse(stage, alice, '/home')).reply, 403, 'stale_authentication');
    assert.equal(stage.op.counts.authorize, trips + 2);
  });

  it('somebody who signs in only then is asked once', async () => {
    await raised();
    const bob = stage.visitor();
    const trips = stage.op.counts.authorize;
    assert.equal((await browse(stage, bob, '/home')).reply.status, 200);
    assert.equal(stage.op.counts.authorize, trips + 1);
  });
});
