import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import {
  assertEnded,
  copyOf,
  departAndAnswer,
  NOON,
  postSignOut,
  SESSION_COOKIE,
  signOutToken,
  startBentStage,
  unharmed,
} from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

describe('signing somebody out', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage();
  });
  beforeEach(async () => {
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  it('by a link is a question, whatever the link carries', async () => {
    const token = await signOutToken(alice);
    for (const query of ['', `?token=${token}`, '?confirm=1', '?_method=POST']) {
      const reply = await unharmed(stage, alice, () => alice.open(`/.stepgate/sign-out${query}`));
      assert.equal(reply.status, 200);
      assert.deepEqual(reply.setCookies, []);
    }
    assert.equal(stage.events('sign_out').length, 0);
  });

  it('by HEAD, PUT or DELETE does nothing', async () => {
    for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const reply = await unharmed(stage, alice, () => alice.open('/.stepgate/sign-out', { method }));
      assert.equal(reply.status, 404, method);
    }
  });

  it('by a form of another site does nothing, though it brings the cookies and a good token', async () => {
    const token = await signOutToken(alice);
    const strangers: readonly Record<string, string>[] = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: stage.origin.replace('127.0.0.1', 'localhost'), 'sec-fetch-site': 'cross-site' },
      { origin: stage.origin.replace(/:\d+$/, ':1'), 'sec-fetch-site': 'same-site' },
      { origin: stage.origin.replace('http:', 'https:') },
      { origin: `${stage.origin}/` },
    ];
    for (const headers of strangers) {
      const reply = await unharmed(stage, alice, () => postSignOut(stage, alice, token, headers));
      assert.equal(reply.status, 403, JSON.stringify(headers));
      assert.match(reply.text, /<dd>untrusted_origin<\/dd>/);
    }
  });

  it('by a script or inside a frame of the app’s own page does nothing', async () => {
    const token = await signOutToken(alice);
    const ways: readonly Record<string, string>[] = [
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { 'sec-fetch-mode': 'same-origin', 'sec-fetch-dest': 'empty' },
      { 'sec-fetch-dest': 'iframe' },
      { 'sec-purpose': 'prefetch' },
    ];
    for (const headers of ways) {
      const reply = await unharmed(stage, alice, () => postSignOut(stage, alice, token, headers));
      assert.equal(reply.status, 403, JSON.stringify(headers));
    }
  });

  it('without a token, with a wrong one, with two, or with an old one does nothing', async () => {
    const token = await signOutToken(alice);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: stage.origin };
    const bodies = ['', 'token=', 'token=x', `token=${token.slice(0, -2)}AA`, `token=${token}&token=${token}`, token];
    for (const body of bodies) {
      const reply = await unharmed(stage, alice, () =>
        alice.open('/.stepgate/sign-out', { method: 'POST', headers, body }),
      );
      assert.equal(reply.status, 400, body);
      assert.match(reply.text, /<dd>invalid_token<\/dd>/);
    }
    mock.timers.tick(600_000);
    assert.equal((await postSignOut(stage, alice, token)).status, 400);
    assert.equal((await alice.fetch('/home')).status, 200);
  });

  it('with the token of another person, or of an earlier session of the same one, does nothing', async () => {
    const mallory = stage.visitor();
    stage.op.script.person = { sub: 'mallory' };
    await stage.signIn(mallory);
    stage.straighten();
    const foreign = await signOutToken(mallory);
    assert.equal((await unharmed(stage, alice, () => postSignOut(stage, alice, foreign))).status, 400);
    const earlier = await signOutToken(alice);
    await postSignOut(stage, alice, earlier);
    await stage.signIn(alice);
    assert.equal((await unharmed(stage, alice, () => postSignOut(stage, alice, earlier))).status, 400);
  });

  it('by a body that is no form, or far too large, does nothing', async () => {
    const token = await signOutToken(alice);
    for (const [type, body, status] of [
      ['application/json', JSON.stringify({ token }), 400],
      ['text/plain', `token=${token}`, 400],
      ['application/x-www-form-urlencoded', `token=${token}&x=${'x'.repeat(5000)}`, 413],
    ] as const) {
      const headers = { 'content-type': type, origin: stage.origin };
      const reply = await unharmed(stage, alice, () =>
        alice.open('/.stepgate/sign-out', { method: 'POST', headers, body }),
      );
      assert.equal(reply.status, status, type);
    }
  });

  it('ends every copy, every generation and every flow of the session', async () => {
    const older = copyOf(stage, alice);
    await stage.passProvider(alice, await alice.open('/admin/people'));
    mock.timers.tick(121_000);
    const callback = await departAndAnswer(stage, alice, '/fresh/1');
    const copy = copyOf(stage, alice);
    await postSignOut(stage, alice, await signOutToken(alice));
    for (const visitor of [older, copy]) assert.equal((await visitor.fetch('/home')).json().why, 'no_session');
    assertEnded(stage, await copy.open(callback), 403, 'session_changed');
    assert.equal((await copy.fetch('/home')).json().why, 'no_session');
    assert.equal(alice.jar.has(SESSION_COOKIE), false);
  });

  it('in one tab ends the step-up in another with a page that says what happened', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    await postSignOut(stage, alice, await signOutToken(alice));
    const reply = await alice.open(callback);
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.equal(alice.jar.has(SESSION_COOKIE), false);
  });

  it('does nothing to anybody else', async () => {
    const bob = stage.visitor();
    stage.op.script.person = { sub: 'bob' };
    await stage.signIn(bob);
    stage.straighten();
    const token = await signOutToken(alice);
    await unharmed(stage, bob, () => postSignOut(stage, alice, token));
  });
});
