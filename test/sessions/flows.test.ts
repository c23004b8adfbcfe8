import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { COMPARISONS } from '../../src/core/demand.ts';
import { FLOW_LIMIT } from '../../src/sessions/budget.ts';
import type { CookieHost } from '../../src/sessions/cookies.ts';
import type { Flow, TripDemand } from '../../src/sessions/flow-codec.ts';
import { createFlows, FLOW_LIFE, type Flows, type Reserved, STATE_LIMIT } from '../../src/sessions/flows.ts';
import {
  CookieJar,
  fakeLedger,
  flipBit,
  LOCAL,
  NOW,
  newSealer,
  PAYROLL,
  PREFIX,
  random,
  TRAVEL,
  tripDemand,
} from './fixtures.ts';

const setUp = ({ sealer = newSealer(), ledger = fakeLedger() } = {}): Flows =>
  createFlows({ sealer, prefix: PREFIX, ledger, random });

const departure = { app: 'payroll', returnTo: '/runs/7?view=all', restarted: false };

const flowOf = (reserved: Reserved, given: Partial<Flow> = {}): Flow => ({
  id: reserved.id,
  provider: 'main',
  app: departure.app,
  returnTo: departure.returnTo,
  startedAt: reserved.expires - FLOW_LIFE,
  expires: reserved.expires,
  nonce: random(32),
  verifier: random(32),
  family: random(16),
  subject: '7f0b6f8e-4a36-4d06-9d5b-0a8f0e1c2d3e',
  demands: [tripDemand({ level: 'password', maxAge: null, source: 'default' }), tripDemand()],
  asked: tripDemand(),
  tried: [{ level: 'password', comparison: 'minimum', maxAge: null, since: null }],
  forced: false,
  restarted: false,
  ...given,
});

/** Starts a trip in a browser, as a navigation that is challenged does. */
function start(flows: Flows, jar: CookieJar, now = NOW, host: CookieHost = PAYROLL, given: Partial<Flow> = {}) {
  const { returnTo = departure.returnTo } = given;
  const reserved = flows.reserve(host, jar.own, { ...departure, returnTo }, STATE_LIMIT, now);
  const flow = flowOf(reserved, given);
  jar.take([flows.cookie(host, reserved, flow)]);
  return { ...reserved, flow };
}

const flowNames = (jar: CookieJar) => [...jar.kept.keys()].filter((name) => name.includes('-flow-')).sort();

test('a trip that was started comes back as it was', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state, flow, slot } = start(flows, jar);
  assert.deepEqual(flows.resume(PAYROLL, jar.own, state, NOW + 599), { kind: 'flow', flow, slot });
});

