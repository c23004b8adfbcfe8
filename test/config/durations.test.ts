import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/config/durations.ts';
import { isWrong } from '../../src/config/problems.ts';

describe('durations', () => {
  const good: readonly (readonly [string, number])[] = [
    ['90s', 90],
    ['15m', 900],
    ['1h30m', 5400],
    ['7d', 604_800],
    ['1d2h3m4s', 93_784],
    ['0s', 0],
    ['PT2H', 7200],
    ['P1D', 86_400],
    ['P1DT1M', 86_460],
    ['PT90S', 90],
  ];
  for (const [text, seconds] of good) {
    it(`reads ${text}`, () => assert.equal(parseDuration(text), seconds));
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ['90', /unit/],
    ['', /90s/],
    ['P', /90s/],
    ['PT', /90s/],
    ['P1DT', /90s/],
    ['1mo', /no fixed length/],
    ['3 months', /no fixed length/],
    ['1y', /no fixed length/],
    ['P1Y', /no fixed length/],
    ['P1M', /no fixed length/],
    ['1w', /7d/],
    ['P1W', /7d/],
    ['1.5h', /whole numbers/],
    ['30m1h', /larger unit first/],
    ['1h1h', /larger unit first/],
    ['1h 30m', /without spaces/],
    ['-5m', /90s/],
    ['5M', /no fixed length/],
    ['5 m', /without spaces/],
    ['forever', /90s/],
  ];
  for (const [text, hint] of bad) {
    it(`refuses "${text}" and says how to write it`, () => {
      const result = parseDuration(text);
      assert.ok(isWrong(result));
      assert.equal(result.wrong, 'bad-duration');
      assert.match(result.hint ?? '', hint);
    });
  }

  it('refuses what is longer than a hundred years, however it is written', () => {
    for (const text of ['40000d', '9999999999999999999h', 'PT99999999999S']) assert.ok(isWrong(parseDuration(text)));
  });

  it('reads back every duration it writes', () => {
    const most = 36_500 * 86_400;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: most }), (seconds) => {
        assert.equal(parseDuration(formatDuration(seconds)), seconds);
      }),
    );
  });

  it('never takes a text for another duration than its parts add up to', () => {
    const part = (unit: string) =>
      fc.option(
        fc.integer({ min: 0, max: 999 }).map((n) => ({ n, unit })),
        { nil: null },
      );
    fc.assert(
      fc.property(part('d'), part('h'), part('m'), part('s'), (...parts) => {
        const written = parts.filter((one) => one !== null);
        fc.pre(written.length > 0);
        const text = written.map(({ n, unit }) => `${n}${unit}`).join('');
        const size: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };
        const sum = written.reduce((total, { n, unit }) => total + n * (size[unit] ?? Number.NaN), 0);
        assert.equal(parseDuration(text), sum);
      }),
    );
  });
});
