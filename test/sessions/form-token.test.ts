import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORM_TOKEN_LIFE, isFormToken, sealFormToken } from '../../src/sessions/form-token.ts';
import { flipBit, NOW, newSealer, PAYROLL, TRAVEL } from './fixtures.ts';

const sealer = newSealer();
const token = sealFormToken(sealer, PAYROLL, 'family-of-alice', NOW);
const holds = (
  sealed: string,
  family: string | null = 'family-of-alice',
  now = NOW,
  host: typeof PAYROLL | typeof TRAVEL = PAYROLL,
) => isFormToken(sealer, host, sealed, family, now);

test('a form token holds for its session and host, for ten minutes', () => {
  assert.ok(holds(token));
  assert.ok(holds(token, 'family-of-alice', NOW + FORM_TOKEN_LIFE - 1));
  assert.ok(!holds(token, 'family-of-alice', NOW + FORM_TOKEN_LIFE));
  assert.ok(holds(token, 'family-of-alice', NOW - 60));
  assert.ok(!holds(token, 'family-of-alice', NOW - 61));
});

test('a form token of another session, of nobody or of another host does not hold', () => {
  assert.ok(!holds(token, 'family-of-mallory'));
  assert.ok(!holds(token, null));
  assert.ok(!holds(token, 'family-of-alice', NOW, TRAVEL));
  const nobody = sealFormToken(sealer, PAYROLL, null, NOW);
  assert.ok(holds(nobody, null));
  assert.ok(!holds(nobody));
  assert.ok(!holds(nobody, 'null'));
});

test('a form token that is altered or made up does not hold', () => {
  for (let bit = 0; bit < Buffer.from(token, 'base64url').length * 8; bit++) assert.ok(!holds(flipBit(token, bit)));
  for (const odd of ['', 'x', `${token}=`]) assert.ok(!holds(odd));
  for (const odd of ['[1,"family-of-alice"]', '[1,"family-of-alice","x"]', '[2,"family-of-alice",9e9]', '{}', '']) {
    assert.ok(!holds(sealer.seal('form token', PAYROLL.origin, odd)), odd);
  }
});
