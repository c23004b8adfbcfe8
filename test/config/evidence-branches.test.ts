import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { provenLevels } from '../../src/core/evidence.ts';
import type { Proof } from '../../src/core/session.ts';
import { GATEWAY, load, POLICIES } from './fixture.ts';

const CHAIN = POLICIES;
/** A key stands above password, and neither above nor below mfa. */
const TREE = POLICIES.replace(
  'default: {require: password}',
  '  - {name: key, validity: 1h, above: [password]}\ndefault: {require: password}',
);
const BOTH = POLICIES.replace(
  'default: {require: password}',
  '  - {name: key, validity: 1h, above: [mfa]}\ndefault: {require: password}',
);

const withLevels = (mfa: string, key: string, swapped = false): string => {
  const lines = [`      mfa: ${mfa}`, `      key: ${key}`];
  return GATEWAY.replace('      mfa: {acr: "2"}', (swapped ? lines.toReversed() : lines).join('\n'));
};

const problemsOf = (gateway: string, policies: string): readonly string[] => {
  const result = load(gateway, policies);
  return result.ok ? [] : result.problems.map(({ id }) => id);
};

describe('levels of two branches at one provider', () => {
  const table: readonly (readonly [what: string, mfa: string, key: string, inTree: string, inChain: string])[] = [
    ['each by an acr of its own', '{acr: "2"}', '{acr: "3"}', '', ''],
    ['each by methods of its own', '{amr_any: [otp]}', '{amr_any: [hwk]}', '', ''],
    ['an acr they share, told apart by methods', '{acr: "2", amr_any: [otp]}', '{acr: "2", amr_any: [hwk]}', '', ''],
    ['the same acr', '{acr: "2"}', '{acr: "2"}', 'duplicate-acr', 'duplicate-acr'],
    ['one acr of a list', '{acr: ["2", "4"]}', '{acr: ["3", "4"]}', 'duplicate-acr', 'duplicate-acr'],
    ['the same methods', '{amr_any: [hwk]}', '{amr_any: [hwk]}', 'levels-not-told-apart', 'levels-not-told-apart'],
    // On a chain the stronger may ask for more of the same; here nobody who has it would have proven the other.
    ['the later one asks for more', '{acr: "2"}', '{acr: "2", amr_any: [hwk]}', 'duplicate-acr', ''],
    ['the later one asks for more methods', '{amr_all: [otp]}', '{amr_all: [otp, hwk]}', 'levels-not-told-apart', ''],
    ['the earlier one asks for more', '{acr: "2", amr_any: [otp]}', '{acr: "2"}', 'duplicate-acr', 'duplicate-acr'],
  ];
  for (const [what, mfa, key, inTree, inChain] of table) {
    test(`${what}: ${inTree === '' ? 'fine' : inTree}; on a chain ${inChain === '' ? 'fine' : inChain}`, () => {
      for (const swapped of [false, true]) {
        const gateway = withLevels(mfa, key, swapped);
        assert.deepEqual(problemsOf(gateway, TREE), inTree === '' ? [] : [inTree]);
        assert.deepEqual(problemsOf(gateway, BOTH), inChain === '' ? [] : [inChain]);
      }
    });
  }

  test('are both proven by a proof that says both, under the map as it was loaded', () => {
    const result = load(withLevels('{acr: "2"}', '{amr_any: [hwk]}'), TREE);
    assert.ok(result.ok);
    const evidence = result.world.providers.get('corp')?.evidence ?? assert.fail();
    const proof = (acr: string | null, amr: readonly string[] | null): Proof => ({
      at: 0,
      freshAt: 0,
      acr,
      amr,
      facts: [],
    });
    const names = (made: Proof) => provenLevels(evidence, made).map(({ name }) => name);
    assert.deepEqual(names(proof('2', ['hwk'])), ['key', 'mfa']);
    assert.deepEqual(names(proof('2', null)), ['mfa']);
    assert.deepEqual(names(proof(null, ['hwk'])), ['key']);
    assert.deepEqual(names(proof('1', null)), ['password']);
    assert.deepEqual(names(proof('0', ['hwk'])), []);
  });

  test('stay as they are on a chain without the key', () => assert.deepEqual(problemsOf(GATEWAY, CHAIN), []));
});
