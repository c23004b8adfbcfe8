import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, startBentStage, targetOf, unharmed } from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('asking for the same person again', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(async () => {
    stage.straighten();
    stage.op.script.person = { ...stage.op.script.person, preferred_username: 'alice.example' };
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  it('names her to the provider at every step-up and retry, and nobody at a first sign-in', async () => {
    assert.equal(stage.op.asked.at(-1)?.get('login_hint'), null);
    stage.op.script.authTime = Math.floor(Date.now() / 1000) - 1000;
    const { trips } = await browse(stage, alice, '/fresh/x');
    assert.equal(trips, 2);
    for (const asked of stage.op.asked.slice(-2)) {
      assert.equal(asked.get('login_hint'), 'alice.example');
      assert.deepEqual(JSON.parse(asked.get('claims') ?? '{}').id_token.sub, { value: 'alice' });
      assert.equal(asked.get('id_token_hint'), null);
    }
  });

  it('is no proof: another person who comes back with her hint, name and address is refused', async () => {
    stage.op.script.person = { ...stage.op.script.person, sub: 'mallory' };
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/x'));
    assertEnded(stage, reply, 403, 'subject_mismatch');
  });

  it('cannot be turned on somebody else by what a hint says', async () => {
    for (const preferred_username of ['bob&prompt=none', 'x'.repeat(129), 'a\r\nLocation: x', ['alice'], 7, '']) {
      const person = { sub: 'carol', preferred_username };
      stage.op.script.person = person;
      const carol = stage.visitor();
      await stage.signIn(carol);
      const url = new URL(String((await carol.open('/admin/x')).location));
      const kept = typeof preferred_username === 'string' && /^.{1,128}$/.test(preferred_username);
      assert.equal(url.searchParams.get('login_hint'), kept ? preferred_username : null);
      assert.equal(url.searchParams.get('prompt'), null);
    }
  });

  it('leaves the name out where the operator wants it so', async () => {
    const quiet = await startBentStage({ provider: '    login_hint: false' });
    quiet.op.script.person = { ...quiet.op.script.person, preferred_username: 'alice.example' };
    const visitor = quiet.visitor();
    await quiet.signIn(visitor);
    const url = new URL(String((await visitor.open('/admin/x')).location));
    assert.equal(url.searchParams.get('login_hint'), null);
    await quiet.stop();
  });
});

describe('a pushed request', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage({ op: { script: { pushing: 'offered' } } });
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  it('keeps level, age, person and return address out of the browser’s address bar', async () => {
    const location = new URL(String((await alice.open('/fresh/secret-path')).location));
    assert.deepEqual([...location.searchParams.keys()].sort(), ['client_id', 'request_uri']);
    assert.doesNotMatch(location.href, /secret-path|alice|mfa/);
  });

  it('is not made for programs, forms, frames, prefetches, and stands on no page', async () => {
    const before = stage.op.counts.par;
    const replies = [
      await alice.fetch('/admin/x'),
      await alice.open('/admin/x', { headers: { 'sec-purpose': 'prefetch' } }),
      await alice.open('/admin/x', { headers: { 'sec-fetch-dest': 'iframe' } }),
      await alice.open('/admin/x', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: stage.origin },
        body: 'a=b',
      }),
    ];
    for (const reply of replies) {
      assert.equal(reply.status, 401);
      assert.doesNotMatch(reply.text, /request_uri|urn:fake/);
    }
    assert.equal(stage.op.counts.par, before);
  });

  it('cannot be edited on the way: what the browser adds or changes is nobody’s request', async () => {
    const location = new URL(String((await alice.open('/admin/x')).location));
    location.searchParams.set('acr_values', 'pwd');
    location.searchParams.set('max_age', '99999');
    location.searchParams.set('redirect_uri', 'https://evil.example/');
    const back = await stage.op.visit(location.href);
    assert.equal(back.origin, stage.origin);
    assert.equal((await alice.open(targetOf(back))).status, 303);
    assert.equal((await alice.open('/admin/x')).status, 200);
  });

  it('that fails ends on a page, and the session stays', async () => {
    for (const [par, status, failure] of [
      ['cut', 503, 'provider_unavailable'],
      [{ status: 400, body: { error: 'invalid_request', error_description: '<b>x</b>' } }, 403, 'provider_error'],
    ] as const) {
      stage.op.script.par = par;
      const reply = await unharmed(stage, alice, () => alice.open('/admin/x'));
      assert.equal(reply.status, status);
      assert.match(reply.text, new RegExp(`<dd>${failure}</dd>`));
      assert.doesNotMatch(reply.text, /<b>x/);
      assert.equal(stage.events('step_up_failed').at(-1)?.failure, failure);
      assert.ok(!reply.setCookies.some((cookie) => /flow-\d=[^;]/.test(cookie)));
    }
    stage.op.script.par = 'ok';
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200);
  });
});
