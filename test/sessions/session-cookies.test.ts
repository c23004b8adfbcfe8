import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../src/core/session.ts';
import { encodeSession } from '../../src/sessions/session-codec.ts';
import { createSessionCookies } from '../../src/sessions/session-cookies.ts';
import {
  alice,
  CookieJar,
  cookiesOf,
  EVIDENCE,
  fakeLedger,
  flipBit,
  LOCAL,
  level,
  MAIN,
  NOW,
  newSealer,
  PAYROLL,
  PREFIX,
  TRAVEL,
} from './fixtures.ts';

const LIFETIME = 12 * 3600;
const IDLE = 3600;
const SESSION = '__Host-stepgate-main';
const SEEN = '__Host-stepgate-seen-main';

function setUp({
  sealer = newSealer(),
  ledger = fakeLedger(),
  lifetime = LIFETIME,
  idle = IDLE,
  cacheSize = 100,
} = {}) {
  const sessions = createSessionCookies({ sealer, prefix: PREFIX, ledger, session: { lifetime, idle }, cacheSize });
  const signIn = (session: Session = alice, at = NOW, host: typeof PAYROLL | typeof TRAVEL | typeof LOCAL = PAYROLL) =>
    new CookieJar().take(cookiesOf(sessions, host, session, at));
  const open = (jar: CookieJar, now = NOW, host: typeof PAYROLL | typeof TRAVEL | typeof LOCAL = PAYROLL) =>
    sessions.open(host, MAIN, EVIDENCE, jar.own, now);
  return { sealer, ledger, sessions, signIn, open };
}

test('a session that was written opens as it was, with what its proofs are worth', () => {
  const { signIn, open } = setUp();
  const opened = open(signIn());
  assert.deepEqual(opened?.standing.session, alice);
  assert.deepEqual(opened?.standing.proofs, [{ proof: alice.proofs[0], level: level('password') }]);
  assert.equal(opened?.seenAt, NOW);
});

test('the cookies of a session end with the browser and are for this host alone', () => {
  const { sessions } = setUp();
  const [session = '', second, seen = '', ...more] = cookiesOf(sessions, PAYROLL, alice, NOW);
  assert.match(session, /^__Host-stepgate-main=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  assert.match(seen, /^__Host-stepgate-seen-main=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  assert.equal(second, '__Host-stepgate-main-1=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
  assert.deepEqual(more, []);
});

test('on a plain http loopback origin a session works without Secure and __Host-', () => {
  const { sessions, signIn, open } = setUp();
  assert.match(
    cookiesOf(sessions, LOCAL, alice, NOW)[0] ?? '',
    /^stepgate-main=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assert.notEqual(open(signIn(alice, NOW, LOCAL), NOW, LOCAL), null);
});

test('the standing is one object for as long as the cookie is the same', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  const first = open(jar);
  assert.notEqual(first, null);
  assert.equal(open(jar, NOW + 5)?.standing, first?.standing);
  assert.notEqual(open(signIn())?.standing, first?.standing);
});

test('a changed mapping acts at once, even on a cookie that was opened under the old one', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  assert.equal(open(jar)?.standing.proofs.length, 1);
  const nothing = { marks: [], unmarked: null };
  assert.deepEqual(sessions.open(PAYROLL, MAIN, nothing, jar.own, NOW)?.standing.proofs, []);
});

test('a session ends when it expires, also one that is kept in memory', () => {
  const { signIn, open } = setUp({ idle: 10 * LIFETIME });
  const short = { ...alice, expiresAt: NOW + 100 };
  const jar = signIn(short);
  assert.notEqual(open(jar, NOW + 99), null);
  assert.equal(open(jar, NOW + 100), null);
  assert.equal(open(jar, NOW + 1e6), null);
});

test('a lifetime that was shortened since holds for sessions under way', () => {
  const { sealer, signIn } = setUp();
  const jar = signIn();
  const shorter = setUp({ sealer, lifetime: 120 });
  assert.notEqual(shorter.open(jar, alice.createdAt + 119), null);
  assert.equal(shorter.open(jar, alice.createdAt + 120), null);
});

test('a session from the future is none, but for the difference of two clocks', () => {
  const { signIn, open } = setUp();
  assert.notEqual(open(signIn({ ...alice, createdAt: NOW + 60 })), null);
  assert.equal(open(signIn({ ...alice, createdAt: NOW + 61 })), null);
});

test('a family that is void is signed out at once, also one that is kept in memory', () => {
  const { ledger, signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  ledger.void.add(alice.family);
  assert.equal(open(jar), null);
});

test('a session that another ledger knows is none', () => {
  const { sealer, signIn } = setUp();
  assert.equal(setUp({ sealer, ledger: fakeLedger('ledger-2') }).open(signIn()), null);
});

test('a provider of the same name that is somebody else is not the same provider', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  assert.equal(sessions.open(PAYROLL, { ...MAIN, issuer: `${MAIN.issuer}/` }, EVIDENCE, jar.own, NOW), null);
});

test('a cookie under the name of another provider is no session of that one', () => {
  const { sessions, signIn } = setUp();
  const jar = signIn();
  jar.kept.set('__Host-stepgate-partner', jar.kept.get(SESSION) ?? '');
  jar.kept.set('__Host-stepgate-seen-partner', jar.kept.get(SEEN) ?? '');
  for (const issuer of [MAIN.issuer, 'https://partner.example']) {
    assert.equal(sessions.open(PAYROLL, { name: 'partner', issuer, sought: '' }, EVIDENCE, jar.own, NOW), null);
  }
});

test('a session of another provider is none, even if it was sealed for this one', () => {
  const { sealer, signIn, open } = setUp();
  const jar = signIn();
  const seal = (provider: string) =>
    jar.kept.set(SESSION, sealer.seal('session main', PAYROLL.origin, encodeSession({ ...alice, provider })));
  seal('main');
  assert.notEqual(open(jar), null);
  seal('partner');
  assert.equal(open(jar), null);
});

test('T175 a cookie opened on one host and pasted at another is an anonymous visitor', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  assert.equal(open(jar, NOW, TRAVEL), null);
  const there = signIn({ ...alice, subject: 'mallory' }, NOW, TRAVEL);
  assert.notEqual(open(there, NOW, TRAVEL), null);
  assert.equal(open(new CookieJar().take([...jarLines(there, SESSION), ...jarLines(jar, SEEN)])), null);
});

test('T175 the seen cookie of another host does not keep a session from being idle', () => {
  const { signIn, open } = setUp();
  const here = signIn();
  const there = signIn(alice, NOW, TRAVEL);
  assert.notEqual(open(there, NOW, TRAVEL), null);
  assert.equal(open(new CookieJar().take([...jarLines(here, SESSION), ...jarLines(there, SEEN)])), null);
});

test('T164 a session or seen cookie with one bit flipped is an anonymous visitor, also with the real one in memory', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  for (const name of [SESSION, SEEN]) {
    const sealed = jar.kept.get(name) ?? '';
    for (let bit = 0; bit < Buffer.from(sealed, 'base64url').length * 8; bit++) {
      jar.kept.set(name, flipBit(sealed, bit));
      assert.equal(open(jar), null, `${name} bit ${bit}`);
    }
    jar.kept.set(name, sealed);
  }
  assert.notEqual(open(jar), null);
});

