import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_PROOFS, type Proof, type Session } from '../../src/core/session.ts';
import { decodeSession, encodeSession } from '../../src/sessions/session-codec.ts';
import { alice } from './fixtures.ts';

// Lone surrogates too: a provider may say anything.
const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
const textOrNull = fc.option(text);
const seconds = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e11, noNaN: true })).map((value) => value + 0);
const proof: fc.Arbitrary<Proof> = fc.record(
  {
    at: seconds,
    freshAt: fc.option(seconds),
    acr: textOrNull,
    amr: fc.option(fc.array(text, { maxLength: 4 })),
    facts: fc.array(fc.tuple(text, fc.oneof(text, fc.integer(), fc.boolean())), { maxLength: 3 }),
  },
  { noNullPrototype: true },
);
const session: fc.Arbitrary<Session> = fc.record(
  {
    birth: text,
    family: text,
    generation: fc.nat(),
    provider: text,
    issuer: text,
    subject: text,
    name: textOrNull,
    email: textOrNull,
    groups: fc.array(text, { maxLength: 5 }),
    namedGroupsOnly: fc.boolean(),
    claims: fc
      .array(fc.tuple(text, fc.option(fc.array(text, { maxLength: 3 }))), { maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    sought: text,
    proofs: fc.array(proof, { maxLength: MAX_PROOFS }),
    providerSession: textOrNull,
    createdAt: seconds,
    expiresAt: seconds,
    loginHint: textOrNull,
  },
  { noNullPrototype: true },
);

const encoded = (): unknown[] => JSON.parse(encodeSession(alice));
const decodeWith = (place: number, value: unknown) => decodeSession(JSON.stringify(encoded().with(place, value)));

test('a session comes back as it was, whatever is in it', () => {
  fc.assert(fc.property(session, (made) => assert.deepEqual(decodeSession(encodeSession(made)), made)));
});

test('a usual session takes less than half a kilobyte', () => {
  assert.ok(encodeSession(alice).length < 256, encodeSession(alice));
});

test('a field of another kind makes it no session', () => {
  const wrong: readonly (readonly [place: number, field: string, values: readonly unknown[]])[] = [
    [0, 'version', [0, 1, 2, 3, 5, '4', null]],
    [1, 'birth', [null, 1, ['x']]],
    [2, 'family', [null, 1, {}]],
    [3, 'generation', [null, '1', -1, 1.5, 2 ** 53]],
    [4, 'provider', [null, 1]],
    [5, 'issuer', [null, 1]],
    [6, 'subject', [null, 1, ['alice']]],
    [7, 'name', [1, [], false]],
    [8, 'email', [1, ['a@example.com'], true]],
    [9, 'groups', [null, 'hr', [1], [null], [['hr']], { 0: 'hr', length: 1 }]],
    [
      10,
      'proofs',
      [null, {}, 'x', [null], [[]], [[1, 1, 'x']], [[1, 1, 'x', null]], [[1, 1, 'x', null, [], 1]], [{ at: 1 }]],
    ],
    [11, 'providerSession', [1, {}]],
    [12, 'createdAt', [null, '1', -1, {}]],
    [13, 'expiresAt', [null, '9999999999', -1, [9999999999]]],
    [14, 'loginHint', [1, {}, ['alice']]],
    [15, 'namedGroupsOnly', [null, 0, 'false']],
    [
      16,
      'claims',
      [null, {}, 'dept', [null], [1], [[]], [['dept', 1]], [['dept', null]], [['dept', ['x']]], ['a', ['a']]],
    ],
    [17, 'sought', [null, 1, ['abcd']]],
  ];
  assert.notEqual(decodeWith(7, null), null);
  for (const [place, field, values] of wrong) {
    for (const value of values) assert.equal(decodeWith(place, value), null, `${field}: ${JSON.stringify(value)}`);
  }
});

test('a proof with a field of another kind makes it no session', () => {
  const good = [1, null, null, null, []];
  assert.notEqual(decodeWith(10, [good]), null);
  const wrong: readonly (readonly [number, unknown])[] = [
    [0, null],
    [0, '1'],
    [0, -1],
    [1, '1'],
    [1, false],
    [2, 1],
    [2, ['phr']],
    [3, 'pwd'],
    [3, [1]],
    [3, {}],
    [4, null],
    [4, 'acrs'],
    [4, [['acrs']]],
    [4, [['acrs', 'c1', 1]]],
    [4, [['acrs', null]]],
    [4, [['acrs', ['c1']]]],
    [4, [[1, 'c1']]],
  ];
  for (const [place, value] of wrong) {
    assert.equal(decodeWith(10, [good, good.with(place, value as never)]), null);
  }
});

test('a time without end is no time', () => {
  const endless = encodeSession(alice).replace(`${alice.expiresAt},`, '1e999,');
  assert.notEqual(endless, encodeSession(alice));
  assert.equal(decodeSession(endless), null);
});

test('more proofs than a session keeps make it no session', () => {
  const good = [1, null, null, null, []];
  assert.notEqual(decodeWith(10, Array(MAX_PROOFS).fill(good)), null);
  assert.equal(decodeWith(10, Array(MAX_PROOFS + 1).fill(good)), null);
});

test('a field too many or too few, and whatever is not an array, is no session', () => {
  assert.equal(decodeSession(JSON.stringify([...encoded(), null])), null);
  assert.equal(decodeSession(JSON.stringify(encoded().slice(0, -1))), null);
  for (const odd of ['', 'null', '1', '"x"', '{}', '[]', '[1]', '{"0":1,"length":16}', '[1,', 'undefined']) {
    assert.equal(decodeSession(odd), null, odd);
  }
  fc.assert(fc.property(fc.json(), (json) => decodeSession(json) === null));
});
