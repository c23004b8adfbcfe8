import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../../src/core/condition.ts';
import { type Decision, decide, type Recorder } from '../../src/core/decide.ts';
import type { Demand } from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import type { AppPolicy, Effect, Floor, Rule } from '../../src/core/policy.ts';
import {
  type Asking,
  always,
  appWith,
  DENY,
  exceptPaths,
  floorWith,
  PUBLIC,
  questionOf,
  requiring,
  ruleWith,
  treeOf,
} from './apps.ts';
import { demandOf, MFA, NOW, PASSKEY, PASSWORD, standingWith } from './people.ts';

const KNOWN: Effect = { kind: 'public', known: true };
const HOLDS = always(true);
const DOES_NOT = always(false);
const FAILS = always('failed');
const PERSON = always('person');

const own = demandOf(PASSWORD, null, 'payroll');
const of = (id: string, level = MFA): Effect => requiring(demandOf(level, null, `payroll/${id}`));

type Row = readonly [effect: Effect, more?: Partial<Rule>];
type FloorRow = readonly [effect: Demand | typeof DENY, more?: Partial<Floor>];

interface Policy extends Partial<Pick<AppPolicy, 'require' | 'only' | 'provable' | 'signIn'>> {
  readonly rules?: readonly Row[];
  readonly floors?: readonly FloorRow[];
}

const appOf = ({ rules = [], floors = [], ...more }: Policy): AppPolicy =>
  appWith({
    require: own,
    rules: treeOf(...rules.map(([effect, rule], i) => ruleWith(effect, `payroll/${i}`, i, rule))),
    floors: treeOf(
      ...floors.map(([effect, floor], order) =>
        floorWith('kind' in effect ? effect : requiring(effect), `floor/${order}`, { order, ...floor }),
      ),
    ),
    ...more,
  });

/** The decision with everything it rests on: `challenge mfa no_session of payroll/0 payroll`. */
function inWords(decision: Decision): string {
  if (decision.kind === 'deny') return `deny ${decision.why} by ${decision.by}`;
  const { demands, oneTime } = decision.requirement;
  const of = demands.map(({ source }) => source).join(' ') + (oneTime === null ? '' : ` once ${oneTime.source}`);
  if (decision.kind === 'challenge') return `challenge ${decision.missing.level.name} ${decision.why} of ${of}`;
  if (demands.length === 0) return decision.standing === null ? 'public' : 'public, known';
  return `allow by ${of}`;
}

const ana = standingWith({ passkey: 1 });
const weak = standingWith({ password: 1 });

interface Case extends Policy {
  readonly who?: Standing | null;
  readonly path?: string | readonly string[];
  readonly asking?: Asking;
  readonly rehearsal?: boolean;
}

const ask = (
  { who = null, path = '/', asking = {}, rehearsal = false, ...policy }: Case,
  recorder?: Recorder,
): Decision => decide(appOf(policy), questionOf(who, path, { ...asking, rehearsal }), recorder);

function table(title: string, rows: readonly (readonly [is: string, asked: Case, then: string])[]): void {
  describe(title, () => {
    for (const [is, asked, then] of rows) test(`${is}: ${then}`, () => assert.equal(inWords(ask(asked)), then));
  });
}

