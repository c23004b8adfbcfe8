import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_COOKIE } from '../../src/http/gate.ts';
import { FLOW_LIMIT, LASTING_LIMIT, roomForSession, SENT_LIMIT, slotsBeside } from '../../src/sessions/budget.ts';
import { cookieNames, FLOW_SLOTS, withSetCookies } from '../../src/sessions/cookies.ts';
import { createFlows, STATE_LIMIT } from '../../src/sessions/flows.ts';
import { createSessionCookies } from '../../src/sessions/session-cookies.ts';
import {
  alice,
  CookieJar,
  cookiesOf,
  fakeLedger,
  NOW,
  newSealer,
  PAYROLL,
  PREFIX,
  random,
  tripDemand,
} from './fixtures.ts';

const NAMES = cookieNames(PREFIX, true);
const BROWSER = 'b'.repeat(22);

function setUp(prefix = PREFIX) {
  const sealer = newSealer();
  const ledger = fakeLedger();
  const session = { lifetime: 12 * 3600, idle: 3600 };
  return {
    sessions: createSessionCookies({ sealer, prefix, ledger, session, cacheSize: 10 }),
    flows: createFlows({ sealer, prefix, ledger, random }),
  };
}
type Made = ReturnType<typeof setUp>;

/** The largest number up to 10,000 for which something holds that holds for all below it. */
function last(holds: (count: number) => boolean): number {
  let [below, above] = [-1, 10_000];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (holds(middle)) below = middle;
    else above = middle;
  }
  return below;
}

/** The largest session that is written beside these cookies: its name is filled up until it no longer fits. */
function largest({ sessions }: Made, jar: CookieJar, provider = 'main'): readonly string[] {
  const write = (length: number) =>
    sessions.write(
      PAYROLL,
      { ...alice, provider, name: 'n'.repeat(length) },
      { cookies: jar.own, namesGroup: () => true },
      NOW,
    );
  const longest = last((length) => write(length).ok);
  const written = longest < 0 ? null : write(longest);
  return written?.ok ? written.cookies : [];
}

/** Opens a page in a browser as a navigation that is challenged does. The flow is as large as flows are. */
function depart({ flows }: Made, jar: CookieJar, own = jar.own, now = NOW) {
  const asked = tripDemand();
  const { app, returnTo, restarted } = { app: 'payroll', returnTo: '/', restarted: false };
  const reserved = flows.reserve(PAYROLL, own, { app, returnTo, restarted }, STATE_LIMIT, now);
  const { id, expires } = reserved;
  const secrets = { nonce: random(32), verifier: random(32), family: random(16) };
  const trip = { demands: [asked], asked, tried: [], forced: false, restarted };
  const cookieFor = (subject: string) =>
    flows.cookie(PAYROLL, reserved, {
      ...{ id, provider: 'main', app, returnTo, startedAt: now, expires },
      ...secrets,
      subject,
      ...trip,
    });
  const sizeOf = (cookie: string) => cookie.indexOf(';') - cookie.indexOf('=') - 1;
  const cookie = cookieFor('s'.repeat(last((length) => sizeOf(cookieFor('s'.repeat(length))) <= FLOW_LIMIT)));
  assert.ok(sizeOf(cookie) > FLOW_LIMIT - 3, `${sizeOf(cookie)}`);
  jar.take([cookie, flows.browserCookie(PAYROLL, own)]);
  return reserved;
}

const slotsOf = (jar: CookieJar) => [...jar.kept.keys()].filter((name) => name.includes('-flow-')).length;

test('what lasts is at most 6 kB, all the way', () => {
  const made = setUp();
  const jar = new CookieJar();
  jar.kept.set(NAMES.browser, BROWSER);
  jar.take(largest(made, jar));
  assert.deepEqual([...jar.kept.keys()].toSorted(), [
    '__Host-stepgate-browser',
    '__Host-stepgate-main',
    '__Host-stepgate-main-1',
    '__Host-stepgate-seen-main',
  ]);
  assert.ok(jar.header.length <= LASTING_LIMIT && jar.header.length > LASTING_LIMIT - 20, `${jar.header.length}`);
});

test('beside the largest session thirty tabs at once have one flow, and all of ours is under 7 kB', () => {
  const made = setUp();
  const jar = new CookieJar();
  jar.take(largest(made, jar));
  const before = jar.own;
  for (let tab = 0; tab < 30; tab++) assert.equal(depart(made, jar, before).slot, 0);
  assert.equal(slotsOf(jar), 1);
  assert.ok(jar.header.length > LASTING_LIMIT && jar.header.length <= SENT_LIMIT, `${jar.header.length}`);
  assert.ok(SENT_LIMIT < MAX_COOKIE - 5_000);
});

