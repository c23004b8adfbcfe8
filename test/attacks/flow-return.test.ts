import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import {
  assertEnded,
  browse,
  copyOf,
  departAndAnswer,
  FLOW_COOKIE,
  NOON,
  SESSION_COOKIE,
  startBentStage,
  targetOf,
  unharmed,
} from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const flowCookies = (visitor: Visitor): string[] => [...visitor.jar.keys()].filter((name) => FLOW_COOKIE.test(name));

describe('an answer that comes a second time', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(async () => {
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  it('T023 goes into the app without another exchange, and the session stays as it was', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people?page=2');
    await alice.open(callback);
    const exchanged = stage.op.counts.token;
    const reply = await unharmed(stage, alice, () => alice.open(callback));
    assert.equal(reply.status, 303);
    assert.equal(reply.location, `${stage.origin}/admin/people?page=2`);
    assert.deepEqual(reply.setCookies, []);
    assert.equal(stage.op.counts.token, exchanged);
  });

  it('T023 with the flow’s cookie kept from the first time: the provider refuses the code, 400', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    const kept = copyOf(stage, alice);
    await alice.open(callback);
    for (const name of flowCookies(kept)) alice.jar.set(name, kept.jar.get(name) ?? '');
    const reply = await unharmed(stage, alice, () => alice.open(callback));
    assertEnded(stage, reply, 400, 'invalid_response');
  });

  it('T023 with the flow’s cookie kept and a fresh code: the flow was used, 400', async () => {
    const redirect = await alice.open('/admin/people');
    const [first, second] = [
      await stage.op.visit(redirect.location ?? ''),
      await stage.op.visit(redirect.location ?? ''),
    ];
    const kept = copyOf(stage, alice);
    assert.equal((await alice.open(targetOf(first))).status, 303);
    for (const name of flowCookies(kept)) alice.jar.set(name, kept.jar.get(name) ?? '');
    const reply = await unharmed(stage, alice, () => alice.open(targetOf(second)));
    assertEnded(stage, reply, 400, 'flow_replayed');
  });

  it('T023 twice at the same moment with two codes: it counts once', async () => {
    const redirect = await alice.open('/admin/people');
    const answers = await Promise.all([1, 2, 3].map(() => stage.op.visit(redirect.location ?? '')));
    const copies = answers.map(() => copyOf(stage, alice));
    const raised = stage.events('step_up').length;
    const replies = await Promise.all(answers.map((answer, i) => copies[i]?.open(targetOf(answer))));
    assert.deepEqual(replies.map((reply) => reply?.status).sort(), [303, 400, 400]);
    assert.equal(stage.events('step_up').length - raised, 1);
  });

  it('T165 by the back button: goes into the app, no error, no change of level, also an hour later', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    await alice.open(callback);
    for (const minutes of [0, 5, 6, 40]) {
      mock.timers.tick(minutes * 60_000);
      const reply = await unharmed(stage, alice, () => alice.open(callback));
      assert.equal(reply.status, 303, `after ${minutes} more minutes`);
      assert.equal(reply.location, `${stage.origin}/admin/people`);
      assert.deepEqual(reply.setCookies, []);
    }
  });
});

