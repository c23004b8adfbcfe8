import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  openStepUpToken,
  STEP_UP_TOKEN_LIFE,
  STEP_UP_TOKEN_LIMIT,
  sealStepUpToken,
} from '../../src/sessions/step-up-token.ts';
import { flipBit, NOW, newSealer, PAYROLL, TRAVEL, tripDemand } from './fixtures.ts';

const sealer = newSealer();
const content = {
  demands: [tripDemand({ level: 'password', maxAge: null, source: 'default' }), tripDemand()],
  app: 'payroll',
  family: 'family-of-alice',
  returnTo: '/runs/7?view=all',
};
const seal = (given: Partial<typeof content> | { family: null } = {}) =>
  sealStepUpToken(sealer, PAYROLL, { ...content, ...given }, NOW);
const open = (sealed: string, now = NOW) => openStepUpToken(sealer, PAYROLL, sealed, now);

test('a step-up token says what it was sealed with, for ten minutes', () => {
  const expires = NOW + STEP_UP_TOKEN_LIFE;
  assert.deepEqual(open(seal()), { ...content, expires });
  assert.deepEqual(open(seal({ family: null })), { ...content, family: null, expires });
  assert.notEqual(open(seal(), expires - 1), null);
  assert.equal(open(seal(), expires), null);
});

test('a clock that was set back does not make a step-up token live longer', () => {
  assert.notEqual(open(seal(), NOW - 60), null);
  assert.equal(open(seal(), NOW - 61), null);
});

test('T037 a step-up token that is altered, or of another host, is none', () => {
  const sealed = seal();
  for (let bit = 0; bit < Buffer.from(sealed, 'base64url').length * 8; bit++) {
    assert.equal(open(flipBit(sealed, bit)), null);
  }
  assert.equal(openStepUpToken(sealer, TRAVEL, sealed, NOW), null);
  assert.equal(openStepUpToken(newSealer(), PAYROLL, sealed, NOW), null);
  for (const odd of ['', 'x', `${sealed}=`, sealed.slice(1)]) assert.equal(open(odd), null);
});

test('what was sealed for something else is no step-up token', () => {
  const fields = [2, [], 'payroll', null, '/', NOW + 60];
  assert.notEqual(open(sealer.seal('step-up token', PAYROLL.origin, JSON.stringify(fields))), null);
  assert.equal(open(sealer.seal('form token', PAYROLL.origin, JSON.stringify(fields))), null);
  for (const [place, value] of [
    [0, 1],
    [1, null],
    [2, null],
    [3, 1],
    [4, null],
    [5, null],
  ] as const) {
    const odd = JSON.stringify(fields.with(place, value));
    assert.equal(open(sealer.seal('step-up token', PAYROLL.origin, odd)), null, odd);
  }
});

test('a step-up token of many demands stays short, with the hardest of them', () => {
  for (const [count, long] of [
    [16, 8],
    [32, 20],
    [32, 64],
    [400, 8],
  ] as const) {
    const demands = Array.from({ length: count }, (_, n) =>
      tripDemand({ level: `${n}`.padEnd(long, 'l'), source: `app/${n}`.padEnd(long, 's') }),
    );
    const sealed = seal({ demands });
    assert.ok(sealed.length <= STEP_UP_TOKEN_LIMIT, `${count} of ${long}: ${sealed.length}`);
    const kept = open(sealed)?.demands.map(({ level }) => level) ?? [];
    assert.deepEqual(
      kept,
      demands.slice(0, kept.length).map(({ level }) => level),
    );
    assert.ok(kept.length >= 12, `${count} of ${long}: ${kept.length}`);
  }
});

test('a step-up token leads nowhere else, and stays short enough for a URL', () => {
  assert.equal(open(seal({ returnTo: '//evil.example' }))?.returnTo, '/');
  const long = seal({ returnTo: `/runs?${'q'.repeat(4000)}` });
  assert.equal(open(long)?.returnTo, '/runs');
  assert.ok(seal({ returnTo: `/${'p'.repeat(499)}` }).length < 1100);
  const unsafe = JSON.stringify([2, [], 'payroll', null, '//evil.example', NOW + 60]);
  assert.equal(open(sealer.seal('step-up token', PAYROLL.origin, unsafe))?.returnTo, '/');
});
