import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countingLevels, type Demand, demandOn, unmet } from '../../src/core/demand.ts';
import { type EvidenceMap, markOf, provenLevels, standingOf } from '../../src/core/evidence.ts';
import { identityFacts } from '../../src/core/identity-facts.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { Proof } from '../../src/core/session.ts';
import { ANA, HOUR, MINUTE, NOW, proofOf } from './people.ts';

/** password at the root; mfa and passkey on one branch; card on another; vault above both. */
const TREE = buildLadder([
  { name: 'password', validity: 8 * HOUR },
  { name: 'mfa', validity: HOUR, above: ['password'] },
  { name: 'passkey', validity: 15 * MINUTE, above: ['mfa'] },
  { name: 'card', validity: HOUR, above: ['password'] },
  { name: 'vault', validity: 15 * MINUTE, above: ['passkey', 'card'] },
]);

function level(name: string): Level {
  const found = TREE.named.get(name);
  assert.ok(found);
  return found;
}

const MAP: EvidenceMap = {
  marks: [
    markOf(level('vault'), { acr: ['vault'] }),
    markOf(level('card'), { amrAny: ['sc'] }),
    markOf(level('passkey'), { acr: ['passkey'] }),
    markOf(level('mfa'), { acr: ['mfa'] }),
    markOf(level('password'), { acr: ['password'] }),
  ],
  unmarked: null,
};

const names = (levels: readonly Level[]): string => levels.map(({ name }) => name).join(' ');

describe('a proof in a tree', () => {
  const table: readonly (readonly [acr: string | null, amr: readonly string[] | null, proven: string])[] = [
    ['vault', ['sc'], 'vault'],
    ['passkey', ['sc'], 'card passkey'],
    ['mfa', ['sc'], 'card mfa'],
    ['password', ['sc'], 'card'],
    [null, ['sc'], 'card'],
    ['passkey', null, 'passkey'],
    ['password', null, 'password'],
    ['gold', null, ''],
    ['0', ['sc'], ''],
  ];
  for (const [acr, amr, proven] of table) {
    test(`of acr ${acr} and amr ${amr} proves ${proven || 'nothing'}: the strongest of each branch`, () => {
      assert.equal(names(provenLevels(MAP, proofOf(acr, 0, { amr }))), proven);
    });
  }

  test('that no mark holds for is worth what an unmarked one is, once', () => {
    assert.equal(names(provenLevels({ ...MAP, unmarked: level('mfa') }, proofOf('gold', 0))), 'mfa');
    assert.equal(names(provenLevels({ ...MAP, unmarked: level('mfa') }, proofOf('password', 0))), 'password');
  });

  test('meets what either of its branches asks, and nothing above where they part', () => {
    const standing = standingOf({ ...ANA, proofs: [proofOf('mfa', 60, { amr: ['sc'] })] }, MAP);
    const meets = (name: string) =>
      unmet(demandOn(TREE, { level: level(name), source: 'app' }), standing, NOW) === null;
    assert.deepEqual(
      TREE.levels.filter(({ name }) => meets(name)).map(({ name }) => name),
      ['password', 'mfa', 'card'],
    );
  });
});

describe('the level that an upstream is told in a tree', () => {
  const told = (proofs: readonly Proof[], demanded: string | null) => {
    const standing = standingOf({ ...ANA, proofs }, MAP);
    const counting = countingLevels(standing, TREE.levels, NOW);
    const demand = demanded === null ? null : level(demanded);
    const app = { forwardsGroup: () => true, groupsByPattern: false };
    return identityFacts(standing, TREE.levels, counting, demand, app, NOW);
  };
  const both = [proofOf('passkey', 60), proofOf(null, 120, { amr: ['sc'] })];
  const table: readonly (readonly [what: string, proofs: readonly Proof[], demanded: string | null, is: string])[] = [
    ['where its own branch was demanded', both, 'mfa', 'passkey'],
    ['where the other branch was', both, 'card', 'card'],
    ['where the root of both was', both, 'password', 'card'],
    ['where nothing was', both, null, 'card'],
    ['where what was demanded at most is more than there is', [proofOf('mfa', 60)], 'card', 'mfa'],
    ['where the passkey no longer counts as one', [proofOf('passkey', 1_000), ...both.slice(1)], 'mfa', 'mfa'],
  ];
  for (const [what, proofs, demanded, is] of table) {
    test(`is ${is} ${what}`, () => {
      const facts = told(proofs, demanded);
      assert.equal(facts.level, is);
      assert.ok(facts.levels.includes(is));
    });
  }

  test('has the time and evidence of its own proof', () => {
    assert.deepEqual([told(both, 'mfa').acr, told(both, 'mfa').at], ['passkey', NOW - 60]);
    assert.deepEqual([told(both, 'card').amr, told(both, 'card').at], [['sc'], NOW - 120]);
    assert.deepEqual(told(both, 'card').levels, ['password', 'mfa', 'passkey', 'card']);
  });
});

test('of two demands on two branches each is met by itself, by two proofs or by one that says both', () => {
  const demands: readonly Demand[] = ['mfa', 'card'].map((name) =>
    demandOn(TREE, { level: level(name), source: 'app' }),
  );
  const missing = (...proofs: readonly Proof[]) =>
    demands.map((demand) => unmet(demand, standingOf({ ...ANA, proofs }, MAP), NOW));
  const [mfa, card] = [proofOf('mfa', 60), proofOf(null, 60, { amr: ['sc'] })];
  assert.deepEqual(missing(mfa), [null, 'insufficient_level']);
  assert.deepEqual(missing(card), ['insufficient_level', null]);
  assert.deepEqual(missing(mfa, card), [null, null]);
  assert.deepEqual(missing(proofOf('mfa', 60, { amr: ['sc'] })), [null, null]);
});
