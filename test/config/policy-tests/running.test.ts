import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load, policiesOf, problemsOf, saidOf, type Written, worldOf } from './fixture.ts';

/** What comes out of requests, and every expectation of which it is one. All others must fail. */
const ANSWERS: readonly (readonly [request: string, comes: string, met: readonly string[]])[] = [
  ['GET /pay/static/a.css', 'public by payroll/assets', ['public']],
  ['HEAD /pay/static/a.css', 'public by payroll/assets', ['public']],
  ['GET /pay, session: {password: 1h}', 'allow by payroll', ['allow']],
  ['POST /pay/runs/7, session: {mfa: 4m}', 'allow by payroll/runs', ['allow']],
  [
    'GET /pay',
    'challenge password no_session by payroll',
    ['challenge', 'challenge password', 'challenge no_session', 'challenge password no_session'],
  ],
  [
    'GET /pay, session: {}',
    'challenge password insufficient_level by payroll',
    ['challenge', 'challenge password', 'challenge insufficient_level', 'challenge password insufficient_level'],
  ],
  [
    'POST /pay/runs/7, session: {password: 1m}',
    'challenge mfa insufficient_level by payroll/runs',
    ['challenge', 'challenge mfa', 'challenge insufficient_level', 'challenge mfa insufficient_level'],
  ],
  [
    'POST /pay/runs/7, session: {mfa: 6m}',
    'challenge mfa stale_authentication by payroll/runs',
    ['challenge', 'challenge mfa', 'challenge stale_authentication', 'challenge mfa stale_authentication'],
  ],
  ['GET /pay/legacy/x, session: {mfa: 1m}', 'deny forbidden by payroll/closed', ['deny', 'deny forbidden']],
  ['GET /pay/runs?_method=PUT', 'deny ambiguous_request by method_override', ['deny', 'deny ambiguous_request']],
  [
    'GET /pay, headers: {X-HTTP-Method-Override: PUT}',
    'deny ambiguous_request by method_override',
    ['deny', 'deny ambiguous_request'],
  ],
  ['GET /pay/%2e%2e/x', 'deny ambiguous_request by dot_segment', ['deny', 'deny ambiguous_request']],
];

const EXPECTATIONS = [...new Set(ANSWERS.flatMap(([, , met]) => met)), 'deny no_rule', 'deny unsatisfiable'];

describe('a test', () => {
  for (const [request, comes, met] of ANSWERS) {
    it(`of ${request} passes for ${met.join(', ')}, and for nothing else`, () => {
      const tests = EXPECTATIONS.map((expect) => `  - {app: payroll, request: ${request}, expect: ${expect}}`);
      const said = EXPECTATIONS.flatMap((expect, i) =>
        met.includes(expect) ? [] : [`${i + 1}:5 test-failed: expected ${expect}, but ${comes}`],
      );
      assert.deepEqual(saidOf({ tests: tests.join('\n') }), said);
    });
  }

  it('of an app without a demand of its own sees what no rule is about', () => {
    const head = 'given: {}\n';
    const policies = policiesOf({ head, tests: '  - {app: payroll, request: GET /pay/x, expect: deny no_rule}' })
      .replace('default: {require: password}\n', '')
      .replace('    require: password\n', '')
      .replace('wiki: {}', 'wiki: {require: password}')
      .replace('archive: {}', 'archive: {require: password}');
    assert.deepEqual(problemsOf(policies), []);
  });

  it('may name a method in its query where no rule looks at methods', () => {
    const tests = '  - {app: wiki, request: "GET /x?_method=PUT", expect: challenge password no_session}';
    assert.deepEqual(saidOf({ tests }), []);
  });

  it('is about the levels of its app alone: of a level that only counts below nothing is expected', () => {
    const tests = '  - {app: payroll, request: GET /pay, session: {mfa: 2h}, expect: allow}';
    assert.deepEqual(saidOf({ tests }), [], 'two hours old it is no mfa, and a password for six more');
  });
});

