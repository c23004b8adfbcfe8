import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

describe('only an unaltered session cookie in its own place is a session', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  let session = '';
  let seen = '';
  before(async () => {
    stage = await startStage();
    host = new URL(stage.origin).host;
    alice = stage.visitor();
    await stage.signIn(alice, '/admin');
    session = alice.jar.get('stepgate-corp') ?? '';
    seen = alice.jar.get('stepgate-seen-corp') ?? '';
    assert.ok(session.length > 100 && seen.length > 40);
  });
  after(() => stage.stop());

  /** Who the gateway takes somebody for who sends these Cookie fields. */
  async function takenFor(...fields: readonly string[]): Promise<'alice' | 'nobody'> {
    const count = stage.upstream.received.length;
    const lines = fields.map((field) => `Cookie: ${field}`);
    const { reply } = await sendBytes(stage.port, requestBytes('/home', { host, lines }));
    const passed = stage.upstream.received.slice(count);
    if (reply.status === 200) {
      assert.equal(passed[0]?.headers['x-auth-subject'], 'alice');
      return 'alice';
    }
    assert.equal(reply.status, 401);
    assert.match(reply.body, /"why":"no_session"/);
    assert.deepEqual(passed, []);
    assert.deepEqual(reply.values('set-cookie'), []);
    return 'nobody';
  }

  it('T164 her own two cookies are Alice', async () => {
    assert.equal(await takenFor(`stepgate-corp=${session}; stepgate-seen-corp=${seen}`), 'alice');
    const ask = { host, origin: stage.origin, lines: [`Cookie: stepgate-corp=${session}; stepgate-seen-corp=${seen}`] };
    assert.equal(await webSocketStatus(stage.port, '/admin', ask), 101);
  });

  it('T164 a changed character anywhere in the session cookie is nobody', async () => {
    const step = Math.max(1, Math.floor(session.length / 60));
    const places = [...Array(session.length).keys()].filter(
      (at) => at < 24 || at >= session.length - 24 || at % step === 0,
    );
    for (const at of places) {
      const changed = `${session.slice(0, at)}${session[at] === 'A' ? 'B' : 'A'}${session.slice(at + 1)}`;
      assert.equal(await takenFor(`stepgate-corp=${changed}; stepgate-seen-corp=${seen}`), 'nobody', `place ${at}`);
    }
  });

  it('T164 a changed bit anywhere in the idle cookie is nobody', async () => {
    const bytes = Buffer.from(seen, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const field = `stepgate-corp=${session}; stepgate-seen-corp=${changed.toString('base64url')}`;
      assert.equal(await takenFor(field), 'nobody', `byte ${at}`);
    }
  });

  const SPELLINGS: readonly [string, (value: string) => string][] = [
    ['cut short', (value) => value.slice(0, -1)],
    ['cut in front', (value) => value.slice(1)],
    ['longer by a character', (value) => `${value}A`],
    ['padded', (value) => `${value}=`],
    ['with a blank inside', (value) => `${value.slice(0, 9)} ${value.slice(9)}`],
    ['in standard base64', (value) => Buffer.from(value, 'base64url').toString('base64')],
    ['escaped', (value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`],
    ['quoted', (value) => `"${value}"`],
    ['empty', () => ''],
    ['twice in one value', (value) => `${value}${value}`],
    ['random', (value) => randomBytes(Math.floor((value.length * 3) / 4)).toString('base64url')],
    [
      'of another version',
      (value) => Buffer.concat([Buffer.of(2), Buffer.from(value, 'base64url').subarray(1)]).toString('base64url'),
    ],
    ['the constructor of its container', () => '__proto__'],
  ];
  for (const [what, spell] of SPELLINGS) {
    it(`T164 the session cookie ${what} is nobody, and so is the idle cookie`, async () => {
      for (const [one, other] of [
        [spell(session), seen],
        [session, spell(seen)],
      ]) {
        // Another spelling of the same bytes may be the same text.
        if (one === session && other === seen) continue;
        assert.equal(await takenFor(`stepgate-corp=${one}; stepgate-seen-corp=${other}`), 'nobody');
      }
    });
  }

  it('T164 a cookie counts in its own place only', async () => {
    const [flow = ''] = [...stage.visitor().jar.values()];
    const bob = stage.visitor();
    stage.op.script.person = { sub: 'bob' };
    await stage.signIn(bob);
    await bob.open('/admin');
    const flowName = [...bob.jar.keys()].find((name) => name.includes('flow')) ?? '';
    for (const [a, b] of [
      [seen, session],
      [session, session],
      [seen, seen],
      [bob.jar.get(flowName) ?? flow, seen],
      [session, bob.jar.get(flowName) ?? flow],
      [session, bob.jar.get('stepgate-seen-corp') ?? ''],
      [session, bob.jar.get('stepgate-browser') ?? ''],
    ]) {
      assert.equal(await takenFor(`stepgate-corp=${a}; stepgate-seen-corp=${b}`), 'nobody');
    }
    assert.equal(await takenFor(`stepgate-corp=${session}`), 'nobody');
    assert.equal(await takenFor(`stepgate-seen-corp=${seen}`), 'nobody');
    assert.equal(await takenFor(`Stepgate-corp=${session}; stepgate-seen-corp=${seen}`), 'nobody');
    assert.equal(await takenFor(`__Host-stepgate-corp=${session}; __Host-stepgate-seen-corp=${seen}`), 'nobody');
    stage.op.script.person = { sub: 'alice' };
  });

  const TWICE: readonly [string, (s: string, i: string) => readonly string[]][] = [
    ['in one field', (s, i) => [`${s}; ${s}; ${i}`]],
    ['in two fields', (s, i) => [`${s}; ${i}`, s]],
    ['with another value behind', (s, i) => [`${s}; ${i}; stepgate-corp=x`]],
    ['with another value in front', (s, i) => [`stepgate-corp=x; ${s}; ${i}`]],
    ['with an empty value in front', (s, i) => [`stepgate-corp=; ${s}; ${i}`]],
    ['without a value in front', (s, i) => [`stepgate-corp; ${s}; ${i}`]],
    ['with blanks around the second name', (s, i) => [`${s}; ${i};  stepgate-corp =x`]],
    ['of the idle cookie', (s, i) => [`${s}; ${i}; ${i}`]],
    ['of the idle cookie in front', (s, i) => [`stepgate-seen-corp=x; ${s}; ${i}`]],
    ['three times', (s, i) => [`${s}; ${s}; ${s}; ${i}`]],
  ];
  for (const [what, fields] of TWICE) {
    it(`T162 two cookies of one name ${what} are none: nobody, also for an upgrade`, async () => {
      const sent = fields(`stepgate-corp=${session}`, `stepgate-seen-corp=${seen}`);
      assert.equal(await takenFor(...sent), 'nobody');
      const lines = sent.map((field) => `Cookie: ${field}`);
      assert.equal(await webSocketStatus(stage.port, '/home', { host, origin: stage.origin, lines }), 401);
    });
  }

  it("T162 a foreign cookie twice, or one that only resembles ours, is the app's business", async () => {
    const field = `app=1; app=2; stepgatex=1; stepgate-corp=${session}; stepgate-seen-corp=${seen}; stepgate-corpse=x`;
    assert.equal(await takenFor(field), 'alice');
  });

  it('T164 after all of it her session is what it was', async () => {
    const told = (await alice.fetch('/.stepgate/session')).json();
    assert.equal(told.level, 'mfa');
    assert.equal((await alice.open('/admin')).status, 200);
  });
});
