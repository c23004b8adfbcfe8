import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Decision, decide, firstMissing } from '../../src/core/decide.ts';
import type { Demand } from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import type { Effect, Rule } from '../../src/core/policy.ts';
import { appWith, ruleWith } from './apps.ts';
import { demandOf, HOUR, MFA, MINUTE, NOW, PASSKEY, PASSWORD, standingWith } from './people.ts';

const PUBLIC = ruleWith({ kind: 'public' }, 'payroll/assets');
const CLOSED = ruleWith({ kind: 'deny' }, 'payroll/closed');
const requiring = (...demands: readonly Demand[]): Rule => ruleWith({ kind: 'require', requirement: { demands } });
const PAYROLL = appWith({ unmatched: { kind: 'require', requirement: { demands: [demandOf(PASSWORD)] } } });

/** The decision in a few words, as a row of the table says it. */
function inWords(decision: Decision): string {
  if (decision.kind === 'allow') return decision.standing === null ? 'allow anonymous' : 'allow';
  if (decision.kind === 'deny') return `deny ${decision.why}`;
  return `challenge ${decision.missing.level.name} ${decision.why}`;
}

const fresh = standingWith({ passkey: 1 });
const MFA_AND_FRESH_PASSKEY = [demandOf(MFA), demandOf(PASSKEY, 300)];

const TABLE: readonly (readonly [
  when: string,
  rules: readonly (Rule | null)[],
  standing: Standing | null,
  then: string,
])[] = [
  ['public, nobody signed in', [PUBLIC], null, 'allow anonymous'],
  ['public, somebody signed in: they are not told of', [PUBLIC], fresh, 'allow anonymous'],
  ['closed, the strongest of sessions', [CLOSED], fresh, 'deny forbidden'],
  ['closed, nobody signed in', [CLOSED], null, 'deny forbidden'],
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
  ['no reading at all', [], fresh, 'deny no_rule'],
  ['a requirement without demands, the strongest of sessions', [requiring()], fresh, 'deny no_rule'],
  ['two readings, both public', [PUBLIC, PUBLIC], null, 'allow anonymous'],
  ['two readings, one public and one asking', [PUBLIC, requiring(demandOf(MFA))], null, 'challenge mfa no_session'],
  ['two readings, one asking and one public', [requiring(demandOf(MFA)), PUBLIC], standingWith({ mfa: 1 }), 'allow'],
  ['two readings, one public and one closed', [PUBLIC, CLOSED], fresh, 'deny forbidden'],
  ['two readings, one public and one of no rule', [PUBLIC, null], null, 'challenge password no_session'],
  ['two readings, one public and one without demands', [PUBLIC, requiring()], fresh, 'deny no_rule'],
  ['two readings, one without demands and one met', [requiring(), requiring(demandOf(MFA))], fresh, 'deny no_rule'],
  [
    'two readings that ask for different levels: the harder',
    [requiring(demandOf(MFA)), requiring(demandOf(PASSKEY))],
    standingWith({ mfa: 1 }),
    'challenge passkey insufficient_level',
  ],
];

describe('decide', () => {
  for (const [when, rules, standing, then] of TABLE) {
    test(`${when}: ${then}`, () => assert.equal(inWords(decide(PAYROLL, rules, standing, NOW)), then));
  }

  for (const [unmatched, then] of [
    [{ kind: 'deny' }, 'deny no_rule'],
    [{ kind: 'public' }, 'allow anonymous'],
  ] as const satisfies readonly (readonly [Effect, string])[]) {
    test(`no rule, unmatched paths are ${unmatched.kind}: ${then}`, () => {
      assert.equal(inWords(decide(appWith({ unmatched }), [null], fresh, NOW)), then);
    });
  }

  test('a level that the provider cannot prove is unsatisfiable, whoever asks and whatever the session holds', () => {
    const app = appWith({ provable: [PASSWORD, MFA] });
    const rules = [requiring(demandOf(PASSWORD), demandOf(PASSKEY))];
    for (const standing of [null, fresh])
      assert.equal(inWords(decide(app, rules, standing, NOW)), 'deny unsatisfiable');
  });

  test('a level is satisfiable by one that stands above it', () => {
    const app = appWith({ provable: [PASSKEY] });
    assert.equal(inWords(decide(app, [requiring(demandOf(MFA))], null, NOW)), 'challenge mfa no_session');
  });

  test('a challenge carries every demand of every reading, so that the trip can meet them all', () => {
    const decision = decide(PAYROLL, [requiring(demandOf(MFA)), requiring(demandOf(PASSKEY, 300))], null, NOW);
    assert.equal(decision.kind, 'challenge');
    assert.ok(decision.kind === 'challenge');
    assert.deepEqual(decision.requirement.demands, [demandOf(MFA), demandOf(PASSKEY, 300)]);
  });

  test('a denial names the rule that denies, an allow the rule of the first reading', () => {
    assert.deepEqual(decide(PAYROLL, [PUBLIC, CLOSED], fresh, NOW), { kind: 'deny', rule: CLOSED, why: 'forbidden' });
    const rule = requiring(demandOf(MFA));
    assert.deepEqual(decide(PAYROLL, [rule, PUBLIC], fresh, NOW), { kind: 'allow', rule, standing: fresh });
  });

  test('time alone turns an allow into a challenge, at the second the proof lapses', () => {
    const standing = standingWith({ passkey: 0 });
    const rules = [requiring(demandOf(PASSKEY))];
    assert.equal(decide(PAYROLL, rules, standing, NOW + 15 * MINUTE - 1).kind, 'allow');
    assert.equal(decide(PAYROLL, rules, standing, NOW + 15 * MINUTE).kind, 'challenge');
  });
});

test('of equally hard missing demands the one named first is asked for', () => {
  const found = firstMissing([demandOf(MFA, 60, 'first'), demandOf(MFA, 60, 'second')], null, NOW);
  assert.equal(found?.missing.source, 'first');
});