table('public', [
  ['tells nobody to the upstream', { rules: [[PUBLIC]], who: ana }, 'public'],
  ['known, tells who is there', { rules: [[KNOWN]], who: ana }, 'public, known'],
  ['known, passes without anybody too', { rules: [[KNOWN]] }, 'public'],
  ['is not for those whom the app is for', { rules: [[PUBLIC]], only: DOES_NOT }, 'public'],
  ["is below the app's own demand", { rules: [[PUBLIC]], who: null }, 'public'],
  [
    'is not below a floor',
    { rules: [[PUBLIC]], floors: [[demandOf(MFA, null, 'floor/0')]] },
    'challenge mfa no_session of floor/0',
  ],
  [
    'met by a floor, tells who is there',
    { rules: [[PUBLIC]], floors: [[demandOf(MFA, null, 'floor/0')]], who: ana },
    'allow by floor/0',
  ],
  ['by a condition that holds', { rules: [[PUBLIC, { when: HOLDS }]] }, 'public'],
  [
    'by one that does not, is none',
    { rules: [[PUBLIC, { when: DOES_NOT }]] },
    'challenge password no_session of payroll',
  ],
  ['by one that fails, is skipped', { rules: [[PUBLIC, { when: FAILS }]] }, 'challenge password no_session of payroll'],
  ['by one that fails, leaves what is public below', { rules: [[PUBLIC, { when: FAILS }], [PUBLIC]] }, 'public'],
  [
    'that fails, keeps untold whom the one below would tell',
    { rules: [[PUBLIC, { when: FAILS }], [KNOWN]], who: ana },
    'public',
  ],
  [
    'known that fails, above one that tells too',
    { rules: [[KNOWN, { when: FAILS }], [KNOWN]], who: ana },
    'public, known',
  ],
  ['by a person, wants one', { rules: [[PUBLIC, { when: PERSON }]] }, 'challenge password no_session of payroll'],
]);

table('deny', [
  ['refuses everybody', { rules: [[DENY]], who: ana }, 'deny forbidden by payroll/0'],
  ['by a condition that fails, refuses', { rules: [[DENY, { when: FAILS }]], who: ana }, 'deny forbidden by payroll/0'],
  ['by one that does not hold, says nothing', { rules: [[DENY, { when: DOES_NOT }]], who: ana }, 'allow by payroll'],
  [
    'by a person, asks who it is first',
    { rules: [[DENY, { when: PERSON }]] },
    'challenge password no_session of payroll',
  ],
  [
    'outweighs what another floor or rule wants to know',
    { rules: [[of('0'), { when: PERSON }]], floors: [[DENY]] },
    'deny forbidden by floor/0',
  ],
]);

table('a rule that demands', [
  ['does so beside its app', { rules: [[of('0')]], who: ana }, 'allow by payroll/0 payroll'],
  ['and has its app ask for the hardest', { rules: [[of('0')]] }, 'challenge mfa no_session of payroll/0 payroll'],
  ['is the first that matches', { rules: [[of('0')], [of('1', PASSKEY)]], who: ana }, 'allow by payroll/0 payroll'],
  ['without a demand has that of its app', { rules: [[requiring()]], who: weak }, 'allow by payroll'],
  ['without any is a mistake', { rules: [[requiring()]], require: null, who: ana }, 'deny no_rule by payroll/0'],
  [
    'by a condition that fails, demands, and the search goes on',
    { rules: [[of('0', PASSKEY), { when: FAILS }], [of('1')]], who: weak },
    'challenge passkey insufficient_level of payroll/0 payroll/1 payroll',
  ],
  [
    'by a condition that fails, keeps what is public below from being it',
    { rules: [[of('0'), { when: FAILS }], [PUBLIC]] },
    'challenge mfa no_session of payroll/0 payroll',
  ],
  [
    'by a condition that fails, lets what is denied below be so',
    { rules: [[of('0'), { when: FAILS }], [DENY]], who: ana },
    'deny forbidden by payroll/1',
  ],
  [
    'by two that fail, demands both',
    {
      rules: [
        [of('0'), { when: FAILS }],
        [of('1', PASSKEY), { when: FAILS }],
      ],
      who: ana,
    },
    'allow by payroll/0 payroll/1 payroll',
  ],
  [
    'by a person, stops the search: what is demanded anyway is asked for',
    { rules: [[of('0', PASSKEY), { when: PERSON }], [DENY]] },
    'challenge password no_session of payroll',
  ],
  [
    'by a person, asks for what floors demand of everybody',
    { rules: [[of('0'), { when: PERSON }]], floors: [[demandOf(PASSKEY, null, 'floor/0')]] },
    'challenge passkey no_session of payroll floor/0',
  ],
  [
    'by a person, where nothing is demanded: any sign-in will do',
    { rules: [[of('0'), { when: PERSON }]], require: null },
    'challenge password no_session of payroll',
  ],
  [
    'by a person, where the provider proves nothing at all',
    { rules: [[of('0'), { when: PERSON }]], require: null, provable: [], signIn: null },
    'deny unsatisfiable by payroll',
  ],
  [
    'by a person, where nobody can prove what is demanded anyway',
    { rules: [[of('0'), { when: PERSON }]], provable: [PASSWORD], floors: [[demandOf(MFA, null, 'floor/0')]] },
    'deny unsatisfiable by floor/0',
  ],
]);

