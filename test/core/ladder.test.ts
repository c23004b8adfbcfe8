import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitOf, buildLadder, MAX_LEVELS, standsAtOrAbove } from '../../src/core/ladder.ts';
import { LADDER, MFA, PASSKEY, PASSWORD } from './people.ts';

test('the order of the list is the order of the levels, weakest first', () => {
  assert.deepEqual(
    LADDER.levels.map(({ name, rank }) => [name, rank]),
    [
      ['password', 0],
      ['mfa', 1],
      ['passkey', 2],
    ],
  );
  assert.equal(LADDER.named.get('mfa'), LADDER.levels[1]);
});

test('a level counts for itself and for every level below it, and for none above', () => {
  assert.ok(standsAtOrAbove(MFA, MFA));
  assert.ok(standsAtOrAbove(PASSKEY, PASSWORD));
  assert.ok(!standsAtOrAbove(PASSWORD, MFA));
  assert.ok(!standsAtOrAbove(MFA, PASSKEY));
});

test('a level nobody labelled is called by its name and has no message', () => {
  const [level] = buildLadder([{ name: 'otp', validity: 60 }]).levels;
  assert.equal(level?.label, 'otp');
  assert.equal(level?.message.size, 0);
});

test('thirty-two levels fit, the highest as well ordered as the others', () => {
  const { levels } = buildLadder(Array.from({ length: MAX_LEVELS }, (_, i) => ({ name: `l${i}`, validity: 60 })));
  for (const a of levels) for (const b of levels) assert.equal(standsAtOrAbove(a, b), a.rank >= b.rank);
  assert.equal(new Set(levels.map(bitOf)).size, MAX_LEVELS);
  for (const level of levels) assert.ok(bitOf(level) > 0);
});

test('a thirty-third level and a second level of one name are refused', () => {
  const rungs = Array.from({ length: MAX_LEVELS + 1 }, (_, i) => ({ name: `l${i}`, validity: 60 }));
  assert.throws(() => buildLadder(rungs), RangeError);
  assert.throws(
    () =>
      buildLadder([
        { name: 'a', validity: 1 },
        { name: 'a', validity: 1 },
      ]),
    RangeError,
  );
});

test('a ladder without levels is one', () => {
  assert.deepEqual(buildLadder([]).levels, []);
});
