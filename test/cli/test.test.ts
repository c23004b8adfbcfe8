import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandIo } from '../../src/cli/command.ts';
import { test } from '../../src/cli/test.ts';
import { GATEWAY, KEY, POLICIES } from '../config/fixture.ts';

const TESTS = `tests:
  - {app: payroll, request: GET /pay/static/a.css, expect: public}
  - name: running it needs two fresh steps
    app: payroll
    request: POST /pay/runs/7
    session: {mfa: 6m}
    expect: challenge mfa stale_authentication
  - {app: wiki, request: GET /, expect: challenge password no_session}
`;

const files = (policies: string): Readonly<Record<string, string>> => ({
  '/etc/gw/gateway.yaml': GATEWAY,
  '/etc/gw/policies.yaml': policies,
});

/** Runs the command in /etc/gw on files that are not there. */
async function run(
  args: readonly string[],
  policies = POLICIES + TESTS,
  env: Readonly<Record<string, string>> = { KEY, CLIENT: 'x' },
) {
  let out = '';
  let err = '';
  const io: CommandIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: (name) => env[name],
    readFile: (path) => {
      const text = files(policies)[path];
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    cwd: '/etc/gw',
  };
  return { code: await test(args, io), out, err };
}

describe('stepgate test', () => {
  it('prints a line for each test, by app', async () => {
    assert.deepEqual(await run([]), {
      code: 0,
      out: `payroll
  ok    GET /pay/static/a.css: public
  ok    running it needs two fresh steps

wiki
  ok    GET /: challenge password no_session

3 tests
`,
      err: '',
    });
  });

  it('shows of one that fails what was expected, what came out and why, and takes the others for what they are', async () => {
    const { code, out, err } = await run(
      [],
      POLICIES.replace('deny: true', 'public: true') + TESTS.replace('6m', '4m'),
    );
    assert.equal(code, 1);
    assert.equal(err, '');
    const [before = '', explained = ''] = out.split('\n\n        allow\n');
    assert.equal(
      before,
      `payroll
  ok    GET /pay/static/a.css: public
  FAIL  running it needs two fresh steps  policies.yaml:20
        expected challenge mfa stale_authentication, but allow by payroll/runs`,
    );
    assert.match(explained, /\n {8}Rules of payroll, the first hit decides\n {10}miss +policies\.yaml:14 +assets/);
    assert.match(explained, /signed in at corp: mfa 4m ago/);
    assert.ok(explained.endsWith('\n\nwiki\n  ok    GET /: challenge password no_session\n\n3 tests, 1 failed\n'));
    assert.doesNotMatch(out, / \n/, 'no line ends in spaces');
  });

  it('says how to give what is read and not given', async () => {
    const policies = POLICIES.replace('methods: write', 'when: client.ip == "192.0.2.9"');
    const { code, out } = await run([], policies + TESTS);
    assert.equal(code, 1);
    assert.match(
      out,
      /\n {8}expected challenge mfa stale_authentication, but a condition reads what is not given: client\.ip\n {8}write here or under "given": client: \{ip: 192\.0\.2\.9\}\n/,
    );
  });

  it('prints other problems as check does, and runs nothing', async () => {
    const { code, out } = await run([], POLICIES.replace('require: mfa', 'require: mfaa') + TESTS);
    assert.equal(code, 1);
    assert.match(
      out,
      /^policies\.yaml:15:87 {2}unknown-level {2}there is no level "mfaa"\n {2}\| .*\n {2}\| +\^\n {4}did you mean "mfa"\?\n\n/,
    );
    assert.doesNotMatch(out, /ok {4}/);
  });

  it('runs without secrets where it is told to', async () => {
    assert.equal((await run([], POLICIES + TESTS, {})).code, 1);
    assert.equal((await run(['--without-secrets'], POLICIES + TESTS, {})).code, 0);
  });

  it('has nothing to say where there are no tests', async () => {
    assert.deepEqual(await run([], POLICIES), { code: 0, out: '0 tests\n', err: '' });
  });

  it('knows one_time, which is not served yet', async () => {
    const tests = '  - {app: payroll, request: POST /pay/runs/7, session: {mfa: 1m}, expect: challenge mfa one_time}\n';
    const policies = POLICIES.replace('max_age: 5m', 'one_time: true');
    assert.equal((await run([], `${policies}tests:\n${tests}`)).code, 0);
  });

  it('prints nothing that steers a terminal', async () => {
    const { out } = await run(
      [],
      `${POLICIES}tests:\n  - {name: "a\\u202eb", app: wiki, request: GET /, expect: deny}\n`,
    );
    assert.match(out, /FAIL {2}a\\u\{202e\}b {2}policies/);
    assert.ok(!out.includes('\u202e'));
  });
});

