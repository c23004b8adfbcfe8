import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { App } from '../../src/config/world.ts';
import { decide } from '../../src/core/decide.ts';
import { readQuery } from '../../src/core/query.ts';
import { type Files, FULL_POLICIES, loadFull, placesOf, put } from '../config/full-files.ts';

const idsOf = (files: Files): readonly string[] =>
  placesOf(loadFull(files), files).map((place) => place.slice(place.indexOf(' ') + 1));

/** The ids of what is wrong with policies.yaml, each once. */
const found = (from: string, to: string): readonly string[] => [
  ...new Set(idsOf({ policies: put(FULL_POLICIES, from, to) })),
];

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');

/** What one visitor without a session is answered by an app of a configuration that loads. */
function answerOf(policies: string, name: string, target: string): string {
  const result = loadFull({ policies });
  assert.ok(result.ok, JSON.stringify(result));
  const app = result.world.apps.get(name) as App;
  const [path = '', query = ''] = target.split('?');
  const request = {
    method: 'GET',
    host: `${name}.example.com`,
    scheme: 'https' as const,
    query: readQuery(query === '' ? '' : `?${query}`),
    header: () => null,
    hasBody: false,
    clientIp: '192.0.2.9',
    at: 1_800_000_000,
  };
  const readings = [path.slice(1).split('/')];
  const decision = decide(app, { request, readings, standing: null, now: 1_800_000_000 });
  return `${decision.kind} ${decision.rule?.id ?? '-'}`;
}

describe('anchors', () => {
  it('T170 are taken where they save writing: an exception of two floors, a condition of two rules', () => {
    const shared = put(FULL_POLICIES, 'hr: \'"hr" in user.groups\'', 'hr: &hr \'"hr" in user.groups\'');
    assert.deepEqual(idsOf({ policies: put(shared, '    only: hr\n', '    only: *hr\n') }), []);
  });

  it('T170 that many floors name explode no exceptions', () => {
    const exceptions = many(2000, () => '{app: payroll, path: [/a, /b, /c, /d]}, ');
    const floors = many(200, (i) => `  - {id: z${i}, deny: true, except: *open}\n`);
    const text = put(FULL_POLICIES, '[{app: payroll, path', `[${exceptions}{app: payroll, path`);
    assert.deepEqual(idsOf({ policies: put(text, '  - {id: money', `${floors}  - {id: money`) }), ['yaml-alias-limit']);
  });

  it('T170 that many networks name explode no ranges', () => {
    const networks = many(100, (i) => `  n${i}: *home\n`);
    const text = put(FULL_POLICIES, 'home: [', `home: &home [${'192.0.2.0/24, '.repeat(2000)}`);
    assert.deepEqual(idsOf({ policies: put(text, 'conditions:\n', `${networks}conditions:\n`) }), ['yaml-alias-limit']);
  });

  it('T170 that repeat a long text a thousand times are told in sentences that are short', () => {
    const rules = many(1000, (i) => `      - {id: r${i}, path: /x, require: *long}\n`);
    const text = put(FULL_POLICIES, 'validity: 8h}', `validity: 8h, label: &long ${'x'.repeat(100_000)}}`);
    const files = { policies: put(text, '    rules:\n', `    rules:\n${rules}`) };
    const result = loadFull(files);
    assert.ok(!result.ok && result.problems.length === 1000);
    assert.deepEqual([...new Set(placesOf(result, files).map((place) => place.split(' ')[1]))], ['unknown-level']);
  });
});