test('a cookie that only ends like one in memory is an anonymous visitor', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  for (const name of [SESSION, SEEN]) {
    const sealed = jar.kept.get(name) ?? '';
    for (const alike of [`A${sealed}`, sealed.slice(1), sealed.slice(-22), `${sealed}${sealed}`]) {
      jar.kept.set(name, alike);
      assert.equal(open(jar), null);
    }
    jar.kept.set(name, sealed);
  }
});

test('T162 a session or seen cookie that came twice is an anonymous visitor', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar), null);
  for (const name of [SESSION, SEEN]) {
    const twice = new CookieJar().take([]);
    twice.kept.set('x', `1; ${name}=${jar.kept.get(name)}; ${jar.header}`);
    assert.equal(sessions.open(PAYROLL, MAIN, EVIDENCE, twice.own, NOW), null);
  }
});

test('T040 a cookie preset before sign-in is worth nothing, and a sign-in replaces it', () => {
  const { sessions, open } = setUp();
  const foreign = setUp().signIn();
  assert.equal(open(foreign), null);
  const preset = foreign.kept.get(SESSION);
  foreign.take(cookiesOf(sessions, PAYROLL, alice, NOW));
  assert.notEqual(foreign.kept.get(SESSION), preset);
  assert.notEqual(open(foreign), null);
});

test('a raised session is a new cookie, and shows the new proofs at once', () => {
  const { signIn, open, sessions } = setUp();
  const jar = signIn();
  const before = jar.kept.get(SESSION);
  assert.notEqual(open(jar), null);
  const proofs = [...alice.proofs, { at: NOW, freshAt: NOW, acr: 'phr', amr: null, facts: [] }];
  jar.take(cookiesOf(sessions, PAYROLL, { ...alice, generation: 2, proofs }, NOW));
  assert.notEqual(jar.kept.get(SESSION), before);
  assert.deepEqual(
    open(jar)?.standing.proofs.map((proof) => proof.level.name),
    ['password', 'passkey'],
  );
});

