import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OWN_SEGMENT, returnPath } from '../../src/core/return-url.ts';

const KEPT = [
  '/',
  '/a',
  '/a/b/?c=d&e=%2F%2Fevil.example',
  '/a%20b',
  '/a?next=https://evil.example',
  '/x/.stepgate/y',
  '/.well-known/x',
  '/.stepgates',
  '/@evil.example',
  '/:80',
  '/a//b',
];

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'is no path': ['', 'a', '?a', '#a', '*', 'https://evil.example/', 'javascript:alert(1)', ' /a'],
  'is another origin to a browser': [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\\..\\b',
    '/a?b\\c',
  ],
  'has what no address has': ['/a b', '/a\r\nSet-Cookie: x', '/a\u0000', '/ä', '/a#b', '/a?b#c', '/a\n'],
  'is read in two ways': ['/./a', '/a/../b', '/%2e%2e/a', '/%252e', '/a%00', '/%ff'],
  'is one of our own routes': [
    `/${OWN_SEGMENT}`,
    `/${OWN_SEGMENT}/`,
    `/${OWN_SEGMENT}/sign-out`,
    `/${OWN_SEGMENT}?x`,
    '/.STEPGATE/sign-out',
  ],
  'is one of our own routes in disguise': [
    '/%2estepgate/sign-out',
    '/.%73tepgate/sign-out',
    '/x/../.stepgate/sign-out',
    '/./.stepgate/sign-out',
    '/.stepgate%2Fsign-out',
    '/.stepgate;a/sign-out',
  ],
};

describe('a person is sent back to', () => {
  for (const path of KEPT) test(path, () => assert.equal(returnPath(path), path));
});

for (const [reason, paths] of Object.entries(REFUSED)) {
  describe(`a person is not sent back to what ${reason}`, () => {
    for (const path of paths) test(JSON.stringify(path), () => assert.equal(returnPath(path), null));
  });
}

test('whatever is kept stays on its origin and away from our routes, as a browser reads it', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    'a',
    '.stepgate',
    '%2e',
    '%2F',
    ';',
    '?',
    '#',
    ':',
    '@',
    '\t',
    '%',
  );
  const path = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
    fc.webUrl({ withQueryParameters: true }),
    fc.string(),
  );
  fc.assert(
    fc.property(path, (value) => {
      const kept = returnPath(value);
      if (kept === null) return;
      const url = new URL(kept, 'https://payroll.example.com');
      assert.equal(url.origin, 'https://payroll.example.com');
      assert.ok(!decodeURIComponent(url.pathname).toLowerCase().startsWith(`/${OWN_SEGMENT}/`));
      assert.equal(kept, value);
    }),
    { numRuns: 2000 },
  );
});
