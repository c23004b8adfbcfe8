import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import {
  assertEnded,
  browse,
  copyOf,
  departAndAnswer,
  NOON,
  SESSION_COOKIE,
  startBentStage,
  unharmed,
} from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;
const SEEN_COOKIE = 'stepgate-seen-corp';

describe('the session’s cookie', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage();
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  it('T039 of an older generation counts for ten seconds with its own proofs only, then for nothing', async () => {
    const older = copyOf(stage, alice);
    await browse(stage, alice, '/admin/people');
    assert.equal((await older.fetch('/home')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password');
    assert.equal((await older.fetch('/admin/people')).json().why, 'insufficient_level');
    mock.timers.tick(9_000);
    assert.equal((await older.fetch('/home')).status, 200);
    mock.timers.tick(1_000);
    assert.equal((await older.fetch('/home')).json().why, 'no_session');
    assert.equal((await alice.fetch('/admin/people')).status, 200, 'the newest stays');
  });

  it('T039 of an older generation gets no more time from a further step-up', async () => {
    const older = copyOf(stage, alice);
    stage.op.script.authTime = Math.floor(Date.now() / 1000) - 130;
    await browse(stage, alice, '/admin/people');
    mock.timers.tick(6_000);
    stage.op.script.authTime = null;
    assert.equal((await browse(stage, alice, '/fresh/x')).trips, 1);
    mock.timers.tick(3_000);
    assert.equal((await older.fetch('/home')).status, 200);
    mock.timers.tick(1_000);
    assert.equal((await older.fetch('/home')).json().why, 'no_session');
  });

  it('T039 of an older generation cannot finish a step-up once it is void', async () => {
    const callback = await departAndAnswer(stage, alice, '/fresh/x');
    const older = copyOf(stage, alice);
    await browse(stage, alice, '/admin/people');
    mock.timers.tick(10_000);
    assertEnded(stage, await older.open(callback), 403, 'session_changed');
    assert.equal((await older.fetch('/home')).json().why, 'no_session');
  });

  it('T039 two step-ups that end at the same moment leave one newest generation, and the other lapses', async () => {
    const one = await departAndAnswer(stage, alice, '/admin/1');
    const two = await departAndAnswer(stage, alice, '/admin/2');
    const [a, b] = [copyOf(stage, alice), copyOf(stage, alice)];
    const replies = await Promise.all([a.open(one), b.open(two)]);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [303, 303],
    );
    mock.timers.tick(10_000);
    const alive = [(await a.fetch('/admin/x')).status, (await b.fetch('/admin/x')).status].sort();
    assert.deepEqual(alive, [200, 401]);
    assert.equal((await copyOf(stage, alice).fetch('/home')).status, 401, 'the one before both is over');
  });

  it('T040 that was there before the sign-in is replaced, and worth nothing', async () => {
    const planted = ['x', 'AAAA', `${alice.jar.get(SESSION_COOKIE)}x`, '{"sub":"alice"}', '', 'null'];
    for (const value of planted) {
      const victim = stage.visitor();
      victim.jar.set(SESSION_COOKIE, value);
      victim.jar.set(SEEN_COOKIE, value);
      assert.equal((await victim.fetch('/home')).json().why, 'no_session');
      await stage.signIn(victim);
      assert.notEqual(victim.jar.get(SESSION_COOKIE), value);
      assert.equal((await victim.open('/home')).status, 200);
    }
  });

  it('T040 is a new one at each sign-in and step-up, and the same for no two people', async () => {
    const seen = new Set([alice.jar.get(SESSION_COOKIE)]);
    await browse(stage, alice, '/admin/people');
    seen.add(alice.jar.get(SESSION_COOKIE));
    const other = stage.visitor();
    await stage.signIn(other);
    seen.add(other.jar.get(SESSION_COOKIE));
    assert.equal(seen.size, 3);
  });

  it('T040 of an attacker planted before the sign-in never becomes the victim’s', async () => {
    stage.op.script.person = { sub: 'mallory' };
    const mallory = stage.visitor();
    await stage.signIn(mallory);
    stage.straighten();
    const victim = copyOf(stage, mallory);
    const { reply } = await browse(stage, victim, '/admin/people');
    assertEnded(stage, reply, 403, 'subject_mismatch');
    assert.equal((await mallory.fetch('/.stepgate/session')).json().level, 'password');
    assert.equal((await mallory.fetch('/admin/people')).status, 401);
  });

  it('an idle time of another session does not keep this one alive', async () => {
    mock.timers.tick(59 * 60_000);
    const other = stage.visitor();
    await stage.signIn(other);
    alice.jar.set(SEEN_COOKIE, other.jar.get(SEEN_COOKIE) ?? '');
    assert.equal((await alice.fetch('/home')).json().why, 'no_session');
    alice.jar.delete(SEEN_COOKIE);
    assert.equal((await alice.fetch('/home')).json().why, 'no_session');
  });

  it('a session and an idle time in each other’s place are neither', async () => {
    const [session, seen] = [alice.jar.get(SESSION_COOKIE) ?? '', alice.jar.get(SEEN_COOKIE) ?? ''];
    alice.jar.set(SESSION_COOKIE, seen);
    alice.jar.set(SEEN_COOKIE, session);
    assert.equal((await alice.fetch('/home')).json().why, 'no_session');
  });

  it('twice in one request counts for nobody, in either order', async () => {
    const [session, seen] = [alice.jar.get(SESSION_COOKIE), alice.jar.get(SEEN_COOKIE)];
    for (const other of ['x', session]) {
      for (const pair of [
        `${SESSION_COOKIE}=${session}; ${SESSION_COOKIE}=${other}`,
        `${SESSION_COOKIE}=${other}; ${SESSION_COOKIE}=${session}`,
      ]) {
        const cookie = `${pair}; ${SEEN_COOKIE}=${seen}`;
        const reply = await stage.visitor().fetch('/home', { headers: { cookie } });
        assert.equal(reply.json().why, 'no_session');
      }
    }
  });

  it('a weaker answer to a step-up does not shorten, lengthen or lower what is there', async () => {
    await browse(stage, alice, '/admin/people');
    mock.timers.tick(30 * 60_000);
    stage.op.script.acr = 'pwd';
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/fresh/x'));
    assertEnded(stage, reply, 403, 'level_not_met');
    mock.timers.tick(29 * 60_000);
    assert.equal((await alice.fetch('/admin/people')).status, 200);
    mock.timers.tick(60_000);
    assert.equal((await alice.fetch('/admin/people')).json().why, 'stale_authentication');
  });
});