test('any trip that fits comes back as it was, whatever is in it', () => {
  const flows = setUp();
  // Short enough for all of them together, each character written as an escape.
  const word = fc.string({ unit: 'binary', maxLength: 4 });
  const span = fc.option(fc.nat());
  const terms = { level: word, comparison: fc.constantFrom(...COMPARISONS), maxAge: span, since: span };
  const demand = fc.record({ ...terms, source: word }, { noNullPrototype: true });
  const tried = fc.record(terms, { noNullPrototype: true });
  const given = fc.record(
    {
      provider: word,
      app: fc.constant('payroll'),
      returnTo: fc.stringMatching(/^\/[a-z0-9?=&]{0,60}$/),
      nonce: word,
      verifier: word,
      family: fc.option(word),
      subject: fc.option(word),
      demands: fc.array(demand, { maxLength: 2 }),
      asked: demand,
      tried: fc.array(tried, { maxLength: 2 }),
      forced: fc.boolean(),
      restarted: fc.boolean(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(given, (parts) => {
      const jar = new CookieJar();
      const { state, flow, slot } = start(flows, jar, NOW, PAYROLL, parts);
      assert.deepEqual(flows.resume(PAYROLL, jar.own, state, NOW), { kind: 'flow', flow, slot });
    }),
  );
});

test('the cookie of a flow has one of five names, lives ten minutes and is for this host alone', () => {
  const flows = setUp();
  const reserved = flows.reserve(PAYROLL, new CookieJar().own, departure, STATE_LIMIT, NOW);
  assert.match(
    flows.cookie(PAYROLL, reserved, flowOf(reserved)),
    /^__Host-stepgate-flow-[0-4]=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  const local = flows.reserve(LOCAL, new CookieJar().own, departure, STATE_LIMIT, NOW);
  assert.match(
    flows.cookie(LOCAL, local, flowOf(local)),
    /^stepgate-flow-[0-4]=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
  );
  assert.equal(flows.clear(PAYROLL, 3), '__Host-stepgate-flow-3=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
});

test('five trips side by side take five slots and finish in any order', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const trips = [0, 1, 2, 3, 4].map((second) => start(flows, jar, NOW + second));
  assert.equal(new Set(trips.map((trip) => trip.slot)).size, 5);
  for (const trip of trips.toReversed()) {
    const resumed = flows.resume(PAYROLL, jar.own, trip.state, NOW + 60);
    assert.equal(resumed.kind === 'flow' && resumed.flow.id, trip.id);
    jar.take([flows.clear(PAYROLL, trip.slot)]);
    assert.equal(flows.resume(PAYROLL, jar.own, trip.state, NOW + 60).kind, 'orphan');
  }
  assert.equal(jar.header, '');
});

test('the sixth trip takes the slot of the oldest, whichever slot that is', () => {
  const flows = setUp();
  for (let round = 0; round < 20; round++) {
    const jar = new CookieJar();
    const trips = [4, 1, 0, 3, 2].map((second) => start(flows, jar, NOW + second));
    const oldest = trips[2];
    assert.equal(flows.reserve(PAYROLL, jar.own, departure, STATE_LIMIT, NOW + 10).slot, oldest?.slot);
  }
});

test('T038 thirty tabs that open at once leave five cookies; the trips in them finish, the others are known for lost', () => {
  const flows = setUp();
  const jar = new CookieJar();
  // All thirty requests leave before the first answer is there: all see the same, empty, cookies.
  const before = jar.own;
  const trips = Array.from({ length: 30 }, () => flows.reserve(PAYROLL, before, departure, STATE_LIMIT, NOW));
  for (const reserved of trips) jar.take([flows.cookie(PAYROLL, reserved, flowOf(reserved))]);
  assert.equal(new Set(trips.map((trip) => trip.id)).size, 30);
  assert.ok(flowNames(jar).length <= 5);
  assert.ok(flowNames(jar).length >= 3, 'chance spreads thirty tabs over the slots');
  assert.ok(jar.header.length < 6000);

  const kinds = trips.map((trip) => flows.resume(PAYROLL, jar.own, trip.state, NOW + 5));
  assert.equal(kinds.filter(({ kind }) => kind === 'flow').length, flowNames(jar).length);
  for (const resumed of kinds) {
    if (resumed.kind === 'flow') continue;
    assert.deepEqual(resumed, { kind: 'orphan', ...departure, slotHeld: true, anyFlow: true, browserKnown: false });
  }
});

test('chance uses every slot', () => {
  const flows = setUp();
  const slots = Array.from(
    { length: 200 },
    () => flows.reserve(PAYROLL, new CookieJar().own, departure, STATE_LIMIT, NOW).slot,
  );
  assert.deepEqual([...new Set(slots)].sort(), [0, 1, 2, 3, 4]);
});

test('a slot is free when its cookie is missing, expired or not ours', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const trips = [0, 1, 2, 3, 4].map((second) => start(flows, jar, NOW + second));
  const slotsAt = (now: number) =>
    new Set(Array.from({ length: 200 }, () => flows.reserve(PAYROLL, jar.own, departure, STATE_LIMIT, now).slot));
  const slots = trips.map((trip) => trip.slot);
  assert.deepEqual([...slotsAt(NOW + 10)], slots.slice(0, 1));
  jar.kept.set(`__Host-stepgate-flow-${slots[4]}`, 'made-up');
  assert.deepEqual([...slotsAt(NOW + 10)], slots.slice(4));
  assert.deepEqual(slotsAt(NOW + FLOW_LIFE + 1), new Set([slots[0], slots[1], slots[4]]));
  jar.take([flows.clear(PAYROLL, slots[3] ?? 0)]);
  assert.deepEqual(slotsAt(NOW + 10), new Set([slots[3], slots[4]]));
});

test('T162 a flow whose cookie came twice is no flow', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state, slot } = start(flows, jar);
  const name = `__Host-stepgate-flow-${slot}`;
  jar.kept.set(name, `${jar.kept.get(name)}; ${name}=${jar.kept.get(name)}`);
  assert.equal(flows.resume(PAYROLL, jar.own, state, NOW).kind, 'orphan');
});

