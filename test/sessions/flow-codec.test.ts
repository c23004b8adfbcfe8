import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COMPARISONS } from '../../src/core/demand.ts';
import { decodeFlow, decodeReference, encodeFlow, encodeReference } from '../../src/sessions/flow-codec.ts';
import { NOW, tripDemand } from './fixtures.ts';

const flow = {
  id: 'id',
  provider: 'main',
  app: 'payroll',
  returnTo: '/runs',
  startedAt: NOW,
  expires: NOW + 600,
  nonce: 'nonce',
  verifier: 'verifier',
  family: 'family',
  subject: 'alice',
  demands: [tripDemand()],
  asked: tripDemand(),
  tried: [{ level: 'password', comparison: 'minimum' as const, maxAge: null, since: null }],
  forced: true,
  restarted: false,
};
const reference = { id: 'id', slot: 2, expires: NOW, app: 'payroll', returnTo: '/runs', restarted: true };

const flowWith = (place: number, value: unknown) => {
  const fields: unknown[] = JSON.parse(encodeFlow(flow, flow.returnTo));
  return decodeFlow(JSON.stringify(fields.with(place, value)), null);
};
const referenceWith = (place: number, value: unknown) => {
  const fields: unknown[] = JSON.parse(encodeReference(reference));
  return decodeReference(JSON.stringify(fields.with(place, value)), 5);
};

test('a flow comes back as it was, with its own return URL or the one that the reference carries', () => {
  assert.deepEqual(decodeFlow(encodeFlow(flow, flow.returnTo), '/other'), flow);
  assert.deepEqual(decodeFlow(encodeFlow(flow, null), flow.returnTo), flow);
  assert.equal(decodeFlow(encodeFlow(flow, null), null)?.returnTo, '/');
});

test('a demand comes back with its comparison and the time since which it asks', () => {
  const demands = COMPARISONS.flatMap((comparison) => [
    tripDemand({ comparison }),
    tripDemand({ comparison, maxAge: null, since: NOW }),
  ]);
  const tried = demands.map(({ source: _source, ...demand }) => demand);
  const made = { ...flow, demands, asked: tripDemand({ comparison: 'exact' }), tried };
  assert.deepEqual(decodeFlow(encodeFlow(made, made.returnTo), null), made);
});

test('what is asked comes back even where it is none of the demands', () => {
  const other = { ...flow, asked: tripDemand({ level: 'mfa', maxAge: null, source: 'default' }) };
  assert.deepEqual(decodeFlow(encodeFlow(other, other.returnTo), null), other);
});

/** Level, `max_age`, and where it is no plain demand its comparison's place and `since`. */
const ODD_TRIED: readonly (readonly unknown[])[] = [
  [],
  ['mfa'],
  [1, 1],
  ['mfa', '1'],
  ['mfa', -1],
  ['mfa', 1, 0],
  ['mfa', 1, 4, null],
  ['mfa', 1, -1, null],
  ['mfa', 1, 'exact', null],
  ['mfa', 1, null, null],
  ['mfa', 1, 0, '1'],
  ['mfa', 1, 0, 1, 1],
];

test('a flow with a field of another kind is none', () => {
  const wrong: readonly (readonly [place: number, field: string, values: readonly unknown[]])[] = [
    [0, 'version', [2, 4, null]],
    [1, 'id', [null, 1]],
    [2, 'provider', [null, 1]],
    [3, 'app', [null, 1]],
    [4, 'returnTo', [1, ['/']]],
    [5, 'startedAt', [null, '1', -1]],
    [6, 'expires', [null, '1', -1]],
    [7, 'nonce', [null, 1]],
    [8, 'verifier', [null, 1]],
    [9, 'family', [1, []]],
    [10, 'subject', [1, []]],
    [11, 'demands', [null, {}, ...ODD_TRIED.map((odd) => [['x', ...odd]]), [null], [[]], [[1, 'mfa', 1]], ['mfa']]],
    [12, 'asked', [null, 1, -1, 0.5, '0', [], ['x', 'mfa'], [1, 'mfa', null]]],
    [13, 'tried', [null, {}, [null], [1], [-1], [0.5], ...ODD_TRIED.map((odd) => [odd])]],
    [14, 'flags', [null, -1, 4, 0.5, true]],
  ];
  assert.notEqual(flowWith(10, null), null);
  for (const [place, field, values] of wrong) {
    for (const value of values) assert.equal(flowWith(place, value), null, `${field}: ${JSON.stringify(value)}`);
  }
  fc.assert(fc.property(fc.json(), (json) => decodeFlow(json, null) === null));
});

test('a reference comes back as it was, and one with a field of another kind is none', () => {
  assert.deepEqual(decodeReference(encodeReference(reference), 5), reference);
  const wrong: readonly (readonly [place: number, field: string, values: readonly unknown[]])[] = [
    [0, 'version', [2, null]],
    [1, 'id', [null, 1]],
    [2, 'slot', [null, -1, 5, 0.5, '0']],
    [3, 'expires', [null, '1', -1]],
    [4, 'app', [null, 1]],
    [5, 'returnTo', [1, ['/']]],
    [6, 'restarted', [null, 0, 'false']],
  ];
  for (const [place, field, values] of wrong) {
    for (const value of values) assert.equal(referenceWith(place, value), null, `${field}: ${JSON.stringify(value)}`);
  }
  fc.assert(fc.property(fc.json(), (json) => decodeReference(json, 5) === null));
});