/** A condition of which a rule is made, what its test must give, and where it is told how. */
const READ: readonly (readonly [condition: string, name: string, give: string])[] = [
  ['client.ip == "192.0.2.9"', 'client.ip', 'client: {ip: 192.0.2.9}'],
  ['network.office', 'client.ip', 'client: {ip: 192.0.2.9}'],
  ['client.user_agent.startsWith("Kiosk")', 'client.user_agent', 'client: {user_agent: Kiosk/1}'],
  ['client.user_agent.startsWith("Kiosk")', 'client.user_agent', 'headers: {User-Agent: Kiosk/1}'],
  ['request.headers["x-kiosk"] == "yes"', 'request.headers', 'headers: {X-Kiosk: "yes"}'],
  ['now > timestamp("2026-01-01T00:00:00Z")', 'now', 'at: "2026-11-22T10:00:00Z"'],
  ['"hr" in user.groups', 'user.groups', 'user: {groups: [it, hr]}'],
  ['"hr" in user.groups', 'user.groups', 'user: {groups: hr}'],
  ['user.email.endsWith("@corp.example")', 'user.email', 'user: {email: ann@corp.example}'],
  ['user.name == "Ann"', 'user.name', 'user: {name: Ann}'],
  ['user.subject == "248289761001"', 'user.subject', 'user: {subject: "248289761001"}'],
  ['"sales" in user.claims.department', 'user.claims', 'user: {claims: {department: sales}}'],
  ['"sales" in user.claims.department', 'user.claims', 'user: {claims: {department: [it, sales]}}'],
  ['now - session.created < duration("2h")', 'now, session.created', 'signed_in: 1h, at: "2026-11-22T10:00:00Z"'],
];

const NETWORKS = 'networks: {office: [192.0.2.0/24]}\n';
const ruleWhen = (condition: string): string => `      - {id: when, path: /pay/x, when: '${condition}', deny: true}\n`;
const asked = (give: string, expect: string): string =>
  `  - {app: payroll, request: GET /pay/x, session: {mfa: 1m}${give && `, ${give}`}, expect: ${expect}}`;

describe('a test that does not give what is read', () => {
  for (const [condition, name, give] of READ) {
    it(`fails, whatever it expects: ${condition}, unless it says ${give}`, () => {
      const written: Written = { head: NETWORKS, rules: ruleWhen(condition) };
      for (const expect of ['deny forbidden', 'deny', 'allow', 'challenge']) {
        const [said, ...more] = saidOf({ ...written, tests: asked('', expect) });
        assert.equal(
          said?.startsWith(`1:5 test-failed: expected ${expect}, but a condition reads what is not given: `),
          true,
        );
        assert.deepEqual(new Set(said?.split(': ').at(-1)?.split(', ')), new Set(name.split(', ')));
        assert.deepEqual(more, []);
      }
      assert.deepEqual(saidOf({ ...written, tests: asked(give, 'deny forbidden') }), []);
    });
  }

  it('is told how to give it', () => {
    const [problem] = problemsOf(
      policiesOf({ head: NETWORKS, rules: ruleWhen('network.office'), tests: asked('', 'deny') }),
    );
    assert.equal(problem?.hint, 'write here or under "given": client: {ip: 192.0.2.9}');
  });

  it('fails although another part of the condition already tells', () => {
    const rules = ruleWhen('network.office || "hr" in user.groups');
    const [said] = saidOf({ head: NETWORKS, rules, tests: asked('user: {groups: [hr]}', 'deny') });
    assert.match(said ?? '', /not given: client\.ip$/);
  });

  it('fails for what a rule reads that is only reported', () => {
    const rules = '      - {id: soon, path: /pay/x, when: network.office, require: mfa, mode: report}\n';
    const [said] = saidOf({ head: NETWORKS, rules, tests: asked('', 'allow') });
    assert.match(said ?? '', /not given: client\.ip$/);
  });

  it('passes where nobody looks', () => {
    const rules = ruleWhen('network.office');
    const tests = '  - {app: payroll, request: GET /pay/y, session: {mfa: 1m}, expect: allow}';
    assert.deepEqual(saidOf({ head: NETWORKS, rules, tests }), []);
  });
});