test('T024 a state in a browser without its flow gives no flow, and says what the browser does hold', () => {
  const flows = setUp();
  const alice = new CookieJar();
  const { state } = start(flows, alice);
  const orphan = { kind: 'orphan', ...departure, slotHeld: false, anyFlow: false, browserKnown: false };

  const empty = new CookieJar();
  assert.deepEqual(flows.resume(PAYROLL, empty.own, state, NOW), orphan);
  empty.take([flows.browserCookie(PAYROLL, empty.own)]);
  assert.deepEqual(flows.resume(PAYROLL, empty.own, state, NOW), { ...orphan, browserKnown: true });

  const elsewhere = new CookieJar();
  for (let tries = 0; flowNames(elsewhere).length < 5; tries++) start(flows, elsewhere, NOW + tries);
  assert.deepEqual(flows.resume(PAYROLL, elsewhere.own, state, NOW), { ...orphan, slotHeld: true, anyFlow: true });
});

test('a browser that holds another flow in another slot is told from one whose slot was taken', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const first = start(flows, jar);
  start(flows, jar, NOW + 1);
  jar.take([flows.clear(PAYROLL, first.slot)]);
  const resumed = flows.resume(PAYROLL, jar.own, first.state, NOW + 2);
  assert.deepEqual(resumed, { kind: 'orphan', ...departure, slotHeld: false, anyFlow: true, browserKnown: false });
});

test('the flow of another trip in the right slot does not answer for this one', () => {
  const flows = setUp();
  const [mine, theirs] = [new CookieJar(), new CookieJar()];
  const trip = start(flows, mine);
  const other = start(flows, theirs);
  const slot = `__Host-stepgate-flow-${trip.slot}`;
  mine.kept.set(slot, theirs.kept.get(`__Host-stepgate-flow-${other.slot}`) ?? '');
  assert.equal(flows.resume(PAYROLL, mine.own, trip.state, NOW).kind, 'orphan');
});

test('a trip is over after ten minutes', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state } = start(flows, jar);
  assert.equal(flows.resume(PAYROLL, jar.own, state, NOW + FLOW_LIFE - 1).kind, 'flow');
  const { app, returnTo } = departure;
  assert.deepEqual(flows.resume(PAYROLL, jar.own, state, NOW + FLOW_LIFE), { kind: 'expired', app, returnTo });
  // A clock that was set back does not make a trip live longer.
  assert.equal(flows.resume(PAYROLL, jar.own, state, NOW - 60).kind, 'flow');
  assert.equal(flows.resume(PAYROLL, jar.own, state, NOW - 61).kind, 'expired');
});

test('a flow that is over is none, whatever the state says', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const reserved = flows.reserve(PAYROLL, jar.own, departure, STATE_LIMIT, NOW);
  jar.take([flows.cookie(PAYROLL, reserved, flowOf(reserved, { expires: NOW + 10 }))]);
  assert.equal(flows.resume(PAYROLL, jar.own, reserved.state, NOW + 9).kind, 'flow');
  const resumed = flows.resume(PAYROLL, jar.own, reserved.state, NOW + 10);
  assert.equal(resumed.kind === 'orphan' && !resumed.slotHeld && !resumed.anyFlow, true);
});

