import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Decision, decide, firstMissing } from '../../src/core/decide.ts';
import type { Standing } from '../../src/core/evidence.ts';
import type { AppPolicy, Effect } from '../../src/core/policy.ts';
import { appWith, DENY, PUBLIC, questionOf, requiring, ruleWith, treeOf } from './apps.ts';
import { demandOf, HOUR, MFA, MINUTE, NOW, PASSKEY, PASSWORD, standingWith } from './people.ts';

/** The path of each reading is a rule of its own, or (null) one that no rule is about. */
const asked = (
  app: Partial<AppPolicy>,
  effects: readonly (Effect | null)[],
  standing: Standing | null,
  now = NOW,
): Decision => {
  const rules = effects.flatMap((effect, i) =>
    effect === null ? [] : [[`/r${i}`, ruleWith(effect, `payroll/r${i}`, i)] as const],
  );
  const readings = effects.map((effect, i) => (effect === null ? '/none' : `/r${i}`));
  return decide(appWith({ ...app, rules: treeOf(...rules) }), questionOf(standing, readings, { now }));
};
const OWN: Partial<AppPolicy> = { require: demandOf(PASSWORD, null, 'payroll') };

/** The decision in a few words, as a row of the table says it. */
function inWords(decision: Decision): string {
  if (decision.kind === 'allow') return decision.standing === null ? 'allow anonymous' : 'allow';
  if (decision.kind === 'deny') return `deny ${decision.why} by ${decision.by}`;
  return `challenge ${decision.missing.level.name} ${decision.why}`;
}

const fresh = standingWith({ passkey: 1 });
const MFA_AND_FRESH_PASSKEY = [demandOf(MFA), demandOf(PASSKEY, 300)];

const TABLE: readonly (readonly [
  when: string,
  effects: readonly (Effect | null)[],
  standing: Standing | null,
  then: string,
])[] = [
  ['public, nobody signed in', [PUBLIC], null, 'allow anonymous'],
  ['public, somebody signed in: they are not told of', [PUBLIC], fresh, 'allow anonymous'],
  ['closed, the strongest of sessions', [DENY], fresh, 'deny forbidden by payroll/r0'],
  ['closed, nobody signed in', [DENY], null, 'deny forbidden by payroll/r0'],
  ['no rule, the app requires a password, nobody signed in', [null], null, 'challenge password no_session'],
  ['no rule, the app requires a password, met', [null], standingWith({ password: 1 }), 'allow'],
  ['mfa, nobody signed in', [requiring(demandOf(MFA))], null, 'challenge mfa no_session'],
  ['mfa, a password', [requiring(demandOf(MFA))], standingWith({ password: 1 }), 'challenge mfa insufficient_level'],
  ['mfa, an old mfa', [requiring(demandOf(MFA))], standingWith({ mfa: HOUR }), 'challenge mfa stale_authentication'],
  ['mfa, met', [requiring(demandOf(MFA))], standingWith({ mfa: 1 }), 'allow'],
  [
    'two demands, nobody signed in: the hardest',
    [requiring(...MFA_AND_FRESH_PASSKEY)],
    null,
    'challenge passkey no_session',
  ],
  [
    'two demands, one met',
    [requiring(...MFA_AND_FRESH_PASSKEY)],
    standingWith({ mfa: 1 }),
    'challenge passkey insufficient_level',
  ],
  [
    'two demands, one stale',
    [requiring(...MFA_AND_FRESH_PASSKEY)],
    standingWith({ passkey: 300 }),
    'challenge passkey stale_authentication',
  ],
  [
    'two demands, both stale',
    [requiring(...MFA_AND_FRESH_PASSKEY)],
    standingWith({ passkey: HOUR }),
    'challenge passkey stale_authentication',
  ],
  ['two demands, both met by one proof', [requiring(...MFA_AND_FRESH_PASSKEY)], standingWith({ passkey: 1 }), 'allow'],
  [
    'insufficient comes before stale',
    [requiring(demandOf(PASSWORD), demandOf(MFA))],
    standingWith({ password: 9 * HOUR }),
    'challenge mfa insufficient_level',
  ],
  ['no reading at all', [], fresh, 'deny no_rule by payroll'],
  ["a rule without demands of its own: the app's", [requiring()], null, 'challenge password no_session'],
  ['two readings, both public', [PUBLIC, PUBLIC], null, 'allow anonymous'],
  ['two readings, one public and one asking', [PUBLIC, requiring(demandOf(MFA))], null, 'challenge mfa no_session'],
  ['two readings, one asking and one public', [requiring(demandOf(MFA)), PUBLIC], standingWith({ mfa: 1 }), 'allow'],
  ['two readings, one public and one closed', [PUBLIC, DENY], fresh, 'deny forbidden by payroll/r1'],
  ['two readings, one public and one of no rule', [PUBLIC, null], null, 'challenge password no_session'],
  [
    'two readings that ask for different levels: the harder',
    [requiring(demandOf(MFA)), requiring(demandOf(PASSKEY))],
    standingWith({ mfa: 1 }),
    'challenge passkey insufficient_level',
  ],
];

