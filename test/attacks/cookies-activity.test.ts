import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { cookieLines } from '../support/raw-http.ts';
import { askWebSocket } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const START = Date.UTC(2026, 10, 23, 9, 0, 0);
const MINUTE = 60_000;

describe('only what a person does keeps a session from idling out', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: START });
    stage = await startStage({ gateway: (text) => `${text}    background: [/poll/**]\n` });
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });
  const signedIn = async (): Promise<void> => {
    alice = stage.visitor();
    await stage.signIn(alice);
  };

  const IDLE: readonly [string, string, (target: string) => Promise<unknown>][] = [
    ['a background request', '/poll/x', (target) => alice.fetch(target)],
    ['a background request spelt otherwise', '/%70oll/x', (target) => alice.fetch(target)],
    ['a public page', '/static/a', (target) => alice.open(target)],
    ['a refused page', '/legacy/x', (target) => alice.open(target)],
    ['a challenge', '/admin', (target) => alice.fetch(target)],
    ['a look at the session', '/.stepgate/session', (target) => alice.fetch(target)],
    ['a bad request', '/a%2fb', (target) => alice.open(target)],
    ['a background WebSocket', '/poll/ws', openSocket],
  ];

  async function openSocket(target: string): Promise<{ readonly setCookies: readonly string[] }> {
    const { host } = new URL(stage.origin);
    const answer = await askWebSocket(stage.port, target, {
      host,
      origin: stage.origin,
      lines: cookieLines(alice.jar),
    });
    answer.socket.destroy();
    return { setCookies: answer.values('set-cookie') };
  }

  for (const [what, target, ask] of IDLE) {
    it(`T159 ${what} sets no cookie, and after an hour of nothing else nobody is signed in`, async () => {
      await signedIn();
      for (let minutes = 0; minutes < 60; minutes += 12) {
        const jar = new Map(alice.jar);
        const reply = (await ask(target)) as { readonly setCookies: readonly string[] };
        assert.deepEqual(reply.setCookies, []);
        assert.deepEqual(alice.jar, jar);
        mock.timers.tick(12 * MINUTE);
      }
      assert.equal((await alice.fetch('/home')).json().why, 'no_session');
    });
  }

  it('T149 a page does, at most every tenth of the idle time, and such an answer is private', async () => {
    await signedIn();
    stage.upstream.answer.headers = { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'stepgate-seen-corp=x' };
    const first = await alice.open('/home');
    mock.timers.tick(7 * MINUTE);
    const later = await alice.open('/home');
    const again = await alice.open('/home');
    stage.upstream.answer.headers = {};
    assert.deepEqual([first.setCookies.length, later.setCookies.length, again.setCookies.length], [0, 1, 0]);
    assert.match(later.setCookies[0] ?? '', /^stepgate-seen-corp=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const reply of [first, later, again]) assert.equal(reply.headers['cache-control'], 'max-age=60, private');
    assert.equal((await alice.open('/home')).status, 200);
  });

  it('T164 an idle cookie that was kept cannot be put back to live longer', async () => {
    await signedIn();
    const old = alice.jar.get('stepgate-seen-corp') ?? '';
    mock.timers.tick(50 * MINUTE);
    assert.equal((await alice.open('/home')).status, 200);
    mock.timers.tick(20 * MINUTE);
    const fresh = alice.jar.get('stepgate-seen-corp') ?? '';
    alice.jar.set('stepgate-seen-corp', old);
    assert.equal((await alice.fetch('/home')).status, 401);
    alice.jar.set('stepgate-seen-corp', fresh);
    assert.equal((await alice.fetch('/home')).status, 200);
  });

  it('T164 nor does activity move the end of the session', async () => {
    await signedIn();
    for (let minutes = 0; minutes < 12 * 60; minutes += 40) {
      await stage.passProvider(alice, await alice.open('/fresh/x'));
      mock.timers.tick(40 * MINUTE);
    }
    assert.equal((await alice.fetch('/home')).json().why, 'no_session');
  });
});