describe('stepgate test --coverage', () => {
  const NOT_COVERED = `
Not covered:
  policies.yaml:12  payroll         all tests pass without its require
  policies.yaml:15  payroll/runs    all tests pass without its methods
  policies.yaml:16  payroll/closed  no test hits it

Coverage: 4 of 7
`;

  it('lists what no test hits and what none would miss', async () => {
    const { code, out } = await run(['--coverage']);
    assert.equal(code, 0);
    assert.ok(out.endsWith(`3 tests\n${NOT_COVERED}`), out);
  });

  it('fails for that when it is strict, and only then', async () => {
    const more = `  - {app: payroll, request: GET /pay/runs/7, session: {password: 1h}, expect: allow}
  - {app: payroll, request: GET /pay, expect: challenge password no_session}
  - {app: payroll, request: GET /pay/legacy/x, session: {mfa: 1m}, expect: deny forbidden}
`;
    assert.equal((await run(['--coverage', '--strict'])).code, 1);
    const { code, out } = await run(['--coverage', '--strict'], POLICIES + TESTS + more);
    assert.equal(code, 0, out);
    assert.ok(out.endsWith('6 tests\n\nCoverage: 7 of 7\n'), out);
  });

  it('counts no test that fails', async () => {
    const { code, out } = await run(['--coverage'], POLICIES + TESTS.replace('expect: public', 'expect: allow'));
    assert.equal(code, 1);
    assert.match(out, /policies\.yaml:14 +payroll\/assets +no test hits it\n/);
    assert.match(out, /Coverage: 3 of 7\n$/);
  });
});

describe('stepgate test --json', () => {
  it('prints one document of the tests and what they cover', async () => {
    const { code, out } = await run(['--json', '--coverage'], POLICIES + TESTS.replace('6m', '4m'));
    assert.equal(code, 1);
    const document = JSON.parse(out);
    assert.equal(document.ok, false);
    assert.equal(document.tests.length, 3);
    assert.deepEqual(document.tests[1], {
      name: 'running it needs two fresh steps',
      app: 'payroll',
      file: 'policies.yaml',
      line: 20,
      column: 5,
      passed: false,
      expected: 'challenge mfa stale_authentication',
      answer: 'allow by payroll/runs',
      not_given: [],
    });
    assert.deepEqual(document.coverage.uncovered[0], {
      id: 'payroll',
      left_out: 'require',
      file: 'policies.yaml',
      line: 12,
      column: 14,
    });
    assert.equal(JSON.parse((await run(['--json'])).out).coverage, null);
  });

  it('prints the problems of a configuration that has some', async () => {
    const { code, out } = await run(['--json'], 'version: 1');
    assert.equal(code, 1);
    assert.equal(JSON.parse(out).ok, false);
    assert.equal(JSON.parse(out).problems[0].file, 'policies.yaml');
  });
});

describe('stepgate test used wrongly', () => {
  for (const args of ['--nope', 'nowhere.yaml', '--strict', '--config']) {
    it(`prints its usage for "${args}"`, async () => {
      const { code, out, err } = await run(args.split(' '));
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, /Usage: stepgate test /);
    });
  }

  it('prints its usage when asked', async () => {
    const { code, out } = await run(['--help']);
    assert.equal(code, 0);
    assert.match(out, /^Usage: stepgate test \[files\]/);
  });
});
