import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Read, soughtIn, wasSought } from '../../src/core/sought.ts';

const NOTHING: Read = { groups: [], anyGroup: false, claims: [] };
const names = fc.array(fc.string({ maxLength: 12 }), { maxLength: 6 });
const read: fc.Arbitrary<Read> = fc.record({ groups: names, anyGroup: fc.boolean(), claims: names });

const joined = (a: Read, b: Read): Read => ({
  groups: [...a.groups, ...b.groups],
  anyGroup: a.anyGroup || b.anyGroup,
  claims: [...a.claims, ...b.claims],
});

test('where nothing is read, everything was looked for', () => {
  assert.equal(soughtIn(NOTHING), '');
  assert.ok(wasSought('', 'abcd'));
});

test('what was looked for covers every part of itself, in whatever order it was named', () => {
  fc.assert(
    fc.property(read, read, (part, more) => {
      assert.ok(wasSought(soughtIn(part), soughtIn(joined(part, more))));
      assert.equal(soughtIn(joined(part, more)), soughtIn(joined(more, part)));
    }),
  );
});

test('a name that was not among it is missed, and a group is no claim of the same name', () => {
  const before = { groups: ['hr'], anyGroup: false, claims: ['dept'] };
  for (const [what, more] of [
    ['another group', { ...before, groups: ['hr', 'it'] }],
    ['another claim', { ...before, claims: ['dept', 'grade'] }],
    ['a claim named like the group', { ...before, claims: ['dept', 'hr'] }],
    ['a group named like the claim', { ...before, groups: ['hr', 'dept'] }],
    ['all groups', { ...before, anyGroup: true }],
    ['a group of another case', { ...before, groups: ['hr', 'HR'] }],
  ] as const) {
    assert.equal(wasSought(soughtIn(more), soughtIn(before)), false, what);
  }
});

test('marks are not read across one another', () => {
  assert.equal(wasSought('bcde', 'abcdefgh'), false);
  assert.ok(wasSought('efgh', 'abcdefgh'));
});

test('each of a thousand names has a mark of its own', () => {
  const groups = Array.from({ length: 1000 }, (_, i) => `team-${i}`);
  assert.equal(soughtIn({ ...NOTHING, groups }).length, 4000);
});
