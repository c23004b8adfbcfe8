import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

const START = Date.UTC(2026, 10, 23, 9, 0, 0);

async function signOut(stage: Stage, visitor: Visitor): Promise<Reply> {
  const asked = await visitor.open('/.stepgate/sign-out');
  assert.equal(asked.status, 200);
  const token = /name="token" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
  return visitor.open('/.stepgate/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: stage.origin },
    body: `token=${encodeURIComponent(token)}`,
  });
}

describe('a session', () => {
  let stage: Stage;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: START });
    stage = await startStage();
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  it('is told to the page of its own origin, and to nobody else', async () => {
    const visitor = stage.visitor();
    assert.deepEqual((await visitor.fetch('/.stepgate/session')).json(), { signed_in: false });
    await stage.signIn(visitor);
    mock.timers.tick(60_000);
    const told = (await visitor.fetch('/.stepgate/session')).json();
    assert.deepEqual(told, {
      signed_in: true,
      subject: 'alice',
      name: told.name,
      email: told.email,
      provider: 'corp',
      level: 'password',
      proofs: [{ level: 'password', age_s: 60, expires_in_s: 8 * 3600 - 60 }],
      expires_in_s: 12 * 3600 - 60,
      idle_in_s: 3540,
    });
    for (const site of ['cross-site', 'same-site']) {
      const reply = await visitor.fetch('/.stepgate/session', { headers: { 'sec-fetch-site': site } });
      assert.equal(reply.status, 403, site);
    }
  });

  it('steps down when a level lapses, and asks again for that level alone', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor, '/admin');
    assert.equal((await visitor.open('/admin')).status, 200);
    // Active all the while, so that the session does not idle out before the level lapses.
    mock.timers.tick(59 * 60_000);
    assert.equal((await visitor.open('/admin')).status, 200);
    mock.timers.tick(2 * 60_000);
    assert.equal((await visitor.open('/home')).status, 200, 'still signed in');
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password');
    const asked = await visitor.fetch('/admin');
    assert.equal(asked.json().why, 'stale_authentication');
    const back = await stage.passProvider(visitor, await visitor.open('/admin'));
    assert.equal(back.location, `${stage.origin}/admin`);
    assert.equal((await visitor.open('/admin')).status, 200);
  });

  it('ends when nobody used it for the idle time, though its cookie is still there', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    mock.timers.tick(61 * 60_000);
    assert.equal((await visitor.fetch('/home')).json().why, 'no_session');
  });

  it('lives as long as it is used, up to its lifetime', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor, '/home');
    for (let minutes = 50; minutes < 8 * 60; minutes += 50) {
      mock.timers.tick(50 * 60_000);
      assert.equal((await visitor.open('/home')).status, 200, `after ${minutes} minutes`);
    }
  });

  it('is over at sign-out, also for a copy of its cookies', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const stolen = stage.visitor();
    for (const [name, value] of visitor.jar) stolen.jar.set(name, value);
    assert.equal((await stolen.open('/home')).status, 200);
    const reply = await signOut(stage, visitor);
    assert.equal(reply.status, 303);
    assert.equal(reply.location, `${stage.origin}/.stepgate/signed-out`);
    assert.equal((await stolen.fetch('/home')).status, 401);
    assert.equal((await visitor.open('/.stepgate/signed-out')).status, 200);
    assert.equal(
      [...visitor.jar.keys()].some((name) => name.includes('corp')),
      false,
    );
    assert.equal(stage.events('sign_out').length, 1);
  });

  it('health needs no host of ours', async () => {
    for (const path of ['/.stepgate/healthz', '/.stepgate/readyz']) {
      assert.equal((await stage.visitor().send(path, { headers: { host: 'kubelet:1' } })).status, 200);
    }
  });
});
