import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { askWebSocket, webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';

const guids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${n.toString(16).padStart(8, '0')}-4a36-4d06-9d5b-0a8f0e1c2d3e`);

/** The two halves of a session and its idle cookie. */
interface Parts {
  readonly a: string;
  readonly b: string;
  readonly seen: string;
}

describe('only the two halves of one session, each in its place, are a session', () => {
  let stage: Stage;
  let host = '';
  let alice: Parts;
  let later: Parts;
  let bob: Parts;
  let small: Parts;
  before(async () => {
    stage = await startStage({ provider: '    claims: {groups: groups}' });
    host = new URL(stage.origin).host;
    alice = await signIn('alice', 90, '/home');
    later = await signIn('alice', 90, '/admin');
    bob = await signIn('bob', 90, '/home');
    small = await signIn('alice', 1, '/home');
  });
  after(() => stage.stop());

  async function signIn(sub: string, groups: number, page: string): Promise<Parts> {
    stage.op.script.person = { sub, groups: guids(groups) };
    const visitor = stage.visitor();
    await stage.signIn(visitor, page);
    const { jar } = visitor;
    assert.equal(jar.has('stepgate-corp-1'), groups > 1);
    assert.equal((await visitor.open(page)).status, 200);
    return {
      a: jar.get('stepgate-corp') ?? '',
      b: jar.get('stepgate-corp-1') ?? '',
      seen: jar.get('stepgate-seen-corp') ?? '',
    };
  }

  /** Whom the gateway takes somebody for who sends this Cookie field, by request and by upgrade. */
  async function takenFor(field: string): Promise<string> {
    const count = stage.upstream.received.length;
    const lines = [`Cookie: ${field}`];
    const { reply } = await sendBytes(stage.port, requestBytes('/home', { host, lines }));
    const upgrade = await webSocketStatus(stage.port, '/home', { host, origin: stage.origin, lines });
    const passed = stage.upstream.received.slice(count);
    if (reply.status === 200) {
      assert.equal(upgrade, 101);
      return String(passed[0]?.headers['x-auth-subject']);
    }
    assert.deepEqual([reply.status, upgrade], [401, 401]);
    assert.match(reply.body, /"why":"no_session"/);
    assert.deepEqual(reply.values('set-cookie'), []);
    assert.deepEqual(passed, []);
    return 'nobody';
  }

  const field = (a: string | null, b: string | null, seen: string): string =>
    [
      ...(a === null ? [] : [`stepgate-corp=${a}`]),
      ...(b === null ? [] : [`stepgate-corp-1=${b}`]),
      `stepgate-seen-corp=${seen}`,
    ].join('; ');

  it('T164 both halves are the person, in any order, and neither reaches the app', async () => {
    assert.equal(await takenFor(field(alice.a, alice.b, alice.seen)), 'alice');
    assert.equal(await takenFor(field(bob.a, bob.b, bob.seen)), 'bob');
    const turned = `stepgate-seen-corp=${alice.seen}; stepgate-corp-1=${alice.b}; app=1; stepgate-corp=${alice.a}`;
    assert.equal(await takenFor(turned), 'alice');
    assert.equal(stage.upstream.received.at(-1)?.headers.cookie, 'app=1');
    const lines = [`Cookie: ${turned}`];
    await askWebSocket(stage.port, '/home', { host, origin: stage.origin, lines });
    assert.equal(stage.upstream.received.at(-1)?.headers.cookie, 'app=1');
  });

  const FORGED: readonly (readonly [string, () => readonly [string | null, string | null]])[] = [
    ['the first half alone', () => [alice.a, null]],
    ['the second half alone', () => [null, alice.b]],
    ['an empty second half', () => [alice.a, '']],
    ['an empty first half', () => ['', alice.b]],
    ['the halves exchanged', () => [alice.b, alice.a]],
    ['the first half twice', () => [alice.a, alice.a]],
    ['the second half twice', () => [alice.b, alice.b]],
    ['both in the first place', () => [alice.a + alice.b, null]],
    ['both in the second place', () => [null, alice.a + alice.b]],
    ['both in the first place, and the second again', () => [alice.a + alice.b, alice.b]],
    ['a character moved from one half to the other', () => [alice.a.slice(0, -1), `${alice.a.slice(-1)}${alice.b}`]],
    ['a character moved back', () => [`${alice.a}${alice.b[0]}`, alice.b.slice(1)]],
    ['the first half cut short', () => [alice.a.slice(0, -1), alice.b]],
    ['the second half cut short', () => [alice.a, alice.b.slice(0, -1)]],
    ['the second half of the generation before', () => [later.a, alice.b]],
    ['the first half of the generation before', () => [alice.a, later.b]],
    ['the second half of somebody else', () => [alice.a, bob.b]],
    ['the first half of somebody else', () => [bob.a, alice.b]],
    ['a whole session with a second half left beside it', () => [small.a, alice.b]],
    ['a whole session twice', () => [small.a, small.a]],
    ['a whole session beside an empty half', () => [small.a, '']],
    ['a whole session cut in two', () => [small.a.slice(0, small.a.length / 2), small.a.slice(small.a.length / 2)]],
    ['the idle cookie for a second half', () => [alice.a, alice.seen]],
  ];
  for (const [what, forge] of FORGED) {
    it(`T164 ${what} is nobody`, async () => {
      const [a, b] = forge();
      for (const { seen } of [alice, later, small]) assert.equal(await takenFor(field(a, b, seen)), 'nobody');
    });
  }

  it('T164 a changed character anywhere in either half is nobody', async () => {
    for (const half of ['a', 'b'] as const) {
      const text = alice[half];
      for (const at of [0, 1, 5, 22, Math.floor(text.length / 2), text.length - 23, text.length - 2, text.length - 1]) {
        const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
        const parts = { ...alice, [half]: changed };
        assert.equal(await takenFor(field(parts.a, parts.b, parts.seen)), 'nobody', `${half} ${at}`);
      }
    }
  });

  it('T162 a half that comes twice is none, whichever it is and wherever', async () => {
    const whole = field(alice.a, alice.b, alice.seen);
    for (const name of ['stepgate-corp', 'stepgate-corp-1']) {
      for (const value of [alice.a, alice.b, 'x', '']) {
        assert.equal(await takenFor(`${whole}; ${name}=${value}`), 'nobody');
        assert.equal(await takenFor(`${name}=${value}; ${whole}`), 'nobody');
      }
      assert.equal(await takenFor(`${whole}; ${name}`), 'nobody');
    }
  });

  it('T162 a whole session beside second halves that came twice is nobody', async () => {
    const own = field(small.a, null, small.seen);
    assert.equal(await takenFor(own), 'alice');
    for (const value of [alice.b, 'x', '']) {
      assert.equal(await takenFor(`${own}; stepgate-corp-1=${value}; stepgate-corp-1=${value}`), 'nobody');
    }
    assert.equal(await takenFor(`${own}; stepgate-corp-1; stepgate-corp-1`), 'nobody');
  });

  it('T164 cookies under numbers that no half has are not looked at', async () => {
    for (const number of ['0', '2', '01', '', '1-1']) {
      const more = `stepgate-corp-${number}=${alice.b}`;
      assert.equal(await takenFor(`${field(alice.a, alice.b, alice.seen)}; ${more}`), 'alice');
      assert.equal(await takenFor(`${field(alice.a, null, alice.seen)}; ${more}`), 'nobody');
    }
  });

  it('T164 whoever is nobody for a half left behind signs in again, which heals the browser', async () => {
    const visitor = stage.visitor();
    stage.op.script.person = { sub: 'alice', groups: ['hr'] };
    await stage.signIn(visitor);
    visitor.jar.set('stepgate-corp-1', alice.b);
    assert.equal((await visitor.fetch('/home')).status, 401);
    await stage.signIn(visitor);
    assert.ok(!visitor.jar.has('stepgate-corp-1'));
    assert.equal((await visitor.fetch('/home')).status, 200);
  });

  it('T164 after all of it both are who they were', async () => {
    assert.equal(await takenFor(field(alice.a, alice.b, alice.seen)), 'alice');
    assert.equal(await takenFor(field(bob.a, bob.b, bob.seen)), 'bob');
  });
});
