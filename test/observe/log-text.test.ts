import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { jsonText, logPath, MAX_LOGGED, tidy, timeText } from '../../src/observe/log-text.ts';
import { disturbs, HOSTILE } from './secrets.ts';

it('keeps ordinary text as it is', () => {
  for (const text of ['', 'payroll/approve', 'Zoë Müller', '日本', '👩‍🚀'.replace('\u200d', '')])
    assert.equal(tidy(text), text);
});

it('makes whatever a client sends one harmless line', () => {
  assert.equal(tidy('a\u001b[31mb'), 'a\\u{1b}[31mb');
  assert.equal(disturbs(tidy(HOSTILE)), false);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = jsonText(text);
      assert.equal(disturbs(written), false);
      assert.equal(JSON.parse(written), tidy(text));
    }),
  );
});

it('cuts long text, also through the middle of a character', () => {
  assert.equal(tidy('x'.repeat(10_000)).length, MAX_LOGGED + 1);
  assert.equal(tidy(`${'x'.repeat(MAX_LOGGED - 1)}😀`), `${'x'.repeat(MAX_LOGGED - 1)}\\u{d83d}…`);
  assert.equal(jsonText('x'.repeat(MAX_LOGGED)), `"${'x'.repeat(MAX_LOGGED)}"`);
});

for (const { target, path } of [
  { target: '/hr/people/7', path: '/hr/people/7' },
  { target: '/a%20b', path: '/a%20b' },
  { target: '/callback/corp?code=hunter2&state=x', path: '/callback/corp' },
  { target: '/?hunter2', path: '/' },
  { target: '/a#hunter2', path: '/a' },
  { target: '/a%3Fcode=hunter2', path: '/a' },
  { target: '/a%23access_token=hunter2', path: '/a' },
  { target: '/shop;jsessionid=hunter2/cart;x=1?y', path: '/shop;…/cart;…' },
  { target: '/shop%3Bjsessionid=hunter2/cart', path: '/shop%3B…/cart' },
  { target: 'https://alice:hunter2@payroll.example.com/', path: '-' },
  { target: 'payroll.example.com:443', path: '-' },
  { target: '*', path: '*' },
  { target: '', path: '-' },
]) {
  it(`logs ${JSON.stringify(target)} as ${path}`, () => assert.equal(logPath(target), path));
}

it('tells the time of the clock it was given', () => {
  let now = 1_790_000_000;
  const time = timeText({ now: () => now });
  assert.equal(time(), '2026-09-21T14:13:20.000Z');
  now += 1;
  assert.equal(time(), '2026-09-21T14:13:21.000Z');
});
