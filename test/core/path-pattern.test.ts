import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { globMatches, parsePattern } from '../../src/core/path-pattern.ts';
import { PathTree } from '../../src/core/path-tree.ts';
import { patternOf } from './apps.ts';

/** Whether a pattern matches a path, both as a person writes them. */
function matches(pattern: string, path: string): boolean {
  const tree = new PathTree<{ readonly order: number }>();
  tree.add(patternOf(pattern), { order: 0 });
  return tree.find(path.split('/').filter((segment) => segment !== '')).length > 0;
}

const TABLE: readonly (readonly [pattern: string, paths: readonly string[], others: readonly string[]])[] = [
  ['/', ['/'], ['/a']],
  ['/a', ['/a', '/a/'], ['/', '/A', '/ab', '/a/b', '/b']],
  ['/a/b', ['/a/b', '/a/b/'], ['/a', '/a/b/c', '/b', '/ab']],
  ['/*', ['/a', '/a/'], ['/', '/a/b']],
  ['/a/*', ['/a/b', '/a/*'], ['/a', '/a/', '/a/b/c']],
  ['/a/*/c', ['/a/b/c'], ['/a/c', '/a/b/b/c']],
  ['/**', ['/', '/a', '/a/b/c'], []],
  ['/admin/**', ['/admin', '/admin/', '/admin/a', '/admin/a/b'], ['/', '/administrator', '/x/admin']],
  ['/**/edit', ['/edit', '/a/edit', '/a/b/edit', '/edit/edit'], ['/', '/edit/a', '/aedit']],
  ['/a/**/z', ['/a/z', '/a/b/z', '/a/z/z'], ['/a', '/z', '/a/z/b']],
  ['/a/**/*', ['/a/b', '/a/b/c'], ['/a']],
  ['/**/**', ['/', '/a/b'], []],
  ['/**/a/**', ['/a', '/x/a', '/a/y', '/x/a/y/z'], ['/', '/b', '/x/y']],
  [
    '/reports/report-*.pdf',
    ['/reports/report-.pdf', '/reports/report-7.pdf'],
    ['/reports/report-7.pdf.exe', '/reports/x'],
  ],
  ['/a*a', ['/aa', '/aba'], ['/a', '/ab']],
  ['/*x*y*', ['/xy', '/axbyc', '/yxy'], ['/yx', '/x', '/y']],
  ['/*.*.js', ['/a.b.js', '/..js'], ['/a.js']],
  ['/a b', ['/a b'], ['/a%20b']],
  ['/100%', ['/100%'], ['/100']],
  ['/ä', ['/ä'], ['/a']],
  ['/.well-known/**', ['/.well-known/x'], ['/well-known/x']],
];

describe('a pattern', () => {
  for (const [pattern, paths, others] of TABLE) {
    for (const path of paths) test(`${pattern} matches ${path}`, () => assert.ok(matches(pattern, path)));
    for (const path of others) test(`${pattern} does not match ${path}`, () => assert.ok(!matches(pattern, path)));
  }
});

const REFUSED: readonly (readonly [pattern: string, because: RegExp])[] = [
  ['', /starts with/],
  ['a', /starts with/],
  ['**', /starts with/],
  ['/a?b', /query/],
  ['/a#b', /query/],
  ['/a%20b', /decoded/],
  ['/%2e%2E', /decoded/],
  ['/a\\b', /no request path/],
  ['/a;b', /no request path/],
  ['/a\u0000', /no request path/],
  ['/a\n', /no request path/],
  ['/a/', /write "\/a" for this path or "\/a\/\*\*"/],
  ['//', /write "\/" for/],
  ['//a', /empty segment/],
  ['/a//b', /empty segment/],
  ['/./a', /refused in requests/],
  ['/a/..', /refused in requests/],
  ['/a**', /whole segments/],
  ['/a/**b/c', /whole segments/],
  ['/***', /whole segments/],
];

for (const [pattern, because] of REFUSED) {
  test(`${JSON.stringify(pattern)} is no pattern, in words of ${because}`, () => {
    const parsed = parsePattern(pattern);
    assert.ok('problem' in parsed);
    assert.match(parsed.problem, because);
  });
}

test('a glob agrees with the regular expression that says the same', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 2, maxLength: 4 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 9 }),
      (parts, segment) => {
        const expression = new RegExp(`^${parts.map((part) => part.replaceAll('.', '[.]')).join('.*')}$`);
        assert.equal(globMatches(parts, segment), expression.test(segment));
      },
    ),
    { numRuns: 5000 },
  );
});
