import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markOf, provenLevel, standingOf } from '../../src/core/evidence.ts';
import { MAX_PROOFS, type Proof, samePerson, withProof } from '../../src/core/session.ts';
import { ANA, EVIDENCE, MFA, NOW, PASSKEY, PASSWORD, proofOf } from './people.ts';

test('an acr proves the level it is mapped to', () => {
  assert.equal(provenLevel(EVIDENCE, proofOf('2', 0)), MFA);
  assert.equal(provenLevel(EVIDENCE, proofOf('3', 0)), PASSKEY);
});

test('T007 an unknown or missing acr proves nothing, unless unmarked sign-ins are worth something', () => {
  for (const acr of ['gold', '', ' 2', '2 ', null]) {
    assert.equal(provenLevel(EVIDENCE, proofOf(acr, 0)), null);
    assert.equal(provenLevel({ ...EVIDENCE, unmarked: PASSWORD }, proofOf(acr, 0)), PASSWORD);
  }
});

test('an acr is compared with regard to case', () => {
  const map = { marks: [markOf(MFA, { acr: ['Silver'] })], unmarked: null };
  assert.equal(provenLevel(map, proofOf('silver', 0)), null);
});

test('T006 an acr of "0" proves nothing, not even what an unmarked sign-in does', () => {
  const map = { marks: [markOf(MFA, { acr: ['0'] })], unmarked: PASSWORD };
  assert.equal(provenLevel(map, proofOf('0', 0)), null);
});

test('an acr of two levels proves the stronger, which comes first', () => {
  const marks = [markOf(PASSKEY, { acr: ['x'] }), markOf(MFA, { acr: ['x'] })];
  assert.equal(provenLevel({ marks, unmarked: null }, proofOf('x', 0)), PASSKEY);
});

test('proofs of nothing do not stand', () => {
  const proofs = [proofOf('gold', 5), proofOf('2', 10)];
  const standing = standingOf({ ...ANA, proofs }, EVIDENCE);
  assert.deepEqual(standing.proofs, [{ proof: proofs[1], level: MFA }]);
  assert.equal(standing.session.proofs, proofs);
});

const ages = (proofs: readonly Proof[]): readonly (readonly [string | null, number])[] =>
  proofs.map(({ acr, at }) => [acr, NOW - at]);

test('of proofs with equal evidence only the newest stays, newest last', () => {
  const proofs = [proofOf('1', 100), proofOf('2', 50)];
  assert.deepEqual(ages(withProof(proofs, proofOf('1', 0))), [
    ['2', 50],
    ['1', 0],
  ]);
});

test('an answer with an older time does not make a session forget the newer one', () => {
  assert.deepEqual(ages(withProof([proofOf('2', 10)], proofOf('2', 500))), [['2', 10]]);
});

test('a weaker proof leaves the stronger one where it is', () => {
  assert.deepEqual(ages(withProof([proofOf('3', 100)], proofOf('1', 0))), [
    ['3', 100],
    ['1', 0],
  ]);
});

test('a proof without a time of authentication never takes the place of one with it', () => {
  const timed = proofOf('2', 100);
  const untimed = proofOf('2', 0, { freshAt: null });
  assert.deepEqual(withProof([timed], untimed), [timed, untimed]);
});

test('different amr is different evidence, its absence and an empty list are the same', () => {
  const bare = proofOf('2', 30);
  const sms = proofOf('2', 20, { amr: ['sms'] });
  assert.deepEqual(withProof([bare], sms), [bare, sms]);
  assert.equal(withProof([bare], proofOf('2', 0, { amr: [] })).length, 1);
});

test('a session keeps eight proofs, the oldest goes', () => {
  const proofs = Array.from({ length: MAX_PROOFS }, (_, i) => proofOf(`acr-${i}`, 100 - i));
  const kept = withProof(proofs, proofOf('acr-new', 0));
  assert.equal(kept.length, MAX_PROOFS);
  assert.deepEqual(kept.slice(0, -1), proofs.slice(1));
  assert.equal(kept.at(-1)?.acr, 'acr-new');
});

test('adding a proof changes nothing of the list it is added to', () => {
  const proofs = Object.freeze([proofOf('1', 10), proofOf('2', 100)]);
  withProof(proofs, proofOf('3', 50));
  assert.deepEqual(ages(proofs), [
    ['1', 10],
    ['2', 100],
  ]);
});

test('T028 T030 two identities are one person if issuer and subject are, whatever else they share', () => {
  const { issuer, subject } = ANA;
  assert.ok(samePerson(ANA, { issuer, subject }));
  assert.ok(!samePerson(ANA, { ...ANA, issuer: `${issuer}/` }));
  assert.ok(!samePerson(ANA, { ...ANA, subject: 'ANA' }));
});
