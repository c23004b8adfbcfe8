import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RETURN_URL_LIMIT, shortenReturn } from '../../src/sessions/return-limit.ts';

const long = 'x'.repeat(RETURN_URL_LIMIT);

test('a return URL keeps what fits: all of it, the path alone, or the front page', () => {
  const table: readonly (readonly [given: string, returnTo: string, shortened: boolean])[] = [
    ['/', '/', false],
    ['/runs/7?view=all', '/runs/7?view=all', false],
    [`/${long.slice(1)}`, `/${long.slice(1)}`, false],
    [`/runs?${long}`, '/runs', true],
    [`/${long.slice(1)}?a`, `/${long.slice(1)}`, true],
    [`/${long}`, '/', true],
    [`/${long}?a=1`, '/', true],
  ];
  for (const [given, returnTo, shortened] of table) assert.deepEqual(shortenReturn(given), { returnTo, shortened });
});

test('a return URL that leads elsewhere becomes the front page', () => {
  for (const given of [
    '//evil.example',
    'https://evil.example',
    '/\\evil',
    '/.stepgate/step-up?t=x',
    '',
    '/ä',
    '/a b',
  ]) {
    assert.deepEqual(shortenReturn(given), { returnTo: '/', shortened: true }, given);
  }
  assert.equal(shortenReturn(`/${'/evil.example'}?${long}`).returnTo, '/');
});

test('what was shortened is not shortened again, and never exceeds the limit', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\/[a-z/?=.]{0,1200}$/), (given) => {
      const { returnTo } = shortenReturn(given);
      assert.ok(returnTo.length <= RETURN_URL_LIMIT);
      assert.deepEqual(shortenReturn(returnTo), { returnTo, shortened: false });
    }),
  );
});
