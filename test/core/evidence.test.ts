import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EvidenceMap, markOf, type Predicate, provenLevels, standingOf } from '../../src/core/evidence.ts';
import type { Level } from '../../src/core/ladder.ts';
import { MAX_PROOFS, type Proof, samePerson, withProof } from '../../src/core/session.ts';
import { ANA, EVIDENCE, MFA, NOW, PASSKEY, PASSWORD, proofOf } from './people.ts';

/** On a chain at most one level is proven. */
function provenLevel(map: EvidenceMap, proof: Proof): Level | null {
  const levels = provenLevels(map, proof);
  assert.ok(levels.length <= 1);
  return levels[0] ?? null;
}

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

describe('what a mark asks for', () => {
  const proof = proofOf('2', 0, {
    amr: ['pwd', 'otp'],
    facts: [
      ['acrs', 'c1'],
      ['loa', 2],
    ],
  });
  const levelOf = (predicate: Partial<Predicate>, of: Proof = proof) =>
    provenLevel({ marks: [markOf(MFA, predicate)], unmarked: null }, of);

  const held: readonly Partial<Predicate>[] = [
    { acr: ['1', '2'] },
    { acrs: ['c3', 'c1'] },
    { amrAll: ['otp', 'pwd'] },
    { amrAny: ['hwk', 'otp'] },
    { claims: [['loa', 2]] },
    { acr: ['2'], acrs: ['c1'], amrAll: ['otp'], amrAny: ['pwd'], claims: [['loa', 2]] },
  ];
  for (const predicate of held) {
    test(`${JSON.stringify(predicate)} holds`, () => assert.equal(levelOf(predicate), MFA));
  }

  const missed: readonly Partial<Predicate>[] = [
    {},
    { acr: ['22'] },
    { acr: ['2'], acrs: ['c2'] },
    { acrs: ['C1'] },
    { acr: ['2'], amrAll: ['otp', 'hwk'] },
    { amrAny: ['ot', 'otp '] },
    { claims: [['loa', '2']] },
    { claims: [['loa', true]] },
    { claims: [['LOA', 2]] },
    {
      acr: ['2'],
      claims: [
        ['loa', 2],
        ['up', true],
      ],
    },
  ];
  for (const predicate of missed) {
    test(`${JSON.stringify(predicate)} does not hold`, () => assert.equal(levelOf(predicate), null));
  }

  test('is not met by a proof that says nothing of it', () => {
    const bare = proofOf(null, 0);
    for (const predicate of held) assert.equal(levelOf(predicate, bare), null);
  });

  test('does not make an acr of no confidence worth anything', () => {
    assert.equal(levelOf({ amrAll: ['otp'] }, { ...proof, acr: '0' }), null);
  });

  test('is met by the strongest level for which all of it holds', () => {
    const marks = [
      markOf(PASSKEY, { acr: ['2'], amrAny: ['hwk'] }),
      markOf(MFA, { acr: ['2'] }),
      markOf(PASSWORD, { amrAny: ['pwd'] }),
    ];
    assert.equal(provenLevel({ marks, unmarked: null }, proof), MFA);
    assert.equal(provenLevel({ marks, unmarked: null }, { ...proof, amr: ['hwk'] }), PASSKEY);
    assert.equal(provenLevel({ marks, unmarked: null }, { ...proof, acr: '3' }), PASSWORD);
  });

  test('is kept apart in a session: equal proofs with other facts are two', () => {
    const other = { ...proof, facts: [] };
    assert.equal(withProof([proof], other).length, 2);
    assert.equal(withProof([proof, other], { ...proof }).length, 2);
  });
});
