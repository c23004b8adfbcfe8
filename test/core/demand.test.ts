import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ageLimit,
  askedAge,
  type ChallengeWhy,
  CLOCK_STEP_TOLERANCE,
  type Comparison,
  countingLevels,
  type Demand,
  demandOn,
  harder,
  metUntil,
  unmet,
} from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import { bitOf, buildLadder, type Ladder, type Level } from '../../src/core/ladder.ts';
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

const CHAIN = LADDER;
/** x509 stands above password, and neither above nor below mfa; hardware stands above both. */
const TREE = buildLadder([
  { name: 'password', validity: 8 * HOUR },
  { name: 'mfa', validity: HOUR, above: ['password'] },
  { name: 'x509', validity: 2 * HOUR, above: ['password'] },
  { name: 'hardware', validity: 15 * MINUTE, above: ['mfa', 'x509'] },
]);

const named = (ladder: Ladder, name: string): Level => {
  const level = ladder.named.get(name);
  assert.ok(level, name);
  return level;
};

/** For each proof that meets the demand, how long it does: `mfa 1h`. */
function meeting(ladder: Ladder, comparison: Comparison, level: string): string {
  const { spans } = demandOn(ladder, { level: named(ladder, level), source: 'app', comparison });
  const met = ladder.levels.flatMap(({ name, rank }) => {
    const span = spans[rank] ?? 0;
    return span === 0 ? [] : [`${name} ${span >= HOUR ? `${span / HOUR}h` : `${span / MINUTE}m`}`];
  });
  return met.join(', ') || 'nothing';
}

describe('what meets a demand, and for how long', () => {
  for (const [id, ladder, comparison, level, by] of [
    ['M9', CHAIN, 'minimum', 'password', 'password 8h, mfa 8h, passkey 8h'],
    ['M9', CHAIN, 'minimum', 'mfa', 'mfa 1h, passkey 1h'],
    ['M9', CHAIN, 'minimum', 'passkey', 'passkey 15m'],
    ['M9', TREE, 'minimum', 'mfa', 'mfa 1h, hardware 1h'],
    ['M9', TREE, 'minimum', 'x509', 'x509 2h, hardware 2h'],
    ['M10', CHAIN, 'exact', 'password', 'password 8h'],
    ['M10', CHAIN, 'exact', 'mfa', 'mfa 1h'],
    ['M10', TREE, 'exact', 'x509', 'x509 2h'],
    ['M11', CHAIN, 'better', 'password', 'mfa 1h, passkey 1h'],
    ['M11', CHAIN, 'better', 'mfa', 'passkey 15m'],
    ['M11', CHAIN, 'better', 'passkey', 'nothing'],
    ['M11', TREE, 'better', 'password', 'mfa 1h, x509 2h, hardware 2h'],
    ['M11', TREE, 'better', 'mfa', 'hardware 15m'],
    ['M11', CHAIN, 'maximum', 'password', 'password 8h'],
    ['M11', CHAIN, 'maximum', 'mfa', 'password 8h, mfa 1h'],
    ['M11', TREE, 'maximum', 'x509', 'password 8h, x509 2h'],
    ['M11', TREE, 'maximum', 'hardware', 'password 8h, mfa 1h, x509 2h, hardware 15m'],
  ] as const) {
    const where = ladder === TREE ? 'in the tree' : 'on the chain';
    test(`${id} ${where} ${comparison} ${level} is met by: ${by}`, () =>
      assert.equal(meeting(ladder, comparison, level), by));
  }

  for (const [comparison, ages, why] of [
    ['exact', { passkey: 1 }, 'insufficient_level'],
    ['exact', { passkey: 1, mfa: 2 * HOUR }, 'stale_authentication'],
    ['exact', { passkey: 1, mfa: 1 }, null],
    ['better', { mfa: 1 }, 'insufficient_level'],
    ['better', { mfa: 1, passkey: 16 * MINUTE }, 'stale_authentication'],
    ['better', { passkey: 1 }, null],
    ['maximum', { passkey: 1 }, 'insufficient_level'],
    ['maximum', { passkey: 1, password: 1 }, null],
    ['maximum', { mfa: HOUR }, 'stale_authentication'],
  ] as const) {
    test(`${comparison} mfa with ${JSON.stringify(ages)}: ${why ?? 'met'}`, () => {
      assert.equal(unmet(demandOf(MFA, null, 'app', { comparison }), standingWith(ages), NOW), why);
    });
  }
});

