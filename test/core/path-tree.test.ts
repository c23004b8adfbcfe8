import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { PatternPiece } from '../../src/core/path-pattern.ts';
import { PathTree } from '../../src/core/path-tree.ts';
import { patternOf } from './apps.ts';

interface Filed {
  readonly order: number;
  readonly patterns: readonly string[];
}

function treeOf(...patterns: readonly (string | readonly string[])[]): PathTree<Filed> {
  const tree = new PathTree<Filed>();
  for (const [order, entry] of patterns.entries()) {
    const filed = { order, patterns: [entry].flat() };
    for (const pattern of filed.patterns) tree.add(patternOf(pattern), filed);
  }
  return tree;
}

const found = (tree: PathTree<Filed>, ...segments: readonly string[]): readonly number[] => [
  ...new Set(tree.find(segments).map(({ order }) => order)),
];

describe('a path tree', () => {
  test('finds every pattern that matches, in the order of the file', () => {
    const tree = treeOf('/a/b', '/**', '/a/*', '/b', '/a/**', '/*/b', '/a/b*');
    assert.deepEqual(found(tree, 'a', 'b'), [0, 1, 2, 4, 5, 6]);
    assert.deepEqual(found(tree), [1]);
    assert.deepEqual(found(tree, 'b'), [1, 3]);
  });

  test('finds nothing where nothing was filed', () => {
    assert.deepEqual(found(treeOf()), []);
    assert.deepEqual(found(treeOf('/a'), 'a', 'b'), []);
  });

  test('keeps values of one pattern in their order', () => {
    assert.deepEqual(found(treeOf('/a', '/a', '/a'), 'a'), [0, 1, 2]);
  });

  test('holds a value under several patterns', () => {
    const tree = treeOf(['/a', '/b', '/a'], '/a');
    assert.deepEqual(found(tree, 'a'), [0, 1]);
    assert.deepEqual(found(tree, 'b'), [0]);
  });

  test('takes names of an object for what they are: segments', () => {
    const tree = treeOf('/__proto__', '/constructor');
    assert.deepEqual(found(tree, '__proto__'), [0]);
    assert.deepEqual(found(tree, 'toString'), []);
  });

  test('never takes a star in a request for one in a pattern', () => {
    const tree = treeOf('/a/b', '/a/*');
    assert.deepEqual(found(tree, 'a', '*'), [1]);
    assert.deepEqual(found(tree, '**'), []);
  });
});

/** The same said piece by piece, with every way tried. */
function naive(pieces: readonly PatternPiece[], segments: readonly string[]): boolean {
  const [piece, ...others] = pieces;
  if (piece === undefined) return segments.length === 0;
  if (piece.kind === 'rest') return segments.some((_, i) => naive(others, segments.slice(i))) || naive(others, []);
  const [segment, ...left] = segments;
  if (segment === undefined) return false;
  if (piece.kind === 'literal' && piece.text !== segment) return false;
  if (piece.kind === 'glob') {
    const expression = new RegExp(`^${piece.parts.join('.*')}$`);
    if (!expression.test(segment)) return false;
  }
  return naive(others, left);
}

const pieceText = fc.constantFrom('a', 'b', 'ab', 'a', 'b', 'a*', '*b', 'a*b', '*a*', '*', '**');
const pattern = fc.array(pieceText, { maxLength: 5 }).map((pieces) => `/${pieces.join('/')}`);
const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', '*', '**'), { maxLength: 6 });

test('a path tree finds what a list of patterns tried one by one does, in its order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(pattern, { minLength: 1, maxLength: 2 }), { maxLength: 12 }),
      path,
      (entries, segments) => {
        const expected = entries.flatMap((patterns, order) =>
          patterns.some((text) => naive(patternOf(text), segments)) ? [order] : [],
        );
        assert.deepEqual(found(treeOf(...entries), ...segments), expected);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a look-up changes nothing: the next one finds the same', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), path, path, (patterns, first, second) => {
      const tree = treeOf(...patterns);
      const before = found(tree, ...first);
      found(tree, ...second);
      assert.deepEqual(found(tree, ...first), before);
    }),
  );
});

/** How many steps a look-up takes: nodes visited (each asks its map once) and globs tried. */
function steps(t: TestContext, tree: PathTree<Filed>, path: readonly string[]): number {
  const spies = [t.mock.method(Map.prototype, 'get'), t.mock.method(String.prototype, 'startsWith')];
  tree.find(path);
  const counts = spies.map((spy) => spy.mock.callCount());
  for (const spy of spies) spy.mock.restore();
  return counts.reduce((sum, count) => sum + count, 0);
}

const SHAPES: readonly ((i: number) => string)[] = [
  (i) => `/app${i}/**`,
  (i) => `/shared/page${i}`,
  (i) => `/shared/*/item${i}`,
  (i) => `/shared/**/deep${i}`,
  (i) => `/**/anywhere${i}`,
  (i) => `/shared/folder${i}/report-*.pdf`,
];

test('the work of a look-up does not grow with the number of rules', (t) => {
  const rules = (count: number): PathTree<Filed> =>
    treeOf(...Array.from({ length: count }, (_, i) => SHAPES[i % SHAPES.length]?.(i) ?? '/'), '/**');
  const [few, many] = [rules(12), rules(10_000)];
  for (const path of [
    [],
    ['app0'],
    ['shared', 'page1'],
    ['shared', 'x', 'item2'],
    ['shared', 'x', 'y', 'deep3'],
    ['a', 'b', 'c', 'anywhere4'],
    ['shared', 'folder5', 'report-7.pdf'],
    ['none', 'of', 'them'],
  ]) {
    assert.equal(steps(t, many, path), steps(t, few, path), path.join('/'));
  }
  assert.ok(steps(t, few, ['shared', 'x', 'y', 'deep3']) > 0);
});

test('the work of a look-up grows with the segments of the path and no faster, whatever stars lie on its way', (t) => {
  const tree = treeOf('/**/a/**/a/**/a/**/b', '/**/*/**/*/**/c', '/a/**/a*/**/d');
  const work = (length: number): number =>
    steps(
      t,
      tree,
      Array.from({ length }, () => 'a'),
    );
  const perSegment = (work(80) - work(40)) / 40;
  assert.equal((work(160) - work(80)) / 80, perSegment);
});