describe('an answer opened in a browser that did not leave for it', () => {
  let stage: BentStage;
  let exchanged: number;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(() => {
    exchanged = stage.op.counts.token;
  });
  after(() => stage.stop());

  it('T024 without any cookie: 400, no exchange, nobody is signed in', async () => {
    const callback = await departAndAnswer(stage, stage.visitor(), '/home');
    const other = stage.visitor();
    const reply = await other.open(callback);
    assertEnded(stage, reply, 400, 'cookies_disabled');
    assert.equal(stage.op.counts.token, exchanged);
    assert.deepEqual(reply.setCookies, []);
  });

  it('T024 with a cookie of an earlier visit and no flow: 400 flow_expired, no exchange', async () => {
    const callback = await departAndAnswer(stage, stage.visitor(), '/home');
    const other = stage.visitor();
    await browse(stage, other, '/home');
    other.jar.delete(SESSION_COOKIE);
    exchanged = stage.op.counts.token;
    const reply = await other.open(callback);
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.equal(stage.op.counts.token, exchanged);
  });

  it('T024 with flows of its own: no exchange; at most its own sign-in starts anew, once, and it is its own', async () => {
    const callback = await departAndAnswer(stage, stage.visitor(), '/home?of=mallory');
    const other = stage.visitor();
    for (let i = 0; i < 40 && flowCookies(other).length < 5; i += 1) await other.open('/home');
    const reply = await other.open(callback);
    assert.equal(stage.op.counts.token, exchanged, 'the foreign code was exchanged');
    assert.equal(reply.status, 303);
    const request = new URL(reply.location ?? '');
    assert.equal(request.origin, stage.op.issuer);
    assert.notEqual(request.searchParams.get('state'), new URL(callback, stage.origin).searchParams.get('state'));
    assert.equal(other.jar.has(SESSION_COOKIE), false);
  });

  it('T024 a restarted sign-in whose slot is taken again ends on a page', async () => {
    const other = stage.visitor();
    const all = stage.visitor();
    while (flowCookies(all).length < 5) await all.open('/home');
    const callback = await departAndAnswer(stage, stage.visitor(), '/home');
    for (const [name, value] of all.jar) other.jar.set(name, value);
    const restart = await other.open(callback);
    const again = await stage.op.visit(restart.location ?? '');
    for (const [name, value] of all.jar) other.jar.set(name, value);
    const reply = await other.open(targetOf(again));
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.equal(stage.op.counts.token, exchanged);
  });

  it('T026 login CSRF against somebody signed in: into the app, no exchange, still the same person', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    exchanged = stage.op.counts.token;
    stage.op.script.person = { sub: 'mallory' };
    const callback = await departAndAnswer(stage, stage.visitor(), '/home?of=mallory');
    stage.straighten();
    const headers = { 'sec-fetch-site': 'cross-site' };
    const reply = await unharmed(stage, alice, () => alice.open(callback, { headers }));
    assert.equal(reply.status, 303);
    assert.equal(reply.location, `${stage.origin}/home?of=mallory`);
    assert.equal(stage.op.counts.token, exchanged);
  });

  it('T026 login CSRF while a step-up of their own is under way: neither is touched', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const own = await departAndAnswer(stage, alice, '/admin/people');
    stage.op.script.person = { sub: 'mallory' };
    const callback = await departAndAnswer(stage, stage.visitor(), '/admin/other');
    stage.straighten();
    const reply = await unharmed(stage, alice, () => alice.open(callback));
    assert.equal(reply.status, 303);
    assert.equal((await alice.open(own)).location, `${stage.origin}/admin/people`);
    assert.equal((await alice.open('/admin/people')).status, 200);
  });

  it('T026 an image, a script’s fetch or a frame of another page cannot finish a trip, and does not use it up', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    exchanged = stage.op.counts.token;
    const ways: readonly Record<string, string>[] = [
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-dest': 'iframe' },
      { 'sec-purpose': 'prefetch;prerender' },
    ];
    for (const headers of ways) {
      const reply = await unharmed(stage, alice, () => alice.open(callback, { headers }));
      assert.equal(reply.status, 403, JSON.stringify(headers));
      assert.deepEqual(reply.setCookies, []);
    }
    assert.equal(stage.op.counts.token, exchanged);
    assert.equal((await alice.open(callback)).status, 303);
  });

  it('a flow’s cookie moved into another slot is no flow', async () => {
    const visitor = stage.visitor();
    const callback = await departAndAnswer(stage, visitor, '/home');
    const [name = ''] = flowCookies(visitor);
    const value = visitor.jar.get(name) ?? '';
    visitor.jar.delete(name);
    visitor.jar.set(
      name.replace(/\d$/, (slot) => String((Number(slot) + 1) % 5)),
      value,
    );
    const reply = await visitor.open(callback);
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.equal(stage.op.counts.token, exchanged);
  });
});

describe('a trip that took too long, or a browser that keeps nothing', () => {
  let stage: BentStage;
  before(async () => {
    stage = await startBentStage();
  });
  after(() => stage.stop());

  it('after ten minutes the answer is not used: 400 flow_expired, no exchange', async () => {
    const alice = stage.visitor();
    const callback = await departAndAnswer(stage, alice, '/home');
    mock.timers.tick(600_000);
    const exchanged = stage.op.counts.token;
    assertEnded(stage, await alice.open(callback), 400, 'flow_expired');
    assert.equal(stage.op.counts.token, exchanged);
    assert.equal(alice.jar.has(SESSION_COOKIE), false);
  });

  it('T161 a browser without cookies is told so after one trip', async () => {
    const alice = stage.visitor();
    const { reply, trips } = await browse(stage, alice, '/home', async (target) => {
      alice.jar.clear();
      return alice.open(target);
    });
    assertEnded(stage, reply, 400, 'cookies_disabled');
    assert.equal(trips, 1);
  });

  it('T161 a browser that loses the flow alone is told after one trip', async () => {
    const alice = stage.visitor();
    const { reply, trips } = await browse(stage, alice, '/home', async (target) => {
      for (const name of flowCookies(alice)) alice.jar.delete(name);
      return alice.open(target);
    });
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.equal(trips, 1);
  });
});