describe('since', () => {
  const since = NOW - 600;
  const later = demandOf(MFA, null, 'floor/emergency', { since });
  for (const [is, demand, standing, why] of [
    ['a proof from after it', later, standingWith({ mfa: 599 }), null],
    ['a proof from that very second', later, standingWith({ mfa: 600 }), 'stale_authentication'],
    ['a proof from before it', later, standingWith({ mfa: 601 }), 'stale_authentication'],
    ['a later proof of too little', later, standingWith({ mfa: 601, password: 1 }), 'stale_authentication'],
    ['a proof of which only the time of issue is known', later, withoutTime, 'stale_authentication'],
    [
      'a proof after it and older than max_age',
      demandOf(MFA, 60, 'app', { since }),
      standingWith({ mfa: 61 }),
      'stale_authentication',
    ],
    ['a proof after it and younger than max_age', demandOf(MFA, 60, 'app', { since }), standingWith({ mfa: 59 }), null],
    [
      'a proof older than the validity, though later',
      demandOf(MFA, null, 'app', { since: NOW - 9 * HOUR }),
      standingWith({ mfa: HOUR }),
      'stale_authentication',
    ],
    ['nobody', later, null, 'no_session'],
  ] as const) {
    test(`${is}: ${why ?? 'met'}`, () => assert.equal(unmet(demand, standing, NOW), why));
  }
});

describe('a demand that is met stays met', () => {
  const left = (demand: Demand, standing: Standing): number | null => {
    const until = metUntil(demand, standing, NOW);
    return until === null ? null : until - NOW;
  };
  for (const [is, demand, standing, seconds] of [
    ['until the validity of the demanded level ends', demandOf(MFA), standingWith({ passkey: 600 }), HOUR - 600],
    ['until max_age ends', demandOf(MFA, 300), standingWith({ mfa: 100 }), 200],
    ['until the shorter of both ends', demandOf(PASSKEY, 600), standingWith({ passkey: 10 * MINUTE - 1 }), 1],
    ['by the proof that lasts longest', demandOf(MFA), standingWith({ mfa: 3000, passkey: 60 }), HOUR - 60],
    ['not by one that does not meet it', demandOf(MFA), standingWith({ mfa: 3000, password: 1 }), 600],
    [
      'exactly the level, that long',
      demandOf(MFA, null, 'app', { comparison: 'exact' }),
      standingWith({ passkey: 1, mfa: 3000 }),
      600,
    ],
    ['not at all where it is not met', demandOf(MFA), standingWith({ mfa: HOUR }), null],
    ['not at all with nothing', demandOf(MFA), standingWith({}), null],
  ] as const) {
    test(is, () => assert.equal(left(demand, standing), seconds));
  }

  test('and not a second longer', () => {
    const standing = standingWith({ passkey: 100, mfa: 50 });
    for (const demand of [demandOf(PASSKEY), demandOf(MFA, 300), demandOf(MFA)]) {
      const until = metUntil(demand, standing, NOW);
      assert.ok(until !== null);
      assert.equal(unmet(demand, standing, until - 1), null);
      assert.equal(unmet(demand, standing, until), 'stale_authentication');
    }
  });
});

describe('the age that a provider is told', () => {
  for (const [is, demand, seconds] of [
    ['is the validity of the level', demandOf(PASSKEY), 15 * MINUTE],
    ['is max_age where that is shorter', demandOf(PASSKEY, 300), 300],
    [
      'is the shortest validity of what would be better',
      demandOf(PASSWORD, null, 'app', { comparison: 'better' }),
      HOUR,
    ],
    ['is the shortest validity below a maximum', demandOf(MFA, null, 'app', { comparison: 'maximum' }), HOUR],
    ['is the time since it happened', demandOf(MFA, null, 'app', { since: NOW - 120 }), 120],
    ['is max_age where that is younger than what happened', demandOf(MFA, 60, 'app', { since: NOW - 120 }), 60],
    ['is nothing at all for what happens just now', demandOf(MFA, null, 'app', { since: NOW }), 0],
    ['is never less than nothing', demandOf(MFA, null, 'app', { since: NOW + 5 }), 0],
  ] as const) {
    test(is, () => assert.equal(askedAge(demand, NOW), seconds));
  }
});

test('of two demands for a level and an age, the one since later is harder', () => {
  const early = demandOf(MFA, 60, 'early', { since: NOW - 100 });
  const late = demandOf(MFA, 60, 'late', { since: NOW - 10 });
  assert.deepEqual(
    [demandOf(MFA, 60, 'whenever'), early, late].toSorted(harder).map(({ source }) => source),
    ['late', 'early', 'whenever'],
  );
});

test('a demand says what its rule says, else what its level says', () => {
  const ladder = buildLadder([{ name: 'mfa', validity: 60, message: new Map([['en', 'Please.']]) }]);
  const level = named(ladder, 'mfa');
  const own = new Map([['en', 'This is about money.']]);
  assert.equal(demandOn(ladder, { level, source: 'app' }).message.get('en'), 'Please.');
  assert.equal(demandOn(ladder, { level, source: 'app', message: own }).message.get('en'), 'This is about money.');
});