test('beside a usual session, and before there is one, there are five', () => {
  const made = setUp();
  for (const signedIn of [false, true]) {
    const jar = new CookieJar();
    if (signedIn) jar.take(cookiesOf(made.sessions, PAYROLL, { ...alice, groups: ['hr', 'staff', 'sales'] }, NOW));
    for (let tab = 0; tab < 20; tab++) depart(made, jar, jar.own, NOW + tab);
    assert.equal(slotsOf(jar), FLOW_SLOTS);
    assert.ok(jar.header.length <= SENT_LIMIT, `${jar.header.length}`);
  }
});

test('the more a session takes the fewer flows there are, and never none', () => {
  const made = setUp();
  const counts = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((groups) => {
    const jar = new CookieJar();
    const session = { ...alice, groups: Array.from({ length: groups }, (_, n) => `${n}`.padStart(36, 'g')) };
    jar.take(cookiesOf(made.sessions, PAYROLL, session, NOW));
    const before = jar.own;
    for (let tab = 0; tab < 30; tab++) depart(made, jar, before);
    assert.ok(jar.header.length <= SENT_LIMIT, `${groups} groups: ${jar.header.length}`);
    return slotsOf(jar);
  });
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => b - a),
  );
  assert.deepEqual([counts[0], counts.at(-1)], [FLOW_SLOTS, 1]);
});

test('five tabs that a large sign-in finds under way leave what there is room for', () => {
  const made = setUp();
  const jar = new CookieJar();
  for (let tab = 0; tab < 5; tab++) depart(made, jar, jar.own, NOW + tab);
  assert.equal(slotsOf(jar), 5);
  const written = largest(made, jar);
  const after = withSetCookies(jar.own, written);
  jar.take([...written, ...made.flows.clearSurplus(PAYROLL, after)]);
  assert.ok(jar.kept.has(NAMES.flow(0)));
  assert.equal(slotsOf(jar), 1);
  assert.ok(jar.header.length <= SENT_LIMIT, `${jar.header.length}`);
  assert.deepEqual(made.flows.clearSurplus(PAYROLL, jar.own), []);
});

test('a flow in a slot for which there is no room any more still comes back, until it is emptied', () => {
  const made = setUp();
  const jar = new CookieJar();
  const trips = [0, 1, 2, 3, 4].map((tab) => depart(made, jar, jar.own, NOW + tab));
  jar.take(largest(made, jar));
  for (const { state } of trips) assert.equal(made.flows.resume(PAYROLL, jar.own, state, NOW).kind, 'flow');
  jar.take(made.flows.clearSurplus(PAYROLL, jar.own));
  const kinds = trips.map(({ state }) => made.flows.resume(PAYROLL, jar.own, state, NOW).kind);
  assert.deepEqual(kinds.toSorted(), ['flow', 'orphan', 'orphan', 'orphan', 'orphan']);
});

test('sessions of two providers on one host share the limit', () => {
  const made = setUp();
  const jar = new CookieJar();
  jar.take(largest(made, jar));
  assert.deepEqual(largest(made, jar, 'partner'), []);
  const usual = new CookieJar().take(cookiesOf(made.sessions, PAYROLL, alice, NOW));
  usual.take(largest(made, usual, 'partner'));
  assert.ok(usual.kept.has('__Host-stepgate-partner-1') && usual.kept.has('__Host-stepgate-main'));
  assert.ok(usual.header.length <= LASTING_LIMIT, `${usual.header.length}`);
  // Its own cookies of before are replaced, so they do not count.
  assert.notDeepEqual(largest(made, usual, 'partner'), []);
});

test('what no browser got from us takes no room: other hosts cannot keep anybody from signing in', () => {
  const alone = roomForSession(NAMES, new Map(), 'main');
  const tossed = ['stepgate-x', 'stepgate-main', '__Secure-stepgate-x', '__host-stepgate-x', 'stepgate'];
  const cookies = new Map(tossed.map((name) => [name, 'x'.repeat(4_000)]));
  assert.equal(roomForSession(NAMES, cookies, 'main'), alone);
  assert.equal(slotsBeside(NAMES, cookies), FLOW_SLOTS);
  // Neither do a flow, which is counted apart, and what will be replaced.
  const own = ['flow-3', 'main', 'main-1', 'seen-main', 'browser'];
  const replaced = new Map(own.map((name) => [`__Host-stepgate-${name}`, 'x'.repeat(1_000)]));
  assert.equal(roomForSession(NAMES, replaced, 'main'), alone);
});

test('a flow of full size fits beside the largest session whatever names there are', () => {
  const longest = cookieNames('p'.repeat(32), true);
  const pair = `${longest.flow(4)}=${'A'.repeat(FLOW_LIMIT)}; `;
  assert.ok(LASTING_LIMIT + pair.length <= SENT_LIMIT);
});
