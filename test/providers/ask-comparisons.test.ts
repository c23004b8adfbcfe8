import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPARISONS, type Comparison, type Demand, demandOn, meetsLevel, unmet } from '../../src/core/demand.ts';
import { type EvidenceMap, markOf, standingOf } from '../../src/core/evidence.ts';
import { buildLadder, type Ladder, type Level } from '../../src/core/ladder.ts';
import type { Seconds } from '../../src/core/time.ts';
import { acrValues, authorizationParameters } from '../../src/providers/ask.ts';
import { askFor, configOf } from './fixtures.ts';

const NOW = 1_800_000_000;

const CHAIN = buildLadder([
  { name: 'password', validity: 28_800 },
  { name: 'mfa', validity: 3_600 },
  { name: 'passkey', validity: 900 },
]);

/** mfa and passkey on one branch, x509 and card on another; root stands above both. */
const TREE = buildLadder([
  { name: 'password', validity: 28_800 },
  { name: 'mfa', validity: 3_600, above: ['password'] },
  { name: 'x509', validity: 3_600, above: ['password'] },
  { name: 'passkey', validity: 900, above: ['mfa'] },
  { name: 'card', validity: 900, above: ['x509'] },
  { name: 'root', validity: 900, above: ['passkey', 'card'] },
]);

function levelOf({ named }: Ladder, name: string): Level {
  const level = named.get(name);
  assert.ok(level);
  return level;
}

/** Every level by an acr of its name, but those that are given otherwise. */
function mapOf(ladder: Ladder, without: readonly string[] = [], unmarked: string | null = null): EvidenceMap {
  const marks = ladder.levels
    .filter(({ name }) => !without.includes(name))
    .map((level) => markOf(level, { acr: [level.name] }))
    .toReversed();
  return { marks, unmarked: unmarked === null ? null : levelOf(ladder, unmarked) };
}

const demandOf = (ladder: Ladder, name: string, comparison: Comparison): Demand =>
  demandOn(ladder, { level: levelOf(ladder, name), comparison, source: 'app' });

describe('the acr values for', () => {
  const table: readonly (readonly [Ladder, Comparison, level: string, asked: string])[] = [
    [CHAIN, 'minimum', 'password', 'password mfa passkey'],
    [CHAIN, 'minimum', 'mfa', 'mfa passkey'],
    [CHAIN, 'exact', 'password', 'password'],
    [CHAIN, 'exact', 'mfa', 'mfa'],
    [CHAIN, 'better', 'password', 'mfa passkey'],
    [CHAIN, 'better', 'mfa', 'passkey'],
    [CHAIN, 'maximum', 'passkey', 'passkey mfa password'],
    [CHAIN, 'maximum', 'mfa', 'mfa password'],
    [CHAIN, 'maximum', 'password', 'password'],
    [TREE, 'minimum', 'mfa', 'mfa passkey root'],
    [TREE, 'minimum', 'x509', 'x509 card root'],
    [TREE, 'exact', 'x509', 'x509'],
    [TREE, 'better', 'password', 'mfa x509 passkey card root'],
    [TREE, 'better', 'x509', 'card root'],
    [TREE, 'maximum', 'passkey', 'passkey mfa password'],
    [TREE, 'maximum', 'card', 'card x509 password'],
  ];
  for (const [ladder, comparison, level, asked] of table) {
    test(`${comparison} ${level} ${ladder === TREE ? 'in a tree ' : ''}are: ${asked}`, () => {
      assert.equal(acrValues(mapOf(ladder), demandOf(ladder, level, comparison)).join(' '), asked);
    });
  }

  const unnamed: readonly (readonly [what: string, EvidenceMap, Comparison, level: string, asked: string])[] = [
    ['exactly what an unmarked sign-in is', mapOf(CHAIN, ['password'], 'password'), 'exact', 'password', ''],
    ['exactly more than an unmarked sign-in', mapOf(CHAIN, ['password'], 'password'), 'exact', 'mfa', 'mfa'],
    ['at most what has a name, though less would do', mapOf(CHAIN, ['password'], 'password'), 'maximum', 'mfa', 'mfa'],
    ['at most a level without a name', mapOf(CHAIN, ['password', 'mfa'], 'password'), 'maximum', 'mfa', ''],
    ['more than a password where unmarked is', mapOf(CHAIN, ['mfa'], 'mfa'), 'better', 'password', ''],
    [
      'more than a password where it is not',
      mapOf(CHAIN, ['password'], 'password'),
      'better',
      'password',
      'mfa passkey',
    ],
    ['more than a level that has no name', mapOf(CHAIN, ['mfa']), 'better', 'mfa', 'passkey'],
    ['exactly a level that nothing proves', mapOf(CHAIN, ['mfa']), 'exact', 'mfa', ''],
  ];
  for (const [what, map, comparison, level, asked] of unnamed) {
    test(`${what} are: ${asked === '' ? 'none' : asked}`, () => {
      assert.equal(acrValues(map, demandOf(CHAIN, level, comparison)).join(' '), asked);
    });
  }

  test('a level that is proven by methods are none, for whatever comparison it is the nearest', () => {
    const otp = markOf(levelOf(CHAIN, 'mfa'), { amrAny: ['otp'] });
    const { marks } = mapOf(CHAIN, ['mfa']);
    const map = { marks: [...marks, otp], unmarked: null };
    const asked = COMPARISONS.map((comparison) => acrValues(map, demandOf(CHAIN, 'mfa', comparison)));
    assert.deepEqual(asked, [[], [], ['passkey'], []]);
    assert.deepEqual(acrValues(map, demandOf(CHAIN, 'password', 'better')), []);
    assert.deepEqual(acrValues(map, demandOf(CHAIN, 'password', 'minimum')), ['password', 'passkey']);
  });

  test('every demand are those of proofs that meet it, each by itself and no others', () => {
    for (const ladder of [CHAIN, TREE]) {
      const map = mapOf(ladder);
      for (const { name } of ladder.levels) {
        for (const comparison of COMPARISONS) {
          const demand = demandOf(ladder, name, comparison);
          const asked = acrValues(map, demand);
          for (const level of ladder.levels) {
            assert.equal(asked.includes(level.name), meetsLevel(level, demand), `${comparison} ${name}: ${level.name}`);
            const proof = { at: NOW, freshAt: NOW, acr: level.name, amr: null, facts: [] };
            const session = { proofs: [proof] } as unknown as Parameters<typeof standingOf>[0];
            const met = unmet(demand, standingOf(session, map), NOW) === null;
            assert.equal(asked.includes(level.name), met, `${comparison} ${name}: ${level.name}`);
          }
        }
      }
    }
  });
});