test('T164 a state or flow with one bit flipped is refused', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state, slot } = start(flows, jar);
  for (let bit = 0; bit < Buffer.from(state, 'base64url').length * 8; bit++) {
    assert.deepEqual(flows.resume(PAYROLL, jar.own, flipBit(state, bit), NOW), { kind: 'invalid' });
  }
  const name = `__Host-stepgate-flow-${slot}`;
  const sealed = jar.kept.get(name) ?? '';
  for (let bit = 0; bit < Buffer.from(sealed, 'base64url').length * 8; bit += 3) {
    jar.kept.set(name, flipBit(sealed, bit));
    assert.equal(flows.resume(PAYROLL, jar.own, state, NOW).kind, 'orphan');
  }
  for (const odd of ['', 'x', sealed, `${state}=`, `${state}A`]) {
    assert.deepEqual(flows.resume(PAYROLL, jar.own, odd, NOW), { kind: 'invalid' });
  }
});

test('T175 a trip of one host is nothing on another', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state } = start(flows, jar);
  assert.deepEqual(flows.resume(TRAVEL, jar.own, state, NOW), { kind: 'invalid' });
  const there = start(flows, new CookieJar(), NOW, TRAVEL);
  assert.equal(flows.resume(TRAVEL, jar.own, there.state, NOW).kind, 'orphan');
  const pasted = new CookieJar().take([]);
  for (const slot of [0, 1, 2, 3, 4]) pasted.kept.set(`__Host-stepgate-flow-${slot}`, [...jar.kept.values()][0] ?? '');
  const resumed = flows.resume(TRAVEL, pasted.own, there.state, NOW);
  assert.equal(resumed.kind === 'orphan' && !resumed.anyFlow, true);
});

test('a flow counts only under the ledger that will know whether it was used', () => {
  const sealer = newSealer();
  const jar = new CookieJar();
  const { state } = start(setUp({ sealer }), jar);
  assert.equal(setUp({ sealer, ledger: fakeLedger('ledger-2') }).resume(PAYROLL, jar.own, state, NOW).kind, 'orphan');
});

test('the state stays short: a return URL that does not fit travels in the flow alone', () => {
  const flows = setUp();
  for (const length of [10, 200, 300, 320, 340, 400]) {
    const returnTo = `/${'r'.repeat(length - 1)}`;
    const jar = new CookieJar();
    const trip = start(flows, jar, NOW, PAYROLL, { returnTo });
    assert.ok(trip.state.length <= STATE_LIMIT, `${length}: ${trip.state.length}`);
    const back = flows.resume(PAYROLL, jar.own, trip.state, NOW);
    assert.equal(back.kind === 'flow' && back.flow.returnTo, returnTo, `${length}`);
    const lost = flows.resume(PAYROLL, new CookieJar().own, trip.state, NOW);
    assert.equal(lost.kind === 'orphan' && lost.returnTo, trip.returnTo);
    assert.equal(trip.returnTo, length <= 340 ? returnTo : null, `${length}`);
  }
});

test('every usual trip with a return URL of up to 400 bytes keeps it, and no flow is over 1 kB', () => {
  const flows = setUp();
  for (let length = 2; length <= 500; length += 6) {
    const returnTo = `/r?${'q'.repeat(length)}`.slice(0, length);
    const jar = new CookieJar();
    const trip = start(flows, jar, NOW, PAYROLL, { returnTo });
    assert.ok((jar.kept.get(`__Host-stepgate-flow-${trip.slot}`) ?? '').length <= FLOW_LIMIT);
    const back = flows.resume(PAYROLL, jar.own, trip.state, NOW);
    assert.ok(back.kind === 'flow');
    if (length <= 400) assert.equal(back.flow.returnTo, returnTo);
    else assert.ok([returnTo, '/r'].includes(back.flow.returnTo));
  }
});

test('a flow with long names gives up the query, then who asked, then the path, and stays within 1 kB', () => {
  const flows = setUp();
  const demands = [1, 2].map((n) =>
    tripDemand({ level: `${n}`.repeat(64), maxAge: 86_400, source: `app/${'s'.repeat(64)}` }),
  );
  const [asked] = demands;
  assert.ok(asked);
  for (const returnTo of ['/', `/${'p'.repeat(400)}?q`, `/${'p'.repeat(498)}`]) {
    const jar = new CookieJar();
    const trip = start(flows, jar, NOW, PAYROLL, { returnTo, demands, asked, subject: 's'.repeat(120) });
    assert.ok((jar.kept.get(`__Host-stepgate-flow-${trip.slot}`) ?? '').length <= FLOW_LIMIT, returnTo);
    const back = flows.resume(PAYROLL, jar.own, trip.state, NOW);
    assert.ok(back.kind === 'flow');
    assert.equal(back.flow.returnTo, '/');
    assert.deepEqual(
      back.flow.demands.map(({ level, maxAge }) => ({ level, maxAge })),
      demands.map(({ level, maxAge }) => ({ level, maxAge })),
    );
    assert.equal(back.flow.asked.level, asked.level);
    assert.equal(back.flow.subject, 's'.repeat(120));
  }
});

