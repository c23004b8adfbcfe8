import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import {
  assertEnded,
  browse,
  copyOf,
  departAndAnswer,
  NOON,
  postSignOut,
  reached,
  SESSION_COOKIE,
  signOutToken,
  startBentStage,
  unharmed,
} from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

const BOB = { sub: 'bob', name: 'Bob Example', email: 'bob@example.com', email_verified: true };

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('somebody else comes back', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  it('T027 Bob answers Alice’s step-up: 403 subject_mismatch, Alice stays who and what she was', async () => {
    stage.op.script.person = BOB;
    const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
    assertEnded(stage, reply, 403, 'subject_mismatch');
    assert.equal(trips, 1);
    assert.equal(reached(stage, '/admin'), 0);
    assert.match(reply.text, /href="\/admin\/people"[^>]*>Try again/);
    assert.match(reply.text, /href="\/\.stepgate\/sign-out"/);
    assert.doesNotMatch(reply.text, /bob/i, 'the page names the other person');
    const event = stage.events('step_up_failed').at(-1);
    assert.ok(event?.subject_hash && event.other_subject_hash);
    assert.notEqual(event.subject_hash, event.other_subject_hash);
    assert.doesNotMatch(JSON.stringify(event), /alice|bob/i);
  });

  it('T027 neither on the first trip nor on the forced retry', async () => {
    stage.op.script.claims = (claims, request) =>
      request.get('prompt') === 'login' ? { ...claims, ...BOB } : { ...claims, auth_time: Number(claims.iat) - 600 };
    const { reply, trips } = await browse(stage, alice, '/fresh/x');
    assertEnded(stage, reply, 403, 'subject_mismatch');
    assert.equal(trips, 2);
    assert.equal(reached(stage, '/fresh'), 0);
  });

  it('T027 what Bob proved is nobody’s: afterwards Alice is still asked, and Bob’s answer cannot be used again', async () => {
    stage.op.script.person = BOB;
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    const kept = copyOf(stage, alice);
    assertEnded(stage, await alice.open(callback), 403, 'subject_mismatch');
    assert.equal((await alice.fetch('/admin/people')).json().why, 'insufficient_level');
    kept.jar.delete(SESSION_COOKIE);
    const reply = await kept.open(callback);
    assert.equal(reply.status, 400);
    assert.equal(kept.jar.has(SESSION_COOKIE), false);
  });

  it('T030 the same e-mail address, name and provider session under another subject is somebody else', async () => {
    const { person } = stage.op.script;
    for (const sub of ['alice2', 'Alice', 'alice ', 'alice\u0000', 'a\u006c\u0131ce', 'аlice', '']) {
      stage.op.script.person = { ...person, sub };
      const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
      if (sub === '') assertEnded(stage, reply, 400, 'invalid_response');
      else assertEnded(stage, reply, 403, 'subject_mismatch');
    }
  });

  it('T030 two spellings of one letter are two subjects', async () => {
    stage.op.script.person = { sub: 'zo\u00eb' };
    const zoe = stage.visitor();
    await stage.signIn(zoe);
    stage.op.script.person = { sub: 'zoe\u0308' };
    const { reply } = await browse(stage, zoe, '/admin/people');
    assertEnded(stage, reply, 403, 'subject_mismatch');
  });

  it('the same subject with another address is the same person, who is told anew', async () => {
    stage.op.script.person = { sub: 'alice', email: 'alice@new.example', email_verified: true, groups: ['it'] };
    assert.equal((await browse(stage, alice, '/admin/people')).reply.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-email'], 'alice@new.example');
  });

  it('an address that the provider did not verify reaches nobody', async () => {
    for (const email_verified of [false, 'true', 1, undefined]) {
      stage.op.script.person = { sub: 'carol', email: 'alice@example.com', email_verified };
      await browse(stage, stage.visitor(), '/home');
      assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-email'], undefined);
    }
  });
});