describe('names that mean something to JavaScript', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    const taken = name === 'constructor' ? [] : ['bad-name'];
    const asKey = name === '__proto__' ? ['yaml-key'] : [];
    const PLACES: readonly (readonly [what: string, from: string, to: string, ids: readonly string[]])[] = [
      ['a level that is demanded', 'default: {require: password}', `default: {require: ${name}}`, ['unknown-level']],
      ['a level below another', 'above: [mfa]', `above: [${name}]`, ['unknown-level']],
      ['a level in a test', '{mfa: 1m}', `{${name}: 1m}`, name === '__proto__' ? asKey : ['unknown-level']],
      [
        'a condition that is named',
        '    only: hr\n',
        `    only: ${name}\n`,
        name === '__proto__' ? ['bad-condition'] : ['unknown-name'],
      ],
      ['an app under a floor', '[payroll, bank]', `[payroll, ${name}]`, ['unknown-app']],
      ['an app in an exception', '{app: payroll, path', `{app: ${name}, path`, ['unknown-app']],
      ['an app in a test', 'app: wiki, request', `app: ${name}, request`, ['unknown-app']],
      ['a method', 'methods: write', `methods: ${name}`, ['unknown-method']],
      ['an id of a rule', 'id: assets', `id: ${name}`, taken],
      ['an id of a floor', 'id: embargo', `id: ${name}`, taken],
      [
        'a key of a rule',
        '{id: assets,',
        `{id: assets, ${name}: {public: true},`,
        name === '__proto__' ? asKey : ['unknown-key'],
      ],
      ['a language', 'de: Warum', `${name}: Warum`, name === '__proto__' ? asKey : ['wrong-value']],
      ['a parameter', '{action: [delete, drop]}', `{${name}: x}`, asKey],
      ['a claim in a test', '{groups: [hr]}', `{groups: [hr], claims: {${name}: x}}`, asKey],
      ['an expectation', 'expect: allow', `expect: ${name}`, ['wrong-value']],
      ['the reason that is expected', 'password no_session', `password ${name}`, ['wrong-value']],
    ];
    for (const [what, from, to, ids] of PLACES) {
      it(`T170 are names like others or none: ${name} as ${what}`, () => assert.deepEqual(found(from, to), ids));
    }
  }

  it('T170 stand for themselves where they are names: a parameter that did not come is not there', () => {
    const text = put(FULL_POLICIES, '    only: hr\n', '');
    const rule = '      - {id: odd, path: /odd, query: {constructor: x, toString: y}, public: true}\n';
    const policies = put(
      put(text, '    rules:\n', `    rules:\n${rule}`),
      '  - id: everyone\n    require: password\n',
      '  - id: everyone\n    require: password\n    apps: wiki\n',
    );
    assert.equal(answerOf(policies, 'payroll', '/odd'), 'challenge -');
    assert.equal(answerOf(policies, 'payroll', '/odd?constructor=x&toString=y'), 'allow payroll/odd');
  });

  it('T170 stand for themselves as conditions too', () => {
    const text = put(FULL_POLICIES, '  late: inside', '  constructor: network.home\n  late: inside');
    const policies = put(text, 'when: late, require: passkey', 'when: constructor, require: passkey');
    assert.equal(answerOf(policies, 'payroll', '/late/x'), 'challenge -');
  });
});

describe('what is too much', () => {
  const HUGE: readonly (readonly [what: string, from: string, to: string, ids: readonly string[]])[] = [
    [
      'a condition of a hundred thousand characters',
      'when: late',
      `when: "${'late && '.repeat(14_000)}late"`,
      ['bad-condition'],
    ],
    [
      'a condition in twenty thousand brackets',
      'when: late',
      `when: "${'('.repeat(20_000)}late${')'.repeat(20_000)}"`,
      ['bad-condition'],
    ],
    [
      'a condition in a thousand brackets',
      'when: late',
      `when: "${'('.repeat(1000)}late${')'.repeat(1000)}"`,
      ['bad-condition'],
    ],
    [
      'a condition in a thousand lists',
      'when: late',
      `when: "${'['.repeat(1000)}${']'.repeat(1000)} == []"`,
      ['bad-condition'],
    ],
    ['a condition with four thousand negations', 'when: late', `when: "${'!'.repeat(4000)}late"`, ['bad-condition']],
    [
      'five thousand conditions in a row',
      '  late: inside',
      `${many(5000, (i) => `  c${i}: c${i + 1} && hr\n`)}  c5000: hr\n  late: inside`,
      ['bad-condition'],
    ],
    [
      'twenty thousand levels',
      'networks:\n',
      `${many(20_000, (i) => `  - {name: l${i}, validity: 1h}\n`)}networks:\n`,
      ['too-many-levels'],
    ],
    [
      'twenty thousand tests',
      'tests:\n',
      `tests:\n${'  - {app: wiki, request: GET /x, expect: challenge}\n'.repeat(20_000)}`,
      ['too-many-tests'],
    ],
    ['a duration of a hundred thousand digits', 'validity: 8h', `validity: ${'9'.repeat(100_000)}h`, ['bad-duration']],
    ['forty lists in lists', 'wiki: {}', `wiki: ${'['.repeat(40)}${']'.repeat(40)}`, ['yaml-too-deep']],
    ['lists in lists', 'wiki: {}', `wiki: ${'['.repeat(200_000)}${']'.repeat(200_000)}`, ['yaml-too-deep']],
  ];
  for (const [what, from, to, ids] of HUGE) {
    it(`T170 is refused at once: ${what}`, () => assert.deepEqual(found(from, to), ids));
  }

  it('T170 is not what a long file is: ten thousand wrong rules are told of, each at its place', () => {
    const rules = many(10_000, (i) => `      - {id: r${i}, path: /x, require: mffa}\n`);
    const files = { policies: put(FULL_POLICIES, '    rules:\n', `    rules:\n${rules}`) };
    assert.equal(idsOf(files).length, 10_000);
  });

  it('T170 costs a decision nothing: conditions that name one another twice are told once', () => {
    const doubled = many(32, (i) => `  c${i}: ${i === 0 ? 'network.office' : `c${i - 1} && c${i - 1}`}\n`);
    const text = put(FULL_POLICIES, '  late: inside', `${doubled}  late: inside`);
    assert.equal(answerOf(put(text, 'when: late', 'when: c31'), 'payroll', '/late/x'), 'challenge payroll/late');
  });
});