test('a session that was not used for the idle time is over', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  assert.notEqual(open(jar, NOW + IDLE - 1), null);
  assert.equal(open(jar, NOW + IDLE), null);
});

test('without the seen cookie, or with that of another family, the idle time is over', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  const bob = signIn({ ...alice, family: 'family-of-bob', subject: 'bob' });
  assert.notEqual(open(bob), null);
  assert.equal(open(new CookieJar().take(jarLines(jar, SESSION))), null);
  assert.equal(open(new CookieJar().take([...jarLines(jar, SESSION), ...jarLines(bob, SEEN)])), null);
  assert.equal(open(new CookieJar().take(jarLines(jar, SEEN))), null);
});

test('a session cookie in the place of the seen cookie counts for neither', () => {
  const { signIn, open } = setUp();
  const jar = signIn();
  const swapped = new CookieJar();
  swapped.kept.set(SESSION, jar.kept.get(SEEN) ?? '');
  swapped.kept.set(SEEN, jar.kept.get(SESSION) ?? '');
  assert.equal(open(swapped), null);
});

test('a use in the future is no use, but for the difference of two clocks', () => {
  const { signIn, open } = setUp();
  assert.notEqual(open(signIn(alice, NOW + 60)), null);
  assert.equal(open(signIn(alice, NOW + 61)), null);
});

test('use is written down at most every tenth of the idle time, and starts the idle time anew', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  const soon = open(jar, NOW + IDLE / 10);
  assert.ok(soon);
  assert.equal(sessions.touch(PAYROLL, soon, NOW + IDLE / 10), null);
  const later = open(jar, NOW + IDLE / 10 + 1);
  assert.ok(later);
  const touched = sessions.touch(PAYROLL, later, NOW + IDLE / 10 + 1);
  assert.match(touched ?? '', /^__Host-stepgate-seen-main=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  jar.take([touched]);
  assert.equal(open(jar, NOW + IDLE + 1)?.seenAt, NOW + IDLE / 10 + 1);
  assert.equal(open(jar, NOW + IDLE + 1)?.standing, later.standing);
});

test('use does not make a session live longer', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  for (let now = NOW; now < alice.createdAt + LIFETIME; now += IDLE / 2) {
    const opened = open(jar, now);
    assert.ok(opened);
    jar.take([sessions.touch(PAYROLL, opened, now)]);
  }
  assert.equal(open(jar, alice.createdAt + LIFETIME), null);
});

test('a session is removed by its own two cookies, a browser is healed of all that it sent', () => {
  const { sessions, signIn, open } = setUp();
  const jar = signIn();
  jar.take(sessions.remove(PAYROLL, MAIN.name));
  assert.equal(jar.header, '');
  assert.equal(open(jar), null);

  const ill = signIn();
  for (const name of ['__Host-stepgate-flow-0', '__host-stepgate-x', 'stepgate-main', '__Host-stepgate-browser', 'app'])
    ill.kept.set(name, 'x');
  ill.kept.set('__Host-stepgate-flow-1', 'x; __Host-stepgate-flow-1=y');
  ill.take(sessions.removeAll(PAYROLL, ill.own));
  assert.equal(ill.header, 'app=x');
});

test('a cookie name that could break out of a Set-Cookie line is not answered', () => {
  const { sessions } = setUp();
  const own = new CookieJar().own;
  assert.deepEqual(sessions.removeAll(PAYROLL, own), []);
  const odd = new Map([
    ['stepgate-a b', 'x'],
    ['stepgate-"', 'x'],
    ['stepgate-\r\nx', 'x'],
    ['stepgate-ok', 'x'],
  ]);
  assert.deepEqual(sessions.removeAll(LOCAL, odd), ['stepgate-ok=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax']);
});

test('memory holds no more cookies than it was told to', () => {
  const { signIn, open } = setUp({ cacheSize: 2 });
  const jars = [signIn(), signIn(), signIn()];
  const standings = jars.map((jar) => open(jar)?.standing);
  assert.ok(standings.every((standing) => standing !== undefined));
  assert.equal(open(jars[2] ?? assert.fail())?.standing, standings[2]);
  assert.notEqual(open(jars[0] ?? assert.fail())?.standing, standings[0]);
});

test('cookies that do not open take no room in memory', () => {
  const { signIn, open } = setUp({ cacheSize: 1 });
  const jar = signIn();
  const standing = open(jar)?.standing;
  for (let i = 0; i < 50; i++) assert.equal(open(setUp().signIn()), null);
  assert.equal(open(jar)?.standing, standing);
});

/** Set-Cookie lines for one cookie of a jar. */
const jarLines = (jar: CookieJar, name: string): string[] => [`${name}=${jar.kept.get(name)}`];