describe('a request of many demands', () => {
  const TABLE: readonly (readonly [count: number, level: number, source: number])[] = [
    [8, 8, 20],
    [16, 8, 20],
    [32, 8, 20],
    [32, 20, 40],
    [32, 64, 128],
    [400, 8, 20],
  ];
  for (const [count, level, source] of TABLE) {
    const demands = Array.from({ length: count }, (_, n) =>
      tripDemand({ level: `${n}`.padEnd(level, 'l'), maxAge: n, source: `${n}`.padEnd(source, 's') }),
    );
    test(`has a flow of 1 kB that knows the hardest, what is asked and what was tried: ${count} of ${level}`, () => {
      const flows = setUp();
      const asked = demands[count - 2] ?? assert.fail();
      const tried = demands.slice(0, 2).map(({ source: _source, ...demand }) => demand);
      const jar = new CookieJar();
      const trip = start(flows, jar, NOW, PAYROLL, { demands, asked, tried });
      assert.ok((jar.kept.get(`__Host-stepgate-flow-${trip.slot}`) ?? '').length <= FLOW_LIMIT);
      const back = flows.resume(PAYROLL, jar.own, trip.state, NOW);
      assert.ok(back.kind === 'flow');
      assert.deepEqual(back.flow.asked, asked);
      assert.deepEqual(back.flow.tried, tried);
      assert.equal(back.flow.returnTo, departure.returnTo);
      const kept = back.flow.demands.map((demand) => demand.level);
      assert.deepEqual(
        kept,
        demands.slice(0, kept.length).map((demand) => demand.level),
      );
      assert.ok(kept.length >= Math.min(count, level > 60 ? 1 : 8), `${kept.length}`);
    });
  }

  test('that several ask for alike has each once before any is given up', () => {
    const flows = setUp();
    const jar = new CookieJar();
    const terms = [tripDemand({ level: 'passkey' }), tripDemand({ level: 'mfa', comparison: 'exact' })];
    const demands = Array.from({ length: 60 }, (_, n) => ({ ...(terms[n % 2] ?? terms[0]), source: `app/rule-${n}` }));
    const trip = start(flows, jar, NOW, PAYROLL, { demands: demands as readonly TripDemand[] });
    const back = flows.resume(PAYROLL, jar.own, trip.state, NOW);
    assert.ok(back.kind === 'flow');
    assert.deepEqual(
      back.flow.demands,
      terms.map((demand) => ({ ...demand, source: 'payroll' })),
    );
  });
});

test('nobody is sent elsewhere, even by what was sealed', () => {
  const flows = setUp();
  for (const returnTo of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/.stepgate/sign-out', '']) {
    const jar = new CookieJar();
    const { state } = start(flows, jar, NOW, PAYROLL, { returnTo });
    const back = flows.resume(PAYROLL, jar.own, state, NOW);
    assert.equal(back.kind === 'flow' && back.flow.returnTo, '/', returnTo);
    const lost = flows.resume(PAYROLL, new CookieJar().own, state, NOW);
    assert.equal(lost.kind === 'orphan' && lost.returnTo, null, returnTo);
  }
});

test('a browser is told apart once, by 128 random bits', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const line = flows.browserCookie(PAYROLL, jar.own);
  assert.match(line ?? '', /^__Host-stepgate-browser=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  assert.notEqual(line, flows.browserCookie(PAYROLL, jar.own));
  assert.equal(flows.browserCookie(PAYROLL, jar.take([line]).own), null);
});
