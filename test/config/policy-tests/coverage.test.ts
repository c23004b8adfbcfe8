import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filed } from '../../../src/config/compile-policy-apps.ts';
import { type Coverage, coverageOf } from '../../../src/config/policy-tests/coverage.ts';
import type { PolicyTest } from '../../../src/config/policy-tests/policy-test.ts';
import { answerText, runTest } from '../../../src/config/policy-tests/run-tests.ts';
import { variantsOf } from '../../../src/config/policy-tests/variants.ts';
import type { App } from '../../../src/config/world.ts';
import { load, policiesOf, type Written, worldOf } from './fixture.ts';

/** Coverage of payroll alone: the other apps of the fixture have no tests. */
function coverage(written: Written): Coverage {
  const { apps, tests } = worldOf(written);
  const payroll = apps.get('payroll');
  assert.ok(payroll !== undefined);
  return coverageOf({ apps: new Map([['payroll', payroll]]) }, tests);
}

const uncovered = (written: Written): readonly string[] =>
  coverage(written).uncovered.map(({ id, leftOut }) => `${id} ${leftOut}`);

const t = (request: string, expect: string, more = ''): string =>
  `  - {app: payroll, request: ${request}, ${more && `${more}, `}expect: ${expect}}\n`;

const NOBODY = t('GET /pay', 'challenge password no_session');