describe('what a test gives', () => {
  it('is all that there is: other headers, claims and groups are missing as in reality', () => {
    const rules = [
      ruleWhen('request.headers["x-kiosk"] == "yes"'),
      ruleWhen('has(user.claims.department)').replace('id: when', 'id: claim'),
      ruleWhen('"hr" in user.groups').replace('id: when', 'id: group'),
    ].join('');
    const tests = asked('headers: {}, user: {claims: {}, groups: []}', 'allow');
    const [said] = saidOf({ rules, tests });
    assert.equal(said, '1:5 test-failed: expected allow, but deny forbidden by payroll/when', 'a missing header fails');
    assert.deepEqual(saidOf({ rules: rules.slice(rules.indexOf('\n') + 1), tests }), []);
  });

  it('is nobody without a session, and whoever must be known signs in first', () => {
    const tests = '  - {app: payroll, request: GET /pay/x, expect: challenge password no_session}';
    assert.deepEqual(saidOf({ rules: ruleWhen('"hr" in user.groups'), tests }), []);
  });

  it('is an address without a name that is verified, where it is empty', () => {
    const rules = ruleWhen('user.email == ""');
    assert.deepEqual(saidOf({ rules, tests: asked('user: {email: ""}', 'deny forbidden') }), []);
  });

  it('is the provider of its app, where it names none', () => {
    const rules = ruleWhen('user.provider == "corp"');
    assert.deepEqual(saidOf({ rules, tests: asked('', 'deny forbidden') }), []);
    assert.deepEqual(saidOf({ rules, tests: asked('user: {provider: corp}', 'deny forbidden') }), []);
  });

  it('is the method that it names, with a body where such requests have one', () => {
    const rules = '      - {id: delete, path: /pay/x, param: {action: delete}, require: mfa}\n';
    const tests = ['GET', 'DELETE', 'POST', 'PUT', 'PATCH'].map(
      (method) => `  - {app: payroll, request: ${method} /pay/x, session: {password: 1m}, expect: allow}`,
    );
    const said = (line: number): string =>
      `${line}:5 test-failed: expected allow, but challenge mfa insufficient_level by payroll/delete`;
    assert.deepEqual(saidOf({ rules, tests: tests.join('\n') }), [said(3), said(4), said(5)]);
    const empty = tests.map((test) => test.replace(', session', ', headers: {Content-Length: "0"}, session'));
    assert.deepEqual(saidOf({ rules, tests: empty.join('\n') }), []);
  });

  it('is no time, and then it is after every since', () => {
    const head = 'floors:\n  - {id: raise, apps: payroll, path: /pay, require: mfa, since: "2026-11-22T14:05:00Z"}\n';
    const rows: readonly (readonly [at: string, expect: string])[] = [
      ['', 'allow'],
      [', at: "2026-11-22T14:04:00Z"', 'deny unsatisfiable'],
      [', at: "2026-11-22T14:05:30Z"', 'challenge mfa stale_authentication'],
      [', at: "2026-11-22T14:07:00Z"', 'allow'],
    ];
    const tests = rows.map(
      ([at, expect]) => `  - {app: payroll, request: GET /pay, session: {mfa: 1m}${at}, expect: ${expect}}`,
    );
    assert.deepEqual(saidOf({ head, tests: tests.join('\n') }), []);
  });
});