table('only', [
  ['lets in whom it holds for', { rules: [[of('0'), { only: HOLDS }]], who: ana }, 'allow by payroll/0 payroll'],
  [
    'refuses all others, before any step-up',
    { rules: [[of('0'), { only: DOES_NOT }]], who: weak },
    'deny forbidden by payroll/0',
  ],
  ['refuses where it fails', { rules: [[of('0'), { only: FAILS }]], who: ana }, 'deny forbidden by payroll/0'],
  [
    'asks who it is, for what is demanded of everybody, not for what its rule demands',
    { rules: [[of('0', PASSKEY), { only: PERSON }]] },
    'challenge password no_session of payroll',
  ],
  [
    'is not asked of a rule that does not match',
    { rules: [[of('0'), { only: DOES_NOT, when: DOES_NOT }]], who: ana },
    'allow by payroll',
  ],
  [
    'refuses where its rule cannot be told',
    { rules: [[of('0'), { only: DOES_NOT, when: FAILS }]], who: ana },
    'deny forbidden by payroll/0',
  ],
  [
    'wants a person where its rule cannot be told, and what is denied below stays so',
    { rules: [[of('0'), { only: PERSON, when: FAILS }], [DENY]] },
    'deny forbidden by payroll/1',
  ],
  [
    'wants a person where its rule cannot be told, though public below',
    { rules: [[of('0'), { only: PERSON, when: FAILS }], [PUBLIC]] },
    'challenge password no_session of payroll',
  ],
  ['of the app refuses', { only: DOES_NOT, who: ana }, 'deny forbidden by payroll'],
  ['of the app refuses where it fails', { only: FAILS, who: ana }, 'deny forbidden by payroll'],
  [
    'of the app stands beside that of a rule',
    { only: DOES_NOT, rules: [[of('0'), { only: HOLDS }]], who: ana },
    'deny forbidden by payroll',
  ],
  ['of the app asks who it is', { only: PERSON, rules: [[of('0')]] }, 'challenge mfa no_session of payroll/0 payroll'],
  [
    'of an app that demands nothing asks for any sign-in',
    { only: PERSON, require: null, rules: [[of('0')]], provable: [PASSWORD, MFA] },
    'challenge mfa no_session of payroll/0',
  ],
]);

table('no rule', [
  ['is what the app demands', { who: ana }, 'allow by payroll'],
  ['is denied where the app demands nothing', { require: null, who: ana }, 'deny no_rule by payroll'],
  [
    'is denied under a floor that is met, too',
    { require: null, floors: [[demandOf(MFA)]], who: ana },
    'deny no_rule by payroll',
  ],
]);