describe('coverage', () => {
  it('of tests that would miss everything is whole', () => {
    const tests = [
      NOBODY,
      t('GET /pay/static/a.css', 'public'),
      t('POST /pay/runs/7', 'challenge mfa stale_authentication', 'session: {mfa: 6m}'),
      t('GET /pay/runs/7', 'allow', 'session: {password: 1m}'),
      t('GET /pay/legacy/x', 'deny', 'session: {mfa: 1m}'),
    ];
    assert.deepEqual(coverage({ tests: tests.join('') }), { covered: 6, of: 6, uncovered: [] });
  });

  it('of no test at all is nothing, and says so of each thing once', () => {
    const { covered, of, uncovered: said } = coverage({});
    assert.deepEqual([covered, of], [0, 6]);
    assert.deepEqual(
      said.map(({ id, leftOut, place }) => [id, leftOut, place.file, place.line]),
      [
        ['payroll', 'nothing', 'policies.yaml', 9],
        ['payroll/assets', 'nothing', 'policies.yaml', 11],
        ['payroll/runs', 'nothing', 'policies.yaml', 12],
        ['payroll/closed', 'nothing', 'policies.yaml', 13],
      ],
    );
  });

  it('does not take a test that hits a rule for one that would miss it', () => {
    const rules = `      - {id: list, path: /pay/reports, require: password}
      - {id: reports, path: /pay/reports/**, require: mfa}
`;
    const tests = [NOBODY, t('GET /pay/reports', 'allow', 'session: {password: 1h}')].join('');
    assert.deepEqual(uncovered({ rules, tests }), ['payroll/reports nothing'], 'without the list reports asks for mfa');
    const alone = `      - {id: list, path: /pay/reports, require: password}\n`;
    assert.deepEqual(uncovered({ rules: alone, tests }), ['payroll/list all'], 'the app asks for the same');
  });

  it('wants an only to turn somebody away, and a when to let somebody pass by', () => {
    const rules = `      - {id: hr, path: /pay/hr, only: '"hr" in user.groups', require: mfa}
      - {id: out, path: /pay/out, when: 'request.query.all == "1"', require: mfa}
`;
    const some = [
      NOBODY,
      t('GET /pay/hr', 'challenge mfa', 'session: {password: 1m}, user: {groups: [hr]}'),
      t('GET /pay/out?all=1', 'challenge mfa', 'session: {password: 1m}'),
    ].join('');
    assert.deepEqual(uncovered({ rules, tests: some }), ['payroll/hr only', 'payroll/out when']);
    const more = [
      t('GET /pay/hr', 'deny', 'session: {mfa: 1m}, user: {groups: [it]}'),
      t('GET /pay/out?all=0', 'allow', 'session: {password: 1m}'),
    ].join('');
    assert.deepEqual(uncovered({ rules, tests: some + more }), []);
  });

  it('wants methods, query and param to let somebody pass by', () => {
    const rules = `      - {id: write, path: /pay/w, methods: write, require: mfa}
      - {id: query, path: /pay/q, query: {print: "1"}, public: true}
      - {id: param, path: /pay/p, param: {action: delete}, require: mfa}
`;
    const hit = [
      NOBODY,
      t('POST /pay/w', 'challenge mfa', 'session: {password: 1m}'),
      t('GET /pay/q?print=1', 'public'),
      t('GET /pay/p?action=delete', 'challenge mfa', 'session: {password: 1m}'),
    ].join('');
    assert.deepEqual(uncovered({ rules, tests: hit }), [
      'payroll/write methods',
      'payroll/query query',
      'payroll/param param',
    ]);
    const missed = [
      t('GET /pay/w', 'allow', 'session: {password: 1m}'),
      t('GET /pay/q?print=0', 'challenge password'),
      t('GET /pay/p?action=show', 'allow', 'session: {password: 1m}'),
    ].join('');
    assert.deepEqual(uncovered({ rules, tests: hit + missed }), []);
  });

  it('wants what is said of a proof, by the app or by a rule, to find one too old', () => {
    const app = '    require: mfa\n    max_age: 20m\n';
    const rules = '      - {id: x, path: /pay/x, require: mfa, since: "2026-11-22T14:05:00Z"}\n';
    const before = 'session: {mfa: 10m}, at: "2026-11-22T14:10:00Z"';
    const some = [
      t('GET /pay', 'challenge mfa no_session'),
      t('GET /pay', 'allow', 'session: {mfa: 19m}'),
      t('GET /pay/x', 'allow', 'session: {mfa: 10m}, at: "2026-11-22T14:20:00Z"'),
    ].join('');
    assert.deepEqual(uncovered({ app, rules, tests: some }), ['payroll max_age', 'payroll/x all', 'payroll/x since']);
    const more = t('GET /pay', 'challenge mfa', 'session: {mfa: 21m}') + t('GET /pay/x', 'challenge mfa', before);
    assert.deepEqual(uncovered({ app, rules, tests: some + more }), []);
  });

  it('wants an app that is for some to turn somebody away', () => {
    const app = `    require: password\n    only: '"hr" in user.groups'\n`;
    const may = t('GET /pay', 'allow', 'session: {password: 1m}, user: {groups: [hr]}');
    const mayNot = t('GET /pay', 'deny', 'session: {password: 1m}, user: {groups: [it]}');
    assert.deepEqual(uncovered({ app, rules: '', tests: may }), ['payroll only']);
    assert.deepEqual(uncovered({ app, rules: '', tests: may + mayNot }), []);
  });

  it('wants a floor to be met, its exception taken and its condition missed', () => {
    const head = `networks: {office: [192.0.2.0/24]}
floors:
  - {id: second, apps: payroll, path: /pay/**, require: mfa, max_age: 10m, when: '!network.office', except: [{path: /pay/help}]}
given: {client: {ip: 10.0.0.1}}
`;
    const met = t('GET /pay', 'challenge mfa insufficient_level', 'session: {password: 1m}');
    const tests = [NOBODY.replace('challenge password', 'challenge'), met];
    const written = (...more: readonly string[]): Written => ({ head, rules: '', tests: [...tests, ...more].join('') });
    assert.deepEqual(uncovered(written()), ['floor/second when', 'floor/second except', 'floor/second max_age']);
    const stale = t('GET /pay', 'challenge mfa stale_authentication', 'session: {mfa: 11m}');
    assert.deepEqual(uncovered(written(stale)), ['floor/second when', 'floor/second except']);
    const office = t('GET /pay', 'allow', 'session: {password: 1m}, client: {ip: 192.0.2.1}');
    const help = t('GET /pay/help', 'challenge password');
    assert.deepEqual(uncovered(written(stale, office, help)), []);
  });

  it('counts what is said of several apps once, whichever of them a test is about', () => {
    const head = 'floors:\n  - {id: everywhere, path: /**/danger, deny: true}\n';
    const { apps, tests } = worldOf({
      head,
      rules: '',
      tests:
        '  - {app: wiki, request: GET /danger, expect: deny}\n  - {app: archive, request: GET /pay/archive, expect: challenge}\n',
    });
    assert.deepEqual(
      coverageOf({ apps }, tests).uncovered.map(({ id, leftOut }) => `${id} ${leftOut}`),
      ['payroll nothing'],
      'the default demand that archive and wiki take, and the floor, are covered',
    );
  });

  it('wants what is only reported to be hit, and what is off not at all', () => {
    const rules = `      - {id: soon, path: /pay/x, require: mfa, mode: report}
      - {id: never, path: /pay/x, deny: true, mode: off}
`;
    assert.deepEqual(uncovered({ rules, tests: NOBODY }), ['payroll/soon nothing']);
    assert.deepEqual(uncovered({ rules, tests: NOBODY + t('GET /pay/x', 'challenge password') }), []);
  });

  it('answers for an app without a rule or floor what one answers that never had it', () => {
    const head = 'floors:\n  - {id: f, apps: payroll, path: [/pay/a/*, /pay/x], require: mfa}\n';
    const rules = `      - {id: b, path: /pay/a/b, deny: true}
      - {id: a, path: [/pay/a/**, /pay/*/b], require: mfa}
      - {id: c, path: /pay/**, when: 'request.query.c == "1"', public: true}
`;
    const paths = ['/pay/a', '/pay/a/b', '/pay/x/b', '/pay/x', '/pay/x?c=1', '/pay/a/b?c=1'];
    const tests = paths.flatMap((path) =>
      ['', 'session: {password: 1m}', 'session: {mfa: 1m}'].map((session) => t(`GET ${path}`, 'allow', session)),
    );
    const loaded = load(policiesOf({ head, rules, tests: tests.join('') }), {}, 'test');
    assert.ok(loaded.ok, 'failing tests are for whoever runs them');
    const app = loaded.world.apps.get('payroll');
    assert.ok(app !== undefined);
    const all: readonly PolicyTest[] = loaded.world.tests;
    let differing = 0;
    for (const { item, leftOut, without, id } of variantsOf(app)) {
      if (leftOut !== 'all' || without === null) continue;
      const rulesLeft = app.ruleList.filter(({ rule }) => rule !== item);
      const floorsLeft = app.floorList.filter(({ floor }) => floor !== item);
      const rebuilt: App = { ...app, ...filed(rulesLeft, floorsLeft) };
      for (const test of all) {
        const answerOf = (one: App): string => answerText(runTest(test, one).answer, 'payroll');
        assert.equal(answerOf(without), answerOf(rebuilt), `${id}: ${test.name}`);
        if (answerOf(without) !== answerOf(app)) differing++;
      }
    }
    assert.ok(differing > 10, `only ${differing} answers differ`);
  });
});
