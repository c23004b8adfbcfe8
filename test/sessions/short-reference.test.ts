import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Flow } from '../../src/sessions/flow-codec.ts';
import { decodeShortReference, encodeShortReference } from '../../src/sessions/flow-codec.ts';
import { createFlows, FLOW_LIFE, RELAY_STATE_LIMIT, type Reserved } from '../../src/sessions/flows.ts';
import {
  CookieJar,
  fakeLedger,
  flipBit,
  NOW,
  newSealer,
  PAYROLL,
  PREFIX,
  random,
  TRAVEL,
  tripDemand,
} from './fixtures.ts';

const departure = { app: 'payroll', returnTo: '/runs/7?view=all', restarted: false };

const setUp = (given: { sealer?: ReturnType<typeof newSealer> } = {}) =>
  createFlows({ sealer: given.sealer ?? newSealer(), prefix: PREFIX, ledger: fakeLedger(), random });

const flowOf = (reserved: Reserved, given: Partial<Flow> = {}): Flow => ({
  ...departure,
  id: reserved.id,
  provider: 'corp',
  startedAt: NOW,
  expires: reserved.expires,
  nonce: `_${random(20)}`,
  verifier: '',
  family: null,
  subject: null,
  demands: [tripDemand()],
  asked: tripDemand(),
  tried: [],
  forced: false,
  ...given,
});

/** Starts a trip to a provider that takes no more than 80 characters. */
function start(flows: ReturnType<typeof setUp>, jar: CookieJar, now = NOW) {
  const reserved = flows.reserve(PAYROLL, jar.own, departure, RELAY_STATE_LIMIT, now);
  const flow = flowOf(reserved, { startedAt: now });
  jar.take([flows.cookie(PAYROLL, reserved, flow)]);
  return { ...reserved, flow };
}

test('a RelayState has eighty characters, whatever it stands for', () => {
  const flows = setUp();
  for (let i = 0; i < 50; i++) {
    const app = 'x'.repeat(1 + (i % 64));
    const reserved = flows.reserve(PAYROLL, new Map(), { ...departure, app }, RELAY_STATE_LIMIT, NOW + i * 3600);
    assert.match(reserved.state, /^[\w-]{80}$/);
    assert.equal(reserved.returnTo, null, 'so the return URL is in the flow itself');
  }
});

test('the trip comes back whole: only its cookie knows what it is about', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state, flow, slot } = start(flows, jar);
  assert.equal(flows.isReference(PAYROLL, state, NOW), true);
  assert.deepEqual(flows.resume(PAYROLL, jar.own, state, NOW + FLOW_LIFE - 1), { kind: 'flow', flow, slot });
});

test('it holds 120 bits of the flow’s id: a flow in the same slot that differs in any of them is another', () => {
  const sealer = newSealer();
  const flows = setUp({ sealer });
  const jar = new CookieJar();
  const reserved = flows.reserve(PAYROLL, jar.own, departure, RELAY_STATE_LIMIT, NOW);
  for (let at = 0; at < 20; at++) {
    const letter = reserved.id[at] === 'A' ? 'B' : 'A';
    const id = reserved.id.slice(0, at) + letter + reserved.id.slice(at + 1);
    jar.take([flows.cookie(PAYROLL, reserved, flowOf(reserved, { id }))]);
    const resumed = flows.resume(PAYROLL, jar.own, reserved.state, NOW);
    assert.equal(resumed.kind === 'orphan' && resumed.slotHeld, true, `character ${at}`);
  }
});

test('without its flow it leads nowhere: it names no application, no address, and never starts anew', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state } = start(flows, jar);
  const nowhere = { app: '', returnTo: null };
  const lost = { kind: 'orphan', ...nowhere, restarted: true, slotHeld: false, anyFlow: false, browserKnown: false };
  assert.deepEqual(flows.resume(PAYROLL, new Map(), state, NOW), lost);
  assert.deepEqual(flows.resume(PAYROLL, jar.own, state, NOW + FLOW_LIFE), { kind: 'expired', ...nowhere });
  assert.equal(flows.isReference(PAYROLL, state, NOW + FLOW_LIFE), false);
});

test('one bit flipped, another host, another secret, a longer one: it is nobody’s', () => {
  const flows = setUp();
  const jar = new CookieJar();
  const { state } = start(flows, jar);
  for (let bit = 0; bit < 480; bit++) {
    assert.deepEqual(flows.resume(PAYROLL, jar.own, flipBit(state, bit), NOW), { kind: 'invalid' });
  }
  for (const odd of ['', 'https://evil.example/', `${state}A`, state.slice(1), `${state}=`]) {
    assert.equal(flows.isReference(PAYROLL, odd, NOW), false, odd);
  }
  assert.equal(flows.isReference(TRAVEL, state, NOW), false);
  assert.equal(setUp().isReference(PAYROLL, state, NOW), false);
});

test('a short reference says what it was made of, until 2088, and anything else is none', () => {
  const id = fc.stringMatching(/^[\w-]{20}$/);
  const expires = fc.integer({ min: 1_577_836_800, max: 3_754_000_000 });
  fc.assert(
    fc.property(id, fc.nat({ max: 4 }), expires, (flow, slot, until) => {
      const text = encodeShortReference({ id: `${flow}zz`, slot, expires: until, ...departure });
      assert.equal(text.length, 27);
      const nowhere = { app: '', returnTo: null, restarted: true };
      assert.deepEqual(decodeShortReference(text, 5), { id: flow, slot, expires: until, ...nowhere });
    }),
  );
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => decodeShortReference(`${text}!`, 5) === null));
  assert.equal(decodeShortReference('5000000aaaaaaaaaaaaaaaaaaaa', 5), null, 'a slot that is not there');
});
