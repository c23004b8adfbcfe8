import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PatternIndex } from '../../../src/config/lints/pattern-index.ts';
import { covers, overlaps, type Pattern } from '../../../src/config/lints/pattern-sets.ts';
import { type PatternPiece, parsePattern } from '../../../src/core/path-pattern.ts';
import { PathTree } from '../../../src/core/path-tree.ts';

function pattern(text: string): Pattern {
  const pieces = parsePattern(text);
  assert.ok(!('problem' in pieces), text);
  return pieces;
}

/** Does what the gate does: files the patterns in its tree. */
function matcher(...patterns: readonly Pattern[]): (path: readonly string[]) => readonly number[] {
  const tree = new PathTree<{ order: number }>();
  for (const [order, one] of patterns.entries()) tree.add(one, { order });
  return (path) => tree.find(path).map(({ order }) => order);
}

const segment = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', 'abb', 'aba');
const piece = fc.oneof(
  segment.map((text): PatternPiece => ({ kind: 'literal', text })),
  fc.constantFrom<PatternPiece>({ kind: 'any' }, { kind: 'rest' }),
  fc
    .constantFrom('a*', '*b', 'a*b', '*a*', 'ab*')
    .map((text): PatternPiece => ({ kind: 'glob', parts: text.split('*') })),
);
const patterns = fc.array(piece, { maxLength: 5 });
const paths = fc.array(fc.array(segment, { maxLength: 6 }), { minLength: 20, maxLength: 60 });

describe('two patterns', () => {
  it('of which one covers the other: the gate finds it wherever it finds that', () => {
    fc.assert(
      fc.property(patterns, patterns, paths, (outer, inner, tried) => {
        if (!covers(outer, inner)) return;
        const found = matcher(outer, inner);
        for (const path of tried) assert.ok(!found(path).includes(1) || found(path).includes(0), path.join('/'));
      }),
      { numRuns: 2000 },
    );
  });

  it('that do not overlap are never found together', () => {
    fc.assert(
      fc.property(patterns, patterns, paths, (one, other, tried) => {
        if (overlaps(one, other)) return;
        const found = matcher(one, other);
        for (const path of tried) assert.ok(found(path).length < 2, path.join('/'));
      }),
      { numRuns: 2000 },
    );
  });

  it('overlap each other alike, and one that is covered overlaps', () => {
    fc.assert(
      fc.property(patterns, patterns, (one, other) => {
        assert.equal(overlaps(one, other), overlaps(other, one));
        assert.ok(covers(one, one));
        if (covers(one, other)) assert.ok(overlaps(one, other));
      }),
      { numRuns: 2000 },
    );
  });

  const COVERED: readonly (readonly [outer: string, inner: string])[] = [
    ['/**', '/'],
    ['/**', '/a/*/c*'],
    ['/a/**', '/a'],
    ['/a/**', '/a/b/**'],
    ['/*', '/a*b'],
    ['/a*', '/ab*c'],
    ['/**/c', '/a/b/c'],
    ['/**/*.css', '/static/**/a.css'],
    ['/report-*', '/report-*.pdf'],
  ];
  for (const [outer, inner] of COVERED) {
    it(`${outer} covers ${inner}`, () => assert.ok(covers(pattern(outer), pattern(inner))));
  }

  const APART: readonly (readonly [one: string, other: string])[] = [
    ['/a', '/b'],
    ['/a/*', '/a'],
    ['/a*', '/b*'],
    ['/*.css', '/*.js'],
    ['/**/x', '/**/y'],
    ['/a/**', '/*b/c'],
  ];
  for (const [one, other] of APART) {
    it(`${one} and ${other} have nothing in common`, () => assert.ok(!overlaps(pattern(one), pattern(other))));
  }

  const ACROSS: readonly (readonly [one: string, other: string])[] = [
    ['/*/export', '/admin/**'],
    ['/**/*.css', '/admin/**'],
    ['/a*', '/*b'],
    ['/**', '/'],
  ];
  for (const [one, other] of ACROSS) {
    it(`${one} and ${other} have something in common, and ${other} is no part of what cannot be told`, () => {
      assert.ok(overlaps(pattern(one), pattern(other)));
    });
  }

  it('with many ** cost no more than their lengths', () => {
    const stars = pattern(`${'/**/a'.repeat(200)}/b`);
    assert.equal(covers(stars, pattern('/a'.repeat(400))), false);
    assert.equal(overlaps(stars, pattern(`${'/**/a'.repeat(200)}/c`)), false);
  });
});

describe('an index of patterns', () => {
  it('finds those that cover one, and those that overlap it, as comparing all of them does', () => {
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 12 }), patterns, (filed, asked) => {
        const index = new PatternIndex<number>(1_000_000);
        for (const [i, one] of filed.entries()) index.add(one, i);
        const ask = (how: 'covering' | 'overlapping'): readonly number[] => {
          const found: number[] = [];
          index[how](asked, (value) => {
            found.push(value);
            return false;
          });
          return found.toSorted((a, b) => a - b);
        };
        const all = (fits: (one: Pattern) => boolean): readonly number[] =>
          filed.flatMap((one, i) => (fits(one) ? [i] : []));
        assert.deepEqual(
          ask('overlapping'),
          all((one) => overlaps(one, asked)),
        );
        assert.deepEqual(
          ask('covering'),
          all((one) => covers(one, asked)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('looks at few of ten thousand patterns', () => {
    const index = new PatternIndex<number>(Infinity);
    const filed = Array.from({ length: 10_000 }, (_, i) => pattern(`/app-${i % 100}/item-${i}/**`));
    for (const [i, one] of filed.entries()) index.add(one, i);
    for (const one of filed) index.overlapping(one, () => false);
    for (const one of filed) index.covering(one, () => false);
    assert.ok(index.spent < 20 * filed.length, String(index.spent));
  });

  it('stops where it has spent what it may', () => {
    const index = new PatternIndex<number>(1000);
    for (let i = 0; i < 1000; i++) index.add(pattern('/**'), i);
    let seen = 0;
    for (let i = 0; i < 1000; i++) {
      index.overlapping(pattern('/**'), () => {
        seen++;
        return false;
      });
    }
    assert.ok(seen <= 1000, String(seen));
  });
});
