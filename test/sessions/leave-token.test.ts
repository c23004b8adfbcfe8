import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEAVE_TOKEN_LIFE, openLeaveToken, sealLeaveToken } from '../../src/sessions/leave-token.ts';
import { flipBit, NOW, newSealer, PAYROLL, TRAVEL } from './fixtures.ts';

const sealer = newSealer();
const ALICE = {
  provider: 'corp',
  subject: 'alice',
  loginHint: 'alice@example.com',
  providerSession: '["alice",null,null,null,"s-1"]',
  browser: 'b-1',
};
const token = sealLeaveToken(sealer, PAYROLL, ALICE, NOW);

test('a leave token says who left, on its host, for a minute', () => {
  assert.deepEqual(openLeaveToken(sealer, PAYROLL, token, NOW), ALICE);
  assert.deepEqual(openLeaveToken(sealer, PAYROLL, token, NOW + LEAVE_TOKEN_LIFE - 1), ALICE);
  assert.equal(openLeaveToken(sealer, PAYROLL, token, NOW + LEAVE_TOKEN_LIFE), null);
  assert.equal(openLeaveToken(sealer, PAYROLL, token, NOW - 61), null);
  assert.equal(openLeaveToken(sealer, TRAVEL, token, NOW), null);
  const unknown = { ...ALICE, loginHint: null, providerSession: null, browser: null };
  assert.deepEqual(openLeaveToken(sealer, PAYROLL, sealLeaveToken(sealer, PAYROLL, unknown, NOW), NOW), unknown);
});

test('a leave token that is altered, of another purpose or of odd fields says nothing', () => {
  assert.equal(openLeaveToken(sealer, PAYROLL, flipBit(token, 40), NOW), null);
  const other = sealer.seal(
    'form token',
    PAYROLL.origin,
    JSON.stringify([2, 'corp', 'alice', null, null, null, NOW + 60]),
  );
  assert.equal(openLeaveToken(sealer, PAYROLL, other, NOW), null);
  for (const fields of [
    [2, 'corp', 'alice', null, null, null],
    [1, 'corp', 'alice', null, null, NOW + 60],
    [1, 'corp', 'alice', null, null, null, NOW + 60],
    [2, null, 'alice', null, null, null, NOW + 60],
    [2, 'corp', 7, null, null, null, NOW + 60],
    [2, 'corp', 'alice', 7, null, null, NOW + 60],
    [2, 'corp', 'alice', null, ['s-1'], null, NOW + 60],
    [2, 'corp', 'alice', null, null, false, NOW + 60],
    [2, 'corp', 'alice', null, null, null, 'soon'],
  ]) {
    const odd = sealer.seal('leave token', PAYROLL.origin, JSON.stringify(fields));
    assert.equal(openLeaveToken(sealer, PAYROLL, odd, NOW), null, JSON.stringify(fields));
  }
});
