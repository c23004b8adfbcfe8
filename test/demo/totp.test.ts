import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTotpCode, totpCode } from '../../src/demo/totp.ts';

const SECRET = Buffer.from('12345678901234567890');

describe('time-based codes', () => {
  // RFC 6238 appendix B, SHA-1, the last six of eight digits.
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ] as const) {
    it(`are ${code} at ${seconds} seconds`, () => {
      assert.equal(totpCode(SECRET, seconds * 1000), code);
    });
  }

  it('are accepted half a minute early and late, with spaces, and not beyond', () => {
    assert.ok(isTotpCode(SECRET, '287 082', 59_000));
    assert.ok(isTotpCode(SECRET, '287082', 89_000));
    assert.ok(isTotpCode(SECRET, '287082', 0));
    assert.ok(!isTotpCode(SECRET, '287082', 120_000));
  });

  it('are six digits and nothing else', () => {
    for (const given of ['', '28708', '2870822', '28708a', '２８７０８２'])
      assert.ok(!isTotpCode(SECRET, given, 59_000));
  });
});