table('a floor', [
  [
    'adds its demand',
    { floors: [[demandOf(MFA, null, 'floor/0')]], who: weak },
    'challenge mfa insufficient_level of payroll floor/0',
  ],
  [
    'adds to those of other floors',
    { floors: [[demandOf(MFA, null, 'floor/0')], [demandOf(PASSKEY, 300, 'floor/1')]], who: ana },
    'allow by payroll floor/0 floor/1',
  ],
  [
    'by a condition that does not hold, adds nothing',
    { floors: [[demandOf(MFA), { when: DOES_NOT }]], who: weak },
    'allow by payroll',
  ],
  [
    'by one that fails, adds',
    { floors: [[demandOf(MFA, null, 'floor/0'), { when: FAILS }]], who: ana },
    'allow by payroll floor/0',
  ],
  [
    'by a person, asks who it is',
    { floors: [[demandOf(MFA), { when: PERSON }]] },
    'challenge password no_session of payroll',
  ],
  [
    'by a person, asks on public paths too',
    { rules: [[PUBLIC]], floors: [[demandOf(MFA), { when: PERSON }]] },
    'challenge password no_session of payroll',
  ],
  ['that denies, refuses', { rules: [[PUBLIC]], floors: [[DENY]] }, 'deny forbidden by floor/0'],
  [
    'that denies by a condition that fails, refuses',
    { floors: [[DENY, { when: FAILS }]], who: ana },
    'deny forbidden by floor/0',
  ],
  [
    'that denies by a person, asks who it is',
    { floors: [[DENY, { when: PERSON }]] },
    'challenge password no_session of payroll',
  ],
  [
    'has no say where it makes an exception',
    { floors: [[DENY, { except: exceptPaths('/a/**') }]], path: '/a/b', who: ana },
    'allow by payroll',
  ],
  [
    'has one everywhere else',
    { floors: [[DENY, { except: exceptPaths('/a/**') }]], path: '/ab', who: ana },
    'deny forbidden by floor/0',
  ],
  [
    'says after the rules what they have refused already',
    { rules: [[DENY]], floors: [[DENY]] },
    'deny forbidden by payroll/0',
  ],
]);

table('a step-up for this very request', [
  [
    'is asked for when all else is met',
    { rules: [[of('0'), { oneTime: true }]], who: ana },
    'challenge mfa one_time of payroll/0 payroll once payroll/0',
  ],
  [
    'is not asked for before',
    { rules: [[of('0'), { oneTime: true }]], who: weak },
    'challenge mfa insufficient_level of payroll/0 payroll once payroll/0',
  ],
  [
    'is asked for where its rule may be the one',
    { rules: [[of('0'), { oneTime: true, when: FAILS }]], who: ana },
    'challenge mfa one_time of payroll/0 payroll once payroll/0',
  ],
  [
    'is not asked of those whom the rule is not for',
    { rules: [[of('0'), { oneTime: true, only: DOES_NOT }]], who: ana },
    'deny forbidden by payroll/0',
  ],
  [
    'waits for who it is',
    { rules: [[of('0'), { oneTime: true, only: PERSON }]] },
    'challenge password no_session of payroll',
  ],
]);

table('what nobody can prove', [
  [
    'is refused, whoever asks',
    { rules: [[of('0', PASSKEY)]], provable: [PASSWORD, MFA], who: ana },
    'deny unsatisfiable by payroll/0',
  ],
  [
    'is refused for since to come',
    { floors: [[demandOf(MFA, null, 'floor/0', { since: NOW + 1 })]], who: ana },
    'deny unsatisfiable by floor/0',
  ],
  [
    'is not since just now',
    { floors: [[demandOf(MFA, null, 'floor/0', { since: NOW })]], who: ana },
    'challenge mfa stale_authentication of payroll floor/0',
  ],
  [
    'exactly, is what the provider can only prove more of',
    { rules: [[requiring(demandOf(MFA, null, 'payroll/0', { comparison: 'exact' }))]], provable: [PASSWORD, PASSKEY] },
    'deny unsatisfiable by payroll/0',
  ],
]);

table('several readings', [
  ['add up', { rules: [[of('0'), { query: [] }]], path: ['/a', '/b'], who: ana }, 'allow by payroll/0 payroll'],
  [
    'are excepted only where each of them is',
    { floors: [[DENY, { except: exceptPaths('/a') }]], path: ['/a', '/b'], who: ana },
    'deny forbidden by floor/0',
  ],
  ['none at all is no way in', { rules: [[PUBLIC]], path: [], who: ana }, 'deny no_rule by payroll'],
]);

