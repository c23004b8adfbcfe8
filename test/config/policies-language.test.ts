import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { App, World } from '../../src/config/world.ts';
import { decide } from '../../src/core/decide.ts';
import { standsAtOrAbove } from '../../src/core/ladder.ts';
import { questionOf } from '../core/apps.ts';
import { assertFound, type Base, ENV, GATEWAY, inspect, load, type Mistake, problemsOf, worldOf } from './fixture.ts';

const PROVES_ALL = GATEWAY.replace(
  'mfa: {acr: "2"}',
  'mfa: {acr: "2"}\n      x509: {acr: "3"}\n      hardware: {acr: "4"}',
);

/** A policies.yaml that says one thing of every kind, and nothing wrong. */
const FULL = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h, above: [password]}
  - {name: x509, validity: 2h, above: [password]}
  - {name: hardware, validity: 15m, above: [mfa, x509]}
networks:
  office: {ranges: [192.0.2.0/24, "2001:db8::/32"]}
  lab: [198.51.100.7]
conditions:
  inside: network.office || network.lab
  staff: '"hr" in user.groups'
default: {require: password}
floors:
  - {id: money, apps: [payroll], path: /pay/transfers/**, methods: write, require: mfa}
  - id: new
    apps: payroll
    when: "!inside"
    require: mfa
    except: [{app: payroll, path: /pay/static/**, methods: read}]
  - {id: closed, apps: payroll, when: network.lab, deny: true, mode: report}
apps:
  payroll:
    require: password
    only: staff || inside
    rules:
      - {id: static, path: /pay/static/**, public: known}
      - {id: hr, path: /pay/hr/**, only: staff, require: mfa, max_age: 5m}
      - {id: exact, path: /pay/sign, require: x509, comparison: exact, since: "2026-11-22T14:05:00Z"}
      - {id: better, path: /pay/keys, require: password, comparison: better, note: asked for by the auditors}
      - {id: delete, path: /pay/records/*, query: {do: [delete, purge]}, param: {force: "1"}, require: mfa, message: Deleting needs a second step.}
      - {id: soon, path: /pay/soon, require: hardware, mode: off}
  wiki: {require: password}
`;
const BASE: Base = { gateway: PROVES_ALL, policies: FULL };

const LEVELS: readonly Mistake[] = [
  {
    name: 'a level that no longer says what it stands above',
    replace: '{name: hardware, validity: 15m, above: [mfa, x509]}',
    by: '‸{name: hardware, validity: 15m}',
    id: 'level-above-missing',
  },
  {
    name: 'Z7 a level above one nobody knows',
    replace: '[mfa, x509]',
    by: '[mfa, ‸x508]',
    id: 'unknown-level',
    hint: /"x509"/,
  },
  { name: 'Z7 a level above itself', replace: '[mfa, x509]', by: '[mfa, ‸hardware]', id: 'level-cycle' },
  {
    name: 'Z7 a level above one that stands above it',
    replace: 'name: mfa, validity: 1h, above: [password]',
    by: 'name: mfa, validity: 1h, above: [password, ‸hardware]',
    id: 'level-cycle',
  },
  {
    name: 'Z7 a level above one listed later',
    replace: 'name: mfa, validity: 1h, above: [password]',
    by: 'name: mfa, validity: 1h, above: [password, ‸x509]',
    id: 'level-order',
    hint: /move it up/,
  },
  { name: 'levels above that are no list', replace: '[mfa, x509]', by: '‸mfa', id: 'wrong-type', message: /a list/ },
];
const REST: readonly Mistake[] = [
  { name: 'a range that is none', replace: '192.0.2.0/24', by: '‸192.0.2.0/33', id: 'bad-address' },
  { name: 'a range in a short list that is none', replace: '[198.51.100.7]', by: '[‸198.51.100]', id: 'bad-address' },
  {
    name: 'an unknown key of a network',
    replace: 'office: {ranges',
    by: 'office: {‸range: [], ranges',
    id: 'unknown-key',
    hint: /"ranges"/,
  },
  { name: 'a network without ranges', replace: '[198.51.100.7]', by: '‸[]', id: 'nothing-listed' },
  {
    name: 'a condition of no type bool',
    replace: 'inside: network.office || network.lab',
    by: 'inside: ‸client.ip',
    id: 'bad-condition',
  },
  {
    name: 'a network that nobody named',
    replace: 'when: network.lab',
    by: 'when: network.‸lap',
    id: 'unknown-name',
    hint: /"lab"/,
  },
  {
    name: 'a condition that nobody named',
    replace: 'only: staff ||',
    by: 'only: ‸stuff ||',
    id: 'unknown-name',
    hint: /"staff"/,
  },
  {
    name: 'a condition that takes a taken name',
    replace: '  inside: network.office',
    by: '  ‸user: network.office\n  inside: network.office',
    id: 'reserved-name',
  },
  {
    name: 'a condition that names itself',
    replace: 'inside: network.office || network.lab',
    by: 'inside: network.office || ‸inside',
    id: 'condition-cycle',
  },
  {
    name: 'an unknown key of a floor',
    replace: 'id: money, apps',
    by: 'id: money, ‸app: x, apps',
    id: 'unknown-key',
    hint: /"apps"/,
  },
  { name: 'two floors of one id', replace: '{id: closed, apps', by: '{id: ‸money, apps', id: 'duplicate-id' },
  {
    name: 'a floor over an app nobody knows',
    replace: 'apps: [payroll]',
    by: 'apps: [‸payrol]',
    id: 'unknown-app',
    hint: /"payroll"/,
  },
  {
    name: 'a floor that asks for nothing',
    replace: '{id: money, apps: [payroll], path: /pay/transfers/**, methods: write, require: mfa}',
    by: '‸{id: money, apps: [payroll], path: /pay/transfers/**}',
    id: 'empty-requirement',
  },
  {
    name: 'a floor that asks and denies',
    replace: 'when: network.lab, deny: true',
    by: 'require: mfa, ‸deny: true',
    id: 'contradiction',
  },
  {
    name: 'a floor that is public',
    replace: 'when: network.lab, deny: true',
    by: '‸public: true, deny: true',
    id: 'unknown-key',
  },
  {
    name: 'a floor for some',
    replace: 'when: network.lab, deny: true',
    by: '‸only: staff, deny: true',
    id: 'unknown-key',
  },
  {
    name: 'a floor with a level nobody knows',
    replace: 'methods: write, require: mfa',
    by: 'methods: write, require: ‸mfaa',
    id: 'unknown-level',
    hint: /"mfa"/,
  },
  {
    name: 'a floor over an app that cannot prove it',
    replace: 'apps: [payroll], path: /pay/transfers/**, methods: write, require: mfa',
    by: 'apps: [payroll, wiki], require: ‸mfa',
    id: 'level-unprovable',
    message: /"wiki"/,
  },
  {
    name: 'a floor by a method nobody knows',
    replace: 'methods: write, require: mfa',
    by: 'methods: ‸writes, require: mfa',
    id: 'unknown-method',
    hint: /"write"/,
  },
  {
    name: 'an exception of everything',
    replace: '[{app: payroll, path: /pay/static/**, methods: read}]',
    by: '[‸{}]',
    id: 'contradiction',
  },
  {
    name: 'an exception of an app nobody knows',
    replace: '{app: payroll, path',
    by: '{app: ‸payrol, path',
    id: 'unknown-app',
  },
  {
    name: 'an exception of a path that its app does not have',
    replace: 'path: /pay/static/**, methods: read}]',
    by: 'path: ‸/static/**, methods: read}]',
    id: 'path-outside-mount',
  },
  { name: 'an exception with a condition', replace: 'methods: read}]', by: '‸when: inside}]', id: 'unknown-key' },
  {
    name: 'an exception by a method nobody knows',
    replace: 'methods: read}]',
    by: 'methods: ‸red}]',
    id: 'unknown-method',
  },
  { name: 'public in another word', replace: 'public: known', by: 'public: ‸knwon', id: 'wrong-value', hint: /known/ },
  { name: 'public for some', replace: 'public: known', by: 'public: known, ‸only: staff', id: 'contradiction' },
  {
    name: 'public with a comparison',
    replace: 'public: known',
    by: 'public: known, ‸comparison: exact',
    id: 'demand-without-require',
  },
  {
    name: 'a since without a level',
    replace: 'require: x509, comparison: exact, since',
    by: '‸since',
    id: 'demand-without-require',
  },
  {
    name: 'a step-up for each request without a level',
    replace: 'only: staff, require: mfa, max_age: 5m',
    by: 'methods: write, ‸one_time: true',
    id: 'demand-without-require',
  },
  {
    name: 'a comparison nobody knows',
    replace: 'comparison: exact',
    by: 'comparison: ‸exactly',
    id: 'wrong-value',
    hint: /exact/,
  },
  {
    name: 'M11 better than the highest',
    replace: 'require: password, comparison: better',
    by: 'require: hardware, comparison: ‸better',
    id: 'nothing-above',
  },
  {
    name: 'M11 better without a note',
    replace: 'comparison: better, note: asked for by the auditors',
    by: 'comparison: ‸better',
    id: 'note-missing',
  },
  {
    name: 'M11 a maximum without a note',
    replace: 'comparison: exact, since',
    by: 'comparison: ‸maximum, since',
    id: 'note-missing',
  },
  {
    name: 'a moment without offset',
    replace: '"2026-11-22T14:05:00Z"',
    by: '‸"2026-11-22T14:05:00"',
    id: 'bad-instant',
    hint: /offset/,
  },
  {
    name: 'a day that there is not',
    replace: '"2026-11-22T14:05:00Z"',
    by: '‸"2026-02-30T14:05:00Z"',
    id: 'bad-instant',
  },
  { name: 'a moment that is only a day', replace: '"2026-11-22T14:05:00Z"', by: '‸"2026-11-22"', id: 'bad-instant' },
  {
    name: 'a max_age longer than a better level lasts',
    replace: 'comparison: better,',
    by: 'comparison: better, max_age: ‸3h,',
    id: 'max-age-too-long',
  },
  { name: 'a parameter without a value', replace: 'do: [delete, purge]', by: 'do: ‸[]', id: 'nothing-listed' },
  { name: 'a parameter that is a number', replace: 'force: "1"', by: 'force: ‸1', id: 'wrong-type', hint: /quotes/ },
  { name: 'a mode nobody knows', replace: 'mode: off', by: 'mode: ‸of', id: 'wrong-value', hint: /"off"/ },
  {
    name: 'a rule that is off, and wrong',
    replace: 'require: hardware, mode: off',
    by: 'require: ‸hardwar, mode: off',
    id: 'unknown-level',
  },
  {
    name: 'a floor that only reports, and is wrong',
    replace: 'when: network.lab, deny',
    by: 'when: network.‸lub, deny',
    id: 'unknown-name',
  },
  {
    name: 'a message in no language',
    replace: 'message: Deleting needs a second step.',
    by: 'message: ‸{german: Halt}',
    id: 'wrong-value',
  },
];

describe('policies.yaml, its whole language', () => {
  it('is taken as it stands', () => assert.deepEqual(problemsOf(PROVES_ALL, FULL), []));

  for (const mistake of [...LEVELS, ...REST]) {
    it(`points to ${mistake.name}`, () => assertFound('policies', mistake, BASE));
  }
});

const APP = `conditions:
  team: '"payroll" in user.groups'
rules:
  - {id: open, path: /pay/open, public: true}
  - {id: team, path: /pay/team/**, only: team && inside, require: mfa}
`;
const WITH_FILE = `${FULL.slice(0, FULL.indexOf('    rules:'))}    file: app.yaml
    owner: team-payroll
  wiki: {require: password}
`;

const IN_APP: readonly Mistake[] = [
  { name: 'an unknown key', replace: 'rules:', by: '‸levels: []\nrules:', id: 'unknown-key', hint: /rules/ },
  {
    name: 'a demand of the whole app, which stays with the security team',
    replace: 'rules:',
    by: '‸require: mfa\nrules:',
    id: 'unknown-key',
  },
  { name: 'a floor', replace: 'rules:', by: '‸floors: []\nrules:', id: 'unknown-key' },
  { name: 'a level that nobody knows', replace: 'require: mfa', by: 'require: ‸gold', id: 'unknown-level' },
  { name: 'two rules of one id', replace: 'id: team', by: 'id: ‸open', id: 'duplicate-id' },
  { name: 'a path outside of its app', replace: '/pay/open', by: '‸/open', id: 'path-outside-mount' },
  { name: 'a condition that nobody named', replace: 'team && inside', by: 'team && ‸outside', id: 'unknown-name' },
  {
    name: 'a condition that the other file has',
    replace: '  team: ',
    by: '  ‸inside: network.lab\n  team: ',
    id: 'reserved-name',
  },
  { name: 'a condition that nobody can read', replace: `'"payroll" in`, by: `'"payroll" ‸inn`, id: 'bad-condition' },
];

describe('the file of an app', () => {
  const found = (policies: string, files: Readonly<Record<string, string>>): readonly string[] =>
    problemsOf(PROVES_ALL, policies, ENV, files).map(({ file, line, id }) => `${file}:${line} ${id}`);

  it('is taken as it stands, with conditions of its own and those of all', () => {
    assert.deepEqual(found(WITH_FILE, { 'app.yaml': APP }), []);
  });

  for (const mistake of IN_APP) {
    it(`points to ${mistake.name}`, () => {
      assertFound('app', mistake, { gateway: PROVES_ALL, policies: WITH_FILE, app: APP });
    });
  }

  it('keeps its conditions to itself', () => {
    const policies = WITH_FILE.replace('wiki: {require: password}', 'wiki: {require: password, only: team}');
    assert.deepEqual(found(policies, { 'app.yaml': APP }), [
      `policies.yaml:${policies.split('\n').length - 1} unknown-name`,
    ]);
  });

  it('stands in place of rules, not beside them', () => {
    const policies = WITH_FILE.replace('file: app.yaml', 'file: app.yaml\n    rules: []');
    assert.deepEqual(found(policies, { 'app.yaml': APP }), ['policies.yaml:27 contradiction']);
  });

  it('has to be there', () => assert.deepEqual(found(WITH_FILE, {}), ['policies.yaml:26 file-unreadable']));

  for (const [is, text, id] of [
    ['empty', '', 'file-empty'],
    ['no YAML', 'rules: [', 'yaml-syntax'],
    ['no map', '- a', 'wrong-type'],
    ['one with a tag', 'rules: !!set {}', 'yaml-tag'],
  ] as const) {
    it(`is refused where it is ${is}`, () => {
      assert.ok(found(WITH_FILE, { 'app.yaml': text }).some((line) => line === `app.yaml:1 ${id}`));
    });
  }

  it('says who looks after it, and is a part of what the world is named by', () => {
    const world = (app: string): World => {
      const result = load(PROVES_ALL, WITH_FILE, ENV, { 'app.yaml': app });
      assert.ok(result.ok, JSON.stringify(result));
      return result.world;
    };
    assert.equal(world(APP).apps.get('payroll')?.owner, 'team-payroll');
    assert.equal(world(APP).apps.get('payroll')?.ruleList[1]?.place.file, 'app.yaml');
    assert.notEqual(world(APP).hash, world(`${APP}#`).hash);
  });
});

describe('what policies.yaml comes to', () => {
  const world = worldOf(PROVES_ALL, FULL);
  const app = (name: string, of = world): App => of.apps.get(name) ?? assert.fail();

  it('Z6 a tree, in which a proof counts for its level and all below it', () => {
    const counts = world.ladder.levels.map((proven) =>
      [proven, ...world.ladder.levels.filter((level) => level !== proven && standsAtOrAbove(proven, level))].map(
        ({ name }) => name,
      ),
    );
    assert.deepEqual(counts, [
      ['password'],
      ['mfa', 'password'],
      ['x509', 'password'],
      ['hardware', 'password', 'mfa', 'x509'],
    ]);
  });

  it('floors over the apps that they name, with the exceptions that are about them', () => {
    assert.deepEqual(
      app('payroll').floorList.map(({ floor }) => floor.id),
      ['floor/money', 'floor/new', 'floor/closed'],
    );
    assert.deepEqual(app('wiki').floorList, []);
  });

  it('a floor without apps over all of them', () => {
    const all = worldOf(PROVES_ALL, FULL.replace('{id: closed, apps: payroll,', '{id: closed,'));
    assert.equal(app('wiki', all).floorList.length, 1);
  });

  it('a floor only over apps that have its paths', () => {
    const all = FULL.replace('{id: closed, apps: payroll, when', '{id: closed, path: /pay/**, when').replace(
      / {2}payroll:/,
      '  payroll:',
    );
    const gateway = PROVES_ALL.replace('https://wiki.example.com"]', 'https://wiki.example.com"]\n    path: /wiki');
    assert.deepEqual(app('wiki', worldOf(gateway, all)).floorList, []);
  });

  it('what is off in the list, and nowhere else', () => {
    const { rules, ruleList } = app('payroll');
    assert.deepEqual([ruleList.at(-1)?.rule.id, ruleList.at(-1)?.off], ['payroll/soon', true]);
    assert.deepEqual(rules.find(['pay', 'soon']), []);
  });

  it('demands with every term, by whoever makes them', () => {
    const demands = app('payroll').ruleList.flatMap(({ rule }) =>
      rule.effect.kind === 'require' ? rule.effect.demands : [],
    );
    assert.deepEqual(
      demands.map(({ source, level, comparison, maxAge, since }) => [source, level.name, comparison, maxAge, since]),
      [
        ['payroll/hr', 'mfa', 'minimum', 300, null],
        ['payroll/exact', 'x509', 'exact', null, Date.parse('2026-11-22T14:05:00Z') / 1000],
        ['payroll/better', 'password', 'better', null, null],
        ['payroll/delete', 'mfa', 'minimum', null, null],
        ['payroll/soon', 'hardware', 'minimum', null, null],
      ],
    );
  });

  it('the sentence of a rule, else that of its level', () => {
    assert.equal(world.messages.get('payroll/delete')?.get('en'), 'Deleting needs a second step.');
    assert.equal(world.messages.has('payroll/hr'), false);
  });

  it('an app that is for some, in its own terms', () => {
    assert.equal(app('payroll').only?.text, 'staff || inside');
    assert.deepEqual([...(app('payroll').only?.reads.names ?? [])].sort(), [
      'network.lab',
      'network.office',
      'user.groups',
    ]);
  });

  it('knows that a condition looks at the method, in a rule, a floor, or for the whole app', () => {
    const asks = `request.method == "POST"`;
    for (const [wiki = '', floors = ''] of [
      [`{require: password, rules: [{id: a, when: '${asks}', deny: true}]}`, ''],
      [`{require: password, rules: [{id: a, only: '${asks}'}]}`, ''],
      [`{require: password, only: '${asks}'}`, ''],
      ['{require: password, only: posted}', ''],
      ['{require: password}', `  - {id: posts, apps: wiki, when: '${asks}', deny: true}\n`],
    ]) {
      const policies = FULL.replace('wiki: {require: password}', `wiki: ${wiki}`)
        .replace('floors:\n', `floors:\n${floors}`)
        .replace('conditions:\n', `conditions:\n  posted: '${asks}'\n`);
      assert.equal(app('wiki', worldOf(PROVES_ALL, policies)).namesMethods, true, wiki);
    }
    assert.equal(app('wiki').namesMethods, false);
  });

  for (const [address, is] of [
    ['192.0.2.200', true],
    ['192.0.3.1', false],
    ['198.51.100.7', true],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['::ffff:192.0.2.1', true],
    ['', false],
    ['not an address', false],
  ] as const) {
    it(`${is ? 'lets' : 'does not let'} "${address}" be inside`, () => {
      const decision = decide(app('payroll'), questionOf(null, '/pay', { clientIp: address }));
      // Outside, the floor adds its level, and whoever it is has to be known.
      const expected = is ? ['password'] : ['password', 'mfa'];
      assert.ok(decision.kind === 'challenge');
      assert.deepEqual(
        decision.requirement.demands.map(({ level }) => level.name),
        expected,
      );
    });
  }
});

describe('a step-up for each request', () => {
  const once = FULL.replace('only: staff, require: mfa, max_age: 5m', 'methods: write, require: mfa, one_time: true');

  it('is not served yet, and the rule is named', () => {
    const [problem, ...more] = problemsOf(PROVES_ALL, once);
    assert.deepEqual([problem?.id, more], ['one-time-not-served', []]);
    assert.match(problem?.message ?? '', /"hr"/);
  });

  it('is known to whoever only inspects', () => {
    const result = inspect(PROVES_ALL, once);
    assert.ok(result.ok);
    assert.ok(result.notices.some(({ id }) => id === 'one-time-not-served'));
    assert.equal(result.world.apps.get('payroll')?.ruleList[1]?.rule.oneTime, true);
  });

  for (const methods of ['', 'methods: read, ', 'methods: [POST, GET], ', 'methods: [OPTIONS], ']) {
    it(`is for requests that write, not for ${methods === '' ? 'all' : methods.slice(9, -2)}`, () => {
      const found = problemsOf(
        PROVES_ALL,
        once.replace('methods: write, require: mfa, one_time', `${methods}require: mfa, one_time`),
      );
      assert.ok(found.some(({ id }) => id === 'one-time-reads'));
    });
  }
});