describe('decide', () => {
  for (const [when, effects, standing, then] of TABLE) {
    test(`${when}: ${then}`, () => assert.equal(inWords(asked(OWN, effects, standing)), then));
  }

  test('no rule, and the app demands nothing: denied', () => {
    assert.equal(inWords(asked({}, [null], fresh)), 'deny no_rule by payroll');
  });

  test('a rule that asks for nothing in an app that asks for nothing: denied, the strongest of sessions', () => {
    assert.equal(inWords(asked({}, [requiring()], fresh)), 'deny no_rule by payroll/r0');
    assert.equal(inWords(asked({}, [PUBLIC, requiring()], fresh)), 'deny no_rule by payroll/r1');
    assert.equal(inWords(asked({}, [requiring(), requiring(demandOf(MFA))], fresh)), 'deny no_rule by payroll/r0');
  });

  test('a level that the provider cannot prove is unsatisfiable, whoever asks and whatever the session holds', () => {
    const effects = [requiring(demandOf(PASSWORD), demandOf(PASSKEY, null, 'payroll/approve'))];
    for (const standing of [null, fresh]) {
      const decision = asked({ provable: [PASSWORD, MFA] }, effects, standing);
      assert.equal(inWords(decision), 'deny unsatisfiable by payroll/approve');
    }
  });

  test('a level is satisfiable by one that stands above it', () => {
    const decision = asked({ provable: [PASSKEY] }, [requiring(demandOf(MFA))], null);
    assert.equal(inWords(decision), 'challenge mfa no_session');
  });

  test('a challenge carries every demand of every reading, so that the trip can meet them all', () => {
    const decision = asked(OWN, [requiring(demandOf(MFA)), requiring(demandOf(PASSKEY, 300))], null);
    assert.ok(decision.kind === 'challenge');
    assert.deepEqual(decision.requirement, {
      demands: [demandOf(MFA), OWN.require, demandOf(PASSKEY, 300)],
      oneTime: null,
    });
  });

  test('a denial names what denies, every decision the rule of the first reading', () => {
    const denied = asked(OWN, [PUBLIC, DENY], fresh);
    assert.ok(denied.kind === 'deny');
    assert.deepEqual([denied.by, denied.rule?.id], ['payroll/r1', 'payroll/r0']);
    const allowed = asked(OWN, [requiring(demandOf(MFA)), PUBLIC], fresh);
    assert.ok(allowed.kind === 'allow');
    assert.deepEqual([allowed.rule?.id, allowed.standing], ['payroll/r0', fresh]);
  });

  test('time alone turns an allow into a challenge, at the second the proof lapses', () => {
    const standing = standingWith({ passkey: 0 });
    const effects = [requiring(demandOf(PASSKEY))];
    assert.equal(asked({}, effects, standing, NOW + 15 * MINUTE - 1).kind, 'allow');
    assert.equal(asked({}, effects, standing, NOW + 15 * MINUTE).kind, 'challenge');
  });
});

test('of equally hard missing demands the one named first is asked for', () => {
  const found = firstMissing([demandOf(MFA, 60, 'first'), demandOf(MFA, 60, 'second')], null, NOW);
  assert.equal(found?.missing.source, 'first');
});