test('readings of which one tells who is there and the other does not, tell nobody', () => {
  const rules = treeOf(['/a', ruleWith(KNOWN, 'payroll/a')], ['/b', ruleWith(PUBLIC, 'payroll/b', 1)]);
  for (const readings of [
    ['/a', '/b'],
    ['/b', '/a'],
  ]) {
    assert.equal(inWords(decide(appWith({ rules }), questionOf(ana, readings))), 'public');
  }
  assert.equal(inWords(decide(appWith({ rules }), questionOf(ana, '/a'))), 'public, known');
});

describe('what only reports', () => {
  const reporting: Case = {
    rules: [[DENY, { mode: 'report' }], [of('1')]],
    floors: [[demandOf(PASSKEY, 0, 'floor/0'), { mode: 'report' }]],
    who: ana,
  };
  const reported = (asked: Case): readonly string[] => ask(asked).reported.map(({ id }) => id);

  test('is found out, and changes nothing', () => {
    assert.equal(inWords(ask(reporting)), 'allow by payroll/1 payroll');
    assert.deepEqual(reported(reporting), ['payroll/0', 'floor/0']);
  });

  test('counts in a rehearsal', () => {
    assert.equal(inWords(ask({ ...reporting, rehearsal: true })), 'deny forbidden by payroll/0');
  });

  test('is named once, however many readings it is about', () => {
    assert.deepEqual(reported({ ...reporting, path: ['/a', '/b'] }), ['payroll/0', 'floor/0']);
  });

  for (const [outcome, named] of [
    [true, ['payroll/0']],
    ['failed', ['payroll/0']],
    ['person', ['payroll/0']],
    [false, []],
  ] as const satisfies readonly (readonly [Outcome, readonly string[]])[]) {
    test(`${named.length === 0 ? 'is not named' : 'is named'} where its condition comes to ${outcome}, and sends nobody to sign in`, () => {
      const asked: Case = { rules: [[DENY, { mode: 'report', when: always(outcome) }], [PUBLIC]] };
      assert.equal(inWords(ask(asked)), 'public');
      assert.deepEqual(reported(asked), named);
    });
  }

  test('has its `only` left alone', () => {
    const only = { ...HOLDS, test: () => assert.fail('it was tried') };
    assert.equal(inWords(ask({ rules: [[of('0'), { mode: 'report', only }]], who: ana })), 'allow by payroll');
  });

  test('is not reached behind the rule that decides', () => {
    assert.deepEqual(reported({ rules: [[of('0')], [DENY, { mode: 'report' }]], who: ana }), []);
  });
});

test('a recorder is told of every rule up to the one that decides, of every floor, and of who may', () => {
  const told: string[] = [];
  const recorder: Recorder = {
    reading: ({ segments }) => told.push(`/${segments.join('/')}`),
    rule: ({ id }, match) => told.push(`${id} ${match}`),
    floor: ({ id }, match) => told.push(`${id} ${match}`),
    only: (owner, outcome) => told.push(`only ${'id' in owner ? owner.id : owner.name} ${outcome}`),
    gathered: ({ demands }) => told.push(`${demands.length} demands`),
  };
  const asked: Case = {
    rules: [[DENY, { when: DOES_NOT }], [of('1'), { when: FAILS, only: HOLDS }], [of('2')], [DENY]],
    floors: [[demandOf(MFA, null, 'floor/0')], [DENY, { except: exceptPaths('/a') }]],
    only: HOLDS,
    path: '/a',
    who: ana,
  };
  assert.deepEqual(ask(asked, recorder), ask(asked));
  assert.deepEqual(told, [
    '/a',
    'payroll/0 when',
    'payroll/1 undetermined',
    'only payroll/1 true',
    'payroll/2 hit',
    'only payroll true',
    'floor/0 hit',
    'floor/1 except',
    '4 demands',
  ]);
});