describe('two people in one browser', () => {
  let stage: BentStage;
  let browser: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(() => {
    stage.straighten();
    browser = stage.visitor();
  });
  after(() => stage.stop());

  it('Bob’s sign-in that began before Alice’s in another tab does not replace hers', async () => {
    const bobs = await departAndAnswer(stage, browser, '/home?tab=bob');
    await stage.signIn(browser);
    stage.op.script.person = BOB;
    const reply = await unharmed(stage, browser, () => browser.open(bobs));
    assertEnded(stage, reply, 403, 'session_changed');
  });

  it('Alice’s own second sign-in is added to her session', async () => {
    const strong = await departAndAnswer(stage, browser, '/admin/people');
    await stage.signIn(browser);
    assert.equal((await browser.open(strong)).location, `${stage.origin}/admin/people`);
    assert.equal((await browser.open('/admin/people')).status, 200);
  });

  it('Alice’s step-up that ends after she signed out and Bob signed in raises nobody', async () => {
    await stage.signIn(browser);
    const alices = await departAndAnswer(stage, browser, '/admin/people');
    const kept = copyOf(stage, browser);
    await postSignOut(stage, browser, await signOutToken(browser));
    stage.op.script.person = BOB;
    await stage.signIn(browser);
    for (const [name, value] of kept.jar) if (name.includes('flow')) browser.jar.set(name, value);
    const reply = await unharmed(stage, browser, () => browser.open(alices));
    assertEnded(stage, reply, 403, 'session_changed');
  });

  it('Alice’s step-up that ends after she signed out and in again raises the new session not', async () => {
    await stage.signIn(browser);
    const before = await departAndAnswer(stage, browser, '/admin/people');
    const kept = copyOf(stage, browser);
    await postSignOut(stage, browser, await signOutToken(browser));
    await stage.signIn(browser);
    for (const [name, value] of kept.jar) if (name.includes('flow')) browser.jar.set(name, value);
    const reply = await unharmed(stage, browser, () => browser.open(before));
    assertEnded(stage, reply, 403, 'session_changed');
  });

  it('a step-up that ends after the sign-out brings nobody back, whatever cookies were kept', async () => {
    await stage.signIn(browser);
    const callback = await departAndAnswer(stage, browser, '/admin/people');
    const kept = copyOf(stage, browser);
    await postSignOut(stage, browser, await signOutToken(browser));
    assertEnded(stage, await kept.open(callback), 403, 'session_changed');
    assert.equal((await kept.fetch('/home')).json().why, 'no_session');
  });

  it('a sign-out while the code is being exchanged wins', async () => {
    await stage.signIn(browser);
    const callback = await departAndAnswer(stage, browser, '/admin/people');
    const token = await signOutToken(browser);
    let exchange = () => {};
    const arrived = new Promise<void>((resolve) => {
      stage.op.script.sign = async (header, claims, keys) => {
        resolve();
        await new Promise<void>((done) => {
          exchange = done;
        });
        return keys.sign(header, claims);
      };
    });
    const kept = copyOf(stage, browser);
    const waiting = kept.open(callback);
    await arrived;
    await postSignOut(stage, browser, token);
    exchange();
    assertEnded(stage, await waiting, 403, 'session_changed');
    assert.equal((await kept.fetch('/home')).json().why, 'no_session');
  });

  it('a flow of Alice planted beside Bob’s session raises neither', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const alices = await departAndAnswer(stage, alice, '/admin/people');
    stage.op.script.person = BOB;
    await stage.signIn(browser);
    for (const [name, value] of alice.jar) if (name.includes('flow')) browser.jar.set(name, value);
    const reply = await unharmed(stage, browser, () => browser.open(alices));
    assertEnded(stage, reply, 403, 'session_changed');
  });
});

describe('T028 the provider of the same name is another one by now', () => {
  it('T028 the same subject of another issuer is nobody we know, also on the way back', async () => {
    const secret = randomBytes(32).toString('base64');
    const clock = { now: () => Math.floor(Date.now() / 1000) };
    const ledger = createMemoryLedger({ clock, random: () => 'the-same-birth-in-both' });
    const shared = (text: string) => text.replace(/\$\{env:SECRET\}/, secret);
    const old = await startBentStage({ ledger, gateway: shared });
    const now = await startBentStage({
      ledger,
      gateway: (text) => shared(text).replace(/origins: .*/, `origins: ["${old.origin}"]`),
    });
    try {
      const alice = old.visitor();
      await old.signIn(alice);
      const callback = await departAndAnswer(old, alice, '/admin/people');
      const there = copyOf(now, alice);
      const headers = { host: new URL(old.origin).host };
      const home = await there.fetch('/home', { headers });
      assert.equal(home.json().why, 'no_session');
      // What the old issuer answered is none of the new one's, and what the new one answers is for nobody's session.
      assertEnded(now, await there.open(callback, { headers }), 400, 'invalid_response');
      const foreign = new URL(callback, old.origin);
      const again = copyOf(now, alice);
      foreign.searchParams.set('iss', now.op.issuer);
      assertEnded(now, await again.open(foreign.pathname + foreign.search, { headers }), 400, 'invalid_response');
      assert.equal(now.events('step_up').length + now.events('sign_in').length, 0);
    } finally {
      await old.stop();
      await now.stop();
    }
  });
});
