import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ageLimit,
  type ChallengeWhy,
  CLOCK_STEP_TOLERANCE,
  countingLevels,
  type Demand,
  harder,
  unmet,
} from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import { bitOf } from '../../src/core/ladder.ts';
import { ANA, demandOf, HOUR, LADDER, MFA, MINUTE, NOW, PASSKEY, PASSWORD, proofOf, standingWith } from './people.ts';

const withoutTime: Standing = {
  session: ANA,
  proofs: [{ level: MFA, proof: proofOf('2', 10, { freshAt: null }) }],
};

const CASES: readonly (readonly [is: string, demand: Demand, standing: Standing | null, why: ChallengeWhy | null])[] = [
  ['nobody signed in', demandOf(PASSWORD), null, 'no_session'],
  ['a session without any proof', demandOf(PASSWORD), standingWith({}), 'insufficient_level'],
  ['a proof of the level', demandOf(MFA), standingWith({ mfa: 0 }), null],
  ['a proof above the level', demandOf(MFA), standingWith({ passkey: 0 }), null],
  ['a proof below the level', demandOf(MFA), standingWith({ password: 0 }), 'insufficient_level'],
  ['a proof one second within the validity', demandOf(MFA), standingWith({ mfa: HOUR - 1 }), null],
  ['a proof exactly as old as the validity', demandOf(MFA), standingWith({ mfa: HOUR }), 'stale_authentication'],
  ['a passkey of 20 minutes is no passkey', demandOf(PASSKEY), standingWith({ passkey: 1200 }), 'stale_authentication'],
  ['a passkey of 20 minutes is still mfa', demandOf(MFA), standingWith({ passkey: 1200 }), null],
  ['a passkey of 2 hours is no mfa', demandOf(MFA), standingWith({ passkey: 2 * HOUR }), 'stale_authentication'],
  ['a passkey of 2 hours is still a password', demandOf(PASSWORD), standingWith({ passkey: 2 * HOUR }), null],
  [
    'a stale proof beside a fresh weaker one',
    demandOf(MFA),
    standingWith({ mfa: HOUR, password: 1 }),
    'stale_authentication',
  ],
  ['a stale proof beside a fresh stronger one', demandOf(MFA), standingWith({ mfa: HOUR, passkey: 1 }), null],
  ['a proof within max_age', demandOf(MFA, 300), standingWith({ mfa: 299 }), null],
  ['a proof exactly as old as max_age', demandOf(MFA, 300), standingWith({ mfa: 300 }), 'stale_authentication'],
  ['max_age met by a stronger proof', demandOf(MFA, 300), standingWith({ mfa: 600, passkey: 60 }), null],
  [
    'max_age not met by a weaker proof',
    demandOf(MFA, 300),
    standingWith({ mfa: 600, password: 60 }),
    'stale_authentication',
  ],
  ['max_age 0 is met by nothing', demandOf(MFA, 0), standingWith({ mfa: 0 }), 'stale_authentication'],
  [
    'a max_age beyond the validity does not stretch it',
    demandOf(MFA, 2 * HOUR),
    standingWith({ mfa: HOUR }),
    'stale_authentication',
  ],
  ['a proof without a time of authentication counts for validity', demandOf(MFA), withoutTime, null],
  [
    'a proof without a time of authentication never counts for max_age',
    demandOf(MFA, HOUR),
    withoutTime,
    'stale_authentication',
  ],
  ['a proof a little in the future', demandOf(MFA, 300), standingWith({ mfa: -CLOCK_STEP_TOLERANCE }), null],
  [
    'a proof further in the future',
    demandOf(MFA),
    standingWith({ mfa: -CLOCK_STEP_TOLERANCE - 1 }),
    'stale_authentication',
  ],
  ['a proof at no time at all', demandOf(MFA), standingWith({ mfa: Number.NaN }), 'stale_authentication'],
];

describe('a demand', () => {
  for (const [is, demand, standing, why] of CASES) {
    test(`${is}: ${why ?? 'met'}`, () => assert.equal(unmet(demand, standing, NOW), why));
  }

  test('is judged on the time of authentication for max_age and on the proof for validity, each by itself', () => {
    const standing: Standing = {
      session: ANA,
      proofs: [{ level: MFA, proof: proofOf('2', 30 * MINUTE, { freshAt: NOW - 10 }) }],
    };
    assert.equal(unmet(demandOf(MFA, 300), standing, NOW), null);
    assert.equal(unmet(demandOf(MFA, 300), standing, NOW + 291), 'stale_authentication');
  });

  test('is not met by two proofs that each meet a half of it', () => {
    const standing: Standing = {
      session: ANA,
      proofs: [
        { level: PASSKEY, proof: proofOf('3', 10 * MINUTE) },
        { level: PASSWORD, proof: proofOf('1', 1) },
      ],
    };
    assert.equal(unmet(demandOf(PASSKEY, 300), standing, NOW), 'stale_authentication');
  });
});

describe('the levels that count', () => {
  const bits = (...levels: readonly (typeof MFA)[]): number => levels.reduce((set, level) => set | bitOf(level), 0);
  for (const [age, expected] of [
    [0, bits(PASSWORD, MFA, PASSKEY)],
    [15 * MINUTE - 1, bits(PASSWORD, MFA, PASSKEY)],
    [15 * MINUTE, bits(PASSWORD, MFA)],
    [HOUR, bits(PASSWORD)],
    [8 * HOUR, 0],
    [-CLOCK_STEP_TOLERANCE - 1, 0],
  ] as const) {
    test(`of a passkey ${age} seconds old are ${expected.toString(2)}`, () => {
      assert.equal(countingLevels(standingWith({ passkey: age }), LADDER.levels, NOW), expected);
    });
  }

  test('come from all proofs together', () => {
    const standing = standingWith({ passkey: 2 * HOUR, mfa: 30 * MINUTE });
    assert.equal(countingLevels(standing, LADDER.levels, NOW), bits(PASSWORD, MFA));
  });
});

describe('the hardest demand', () => {
  test('is the higher level, then the younger proof', () => {
    const demands = [
      demandOf(PASSWORD, 10),
      demandOf(MFA),
      demandOf(PASSKEY),
      demandOf(PASSKEY, 300),
      demandOf(MFA, 60),
    ];
    assert.deepEqual(
      demands.toSorted(harder).map(({ level, maxAge }) => [level.name, maxAge]),
      [
        ['passkey', 300],
        ['passkey', null],
        ['mfa', 60],
        ['mfa', null],
        ['password', 10],
      ],
    );
  });

  test('is limited by validity and max_age, whichever is shorter', () => {
    assert.equal(ageLimit(demandOf(PASSKEY)), 15 * MINUTE);
    assert.equal(ageLimit(demandOf(PASSKEY, 300)), 300);
    assert.equal(ageLimit(demandOf(PASSKEY, HOUR)), 15 * MINUTE);
  });
});
