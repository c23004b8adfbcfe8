import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bitOf, buildLadder, type Ladder, MAX_LEVELS, standsAtOrAbove } from '../../src/core/ladder.ts';
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

/** A ladder in a line: `a b<a c<a d<b,c`, each with what it stands directly above. */
const treeOf = (text: string): Ladder =>
  buildLadder(
    text.split(' ').map((rung) => {
      const [name = '', below = ''] = rung.split('<');
      return { name, validity: 60, above: below === '' ? [] : below.split(',') };
    }),
  );

/** The levels that a proof of each counts for, in a line: `d:abcd`. */
const inALine = ({ levels }: Ladder): string =>
  levels
    .map((proven) => {
      const counted = levels.filter((level) => standsAtOrAbove(proven, level)).map(({ name }) => name);
      return `${proven.name}:${counted.join('')}`;
    })
    .join(' ');

describe('Z6 Z7 in a tree a proof counts for its level and all those below it', () => {
  for (const [is, tree, counts] of [
    ['siblings are neither above nor below each other', 'p m<p x<p', 'p:p m:pm x:px'],
    ['what stands above two counts for both', 'p m<p x<p h<m,x', 'p:p m:pm x:px h:pmxh'],
    ['branches of a different length', 'p m<p h<m x<p', 'p:p m:pm h:pmh x:px'],
    ['two roots share nothing', 'p m<p x', 'p:p m:pm x:x'],
    ['a diamond on a diamond', 'a b<a c<a d<b,c e<d f<d g<e,f', 'a:a b:ab c:ac d:abcd e:abcde f:abcdf g:abcdefg'],
    ['one that skips a level stands above all the same', 'a b<a c<a,b', 'a:a b:ab c:abc'],
    ['all on their own', 'a b c', 'a:a b:b c:c'],
  ] as const) {
    test(`${is}: ${tree}`, () => assert.equal(inALine(treeOf(tree)), counts));
  }

  test('with thirty-two levels, in a chain and in a comb', () => {
    const names = Array.from({ length: MAX_LEVELS }, (_, i) => `l${i}`);
    const chain = treeOf(names.map((name, i) => (i === 0 ? name : `${name}<l${i - 1}`)).join(' '));
    const comb = treeOf(names.map((name, i) => (i === 0 ? name : `${name}<l0`)).join(' '));
    for (const one of names.keys()) {
      for (const other of names.keys()) {
        const [a, b] = [chain.levels[one], chain.levels[other]];
        const [c, d] = [comb.levels[one], comb.levels[other]];
        assert.ok(a && b && c && d);
        assert.equal(standsAtOrAbove(a, b), one >= other);
        assert.equal(standsAtOrAbove(c, d), one === other || other === 0);
      }
    }
  });

  test('a level above one that is not listed before it is refused', () => {
    for (const tree of ['a<b b', 'a<a', 'a<none']) assert.throws(() => treeOf(tree), RangeError);
  });

  test('without `above` a list is a chain, a level without any is a root', () => {
    const validity = 60;
    const chain = buildLadder([
      { name: 'a', validity },
      { name: 'b', validity },
      { name: 'c', validity, above: ['a'] },
    ]);
    assert.equal(inALine(chain), 'a:a b:ab c:ac');
  });
});