describe('authentication contexts that are asked for', () => {
  const { levels } = CHAIN;
  const map: EvidenceMap = {
    marks: levels.map((level) => markOf(level, { acrs: [`c-${level.name}`] })).toReversed(),
    unmarked: null,
  };
  const table: readonly (readonly [Comparison, level: string, context: string])[] = [
    ['minimum', 'mfa', 'c-mfa'],
    ['exact', 'mfa', 'c-mfa'],
    ['better', 'password', 'c-mfa'],
    ['better', 'mfa', 'c-passkey'],
    ['maximum', 'mfa', 'c-mfa'],
  ];
  for (const [comparison, level, value] of table) {
    test(`${comparison} ${level} is ${value}`, () => {
      const ask = askFor({ demand: demandOf(CHAIN, level, comparison) });
      const parameters = authorizationParameters(
        configOf({ evidence: map }),
        false,
        ask,
        { nonce: 'n', challenge: 'c' },
        NOW,
      );
      const { id_token } = JSON.parse(parameters.get('claims') ?? '{}');
      assert.deepEqual(id_token, { acrs: { essential: true, value } });
    });
  }
});

describe('the age that a provider is told', () => {
  const told = (demand: Demand, force = false): string | null =>
    authorizationParameters(configOf(), true, askFor({ demand, force }), { nonce: 'n', challenge: 'c' }, NOW).get(
      'max_age',
    );
  const mfa = levelOf(CHAIN, 'mfa');
  const since = (seconds: Seconds, maxAge: Seconds | null = null) =>
    demandOn(CHAIN, { level: mfa, since: NOW - seconds, maxAge, source: 'floor/emergency' });

  test('is no older than what happened at `since`', () => assert.equal(told(since(600)), '600'));
  test('is what max_age asks where that is shorter', () => assert.equal(told(since(600, 300)), '300'));
  test('is the level’s validity where `since` is long ago', () => assert.equal(told(since(90_000)), '3600'));
  test('is none at all at the moment of `since`, and never below', () => {
    assert.equal(told(since(0)), '0');
    assert.equal(told(since(-60)), '0');
  });
  test('is none at all where an authentication is forced', () => assert.equal(told(since(600), true), '0'));

  test('counts the validity of what meets the demand, not of the level that it names', () => {
    const comparing = (comparison: Comparison) => told(demandOf(CHAIN, 'mfa', comparison));
    assert.deepEqual(COMPARISONS.map(comparing), ['3600', '3600', '900', '3600']);
  });
});