describe('given', () => {
  const head = `${NETWORKS}given:
  client: {ip: 192.0.2.9, user_agent: Kiosk/1}
  user: {groups: [hr], email: ann@corp.example}
  headers: {X-Kiosk: "yes", x-floor: "3"}
  at: "2026-11-22T10:00:00Z"
`;
  const rows: readonly (readonly [condition: string, own: string, holds: boolean])[] = [
    ['network.office', '', true],
    ['network.office', 'client: {ip: 10.0.0.1}', false],
    ['client.user_agent == "Kiosk/1"', 'client: {ip: 10.0.0.1}', true],
    ['client.user_agent == "Kiosk/1"', 'client: {user_agent: Other}', false],
    ['"hr" in user.groups', 'user: {email: bob@corp.example}', true],
    ['"hr" in user.groups', 'user: {groups: [sales]}', false],
    ['"sales" in user.groups', 'user: {groups: [sales]}', true],
    ['user.email == "ann@corp.example"', 'user: {groups: [sales]}', true],
    ['request.headers["x-kiosk"] == "yes"', 'headers: {X-FLOOR: "4"}', true],
    ['request.headers["x-floor"] == "3"', 'headers: {X-FLOOR: "4"}', false],
    ['now < timestamp("2026-11-23T00:00:00Z")', '', true],
    ['now < timestamp("2026-11-23T00:00:00Z")', 'at: "2026-11-24T00:00:00Z"', false],
  ];
  for (const [condition, own, holds] of rows) {
    it(`with ${own || 'nothing of its own'}: ${condition} is ${holds}`, () => {
      const tests = asked(own, holds ? 'deny forbidden' : 'allow');
      assert.deepEqual(saidOf({ head, rules: ruleWhen(condition), tests }), []);
    });
  }

  it('signs nobody in', () => {
    const tests = '  - {app: payroll, request: GET /pay/y, expect: challenge password no_session}';
    assert.deepEqual(saidOf({ head, tests }), []);
  });
});

describe('the file of an app', () => {
  const wiki = '{file: apps/wiki.yaml}';
  const file = (test: string): Readonly<Record<string, string>> => ({
    'apps/wiki.yaml': `rules:\n  - {id: page, path: /page, when: network.office, deny: true}\ntests:\n  - ${test}\n`,
  });
  const head = `${NETWORKS}given: {client: {ip: 192.0.2.9}}\n`;

  it('has tests that are of that app, and start from what policies.yaml gives', () => {
    const world = worldOf({ wiki, head }, file('{request: GET /page, expect: deny forbidden}'));
    assert.deepEqual(
      world.tests.map(({ app, name, place }) => [app, name, place.file, place.line]),
      [['wiki', 'GET /page: deny forbidden', 'apps/wiki.yaml', 4]],
    );
    worldOf({ wiki, head }, file('{app: wiki, request: GET /page, expect: deny forbidden}'));
  });

  it('says where a test fails, as any other', () => {
    const found = problemsOf(policiesOf({ wiki, head }), file('{request: GET /page, expect: allow}'));
    assert.deepEqual(
      found.map(({ file: name, line, column, id, message }) => [name, line, column, id, message]),
      [['apps/wiki.yaml', 4, 5, 'test-failed', 'expected allow, but deny forbidden by wiki/page']],
    );
  });

  it('has no tests of another app', () => {
    const found = problemsOf(policiesOf({ wiki, head }), file('{app: payroll, request: GET /pay, expect: challenge}'));
    assert.deepEqual(
      found.map(({ file: name, line, column, id }) => [name, line, column, id]),
      [['apps/wiki.yaml', 4, 11, 'contradiction']],
    );
  });

  it('has its tests run where policies.yaml has some too', () => {
    const tests = '  - {app: payroll, request: GET /pay, expect: challenge}';
    const world = worldOf({ wiki, head, tests }, file('{request: GET /page, expect: deny}'));
    assert.deepEqual(
      world.tests.map(({ app }) => app),
      ['payroll', 'wiki'],
    );
  });
});

describe('what is loaded with tests', () => {
  it('is refused as a whole where one fails, with every other that does', () => {
    const tests = ['allow', 'challenge', 'deny', 'public'].map(
      (e) => `  - {app: payroll, request: GET /pay, expect: ${e}}`,
    );
    const result = load(policiesOf({ tests: tests.join('\n') }));
    assert.equal(result.ok, false);
    assert.equal(saidOf({ tests: tests.join('\n') }).length, 3);
  });

  it('is what it is without them, but for its name', () => {
    const { tests, hash, ...rest } = worldOf({ tests: '  - {app: payroll, request: GET /pay, expect: challenge}' });
    assert.equal(tests.length, 1);
    assert.notEqual(hash, worldOf({}).hash);
    assert.deepEqual(
      Object.keys(rest).sort(),
      Object.keys(worldOf({}))
        .filter((key) => key !== 'tests' && key !== 'hash')
        .sort(),
    );
  });
});
