import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_TESTS } from '../../../src/config/policy-tests/compile-tests.ts';
import { policiesOf, problemsOf } from './fixture.ts';

/** Asserts that a mistake is found, alone, and where `‸` stands. */
function assertFound(marked: string, id: string, says: RegExp, files: Readonly<Record<string, string>> = {}): void {
  const found = problemsOf(marked.replace('‸', ''), files);
  const before = marked.slice(0, marked.indexOf('‸')).split('\n');
  const place = `policies.yaml:${before.length}:${(before.at(-1) ?? '').length + 1}`;
  assert.deepEqual(
    found.map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.id}`),
    [`${place} ${id}`],
    JSON.stringify(found, null, 2),
  );
  assert.match(`${found[0]?.message} (${found[0]?.hint})`, says);
}

const TESTS: readonly (readonly [name: string, test: string, id: string, says: RegExp])[] = [
  ['an unknown key', '{app: wiki, ‸reqest: GET /, request: GET /, expect: allow}', 'unknown-key', /reqest.*request/],
  [
    'form, which nothing reads yet',
    '{app: wiki, request: POST /, ‸form: {a: b}, expect: allow}',
    'unknown-key',
    /form/,
  ],
  ['no request', '‸{app: wiki, expect: allow}', 'missing-key', /"request" is missing/],
  ['no expectation', '‸{app: wiki, request: GET /}', 'missing-key', /"expect" is missing/],
  ['no app', '‸{request: GET /, expect: allow}', 'missing-key', /"app" is missing.*payroll, archive, wiki/],
  ['an unknown app', '{app: ‸wikki, request: GET /, expect: allow}', 'unknown-app', /"wikki".*"wiki"/],
  ['an unknown method', '{app: wiki, request: ‸GTE /x, expect: allow}', 'unknown-method', /"GTE".*"GET"/],
  ['a method in lower case', '{app: wiki, request: ‸get /x, expect: allow}', 'unknown-method', /"get".*"GET"/],
  ['a path alone', '{app: wiki, request: ‸/x, expect: allow}', 'wrong-value', /no request.*GET \/reports/],
  ['more than method and path', '{app: wiki, request: ‸GET /x HTTP/1.1, expect: allow}', 'wrong-value', /no request/],
  ['a URL', '{app: wiki, request: "GET ‸https://wiki.example.com/x", expect: allow}', 'bad-path', /starts with "\/"/],
  [
    'a path outside the mount',
    '{app: payroll, request: GET ‸/x, expect: allow}',
    'path-outside-mount',
    /mounted at \/pay\b/,
  ],
  [
    'the path of a neighbour',
    '{app: payroll, request: GET ‸/pay/archive/x, expect: allow}',
    'path-outside-mount',
    /is of "archive"/,
  ],
  ['our own path', '{app: wiki, request: GET ‸/.Stepgate/x, expect: allow}', 'path-reserved', /belongs to the gateway/],
  ['an unknown expectation', '{app: wiki, request: GET /, expect: ‸alow}', 'wrong-value', /"alow" is nothing.*"allow"/],
  [
    'a word behind allow',
    '{app: wiki, request: GET /, expect: allow ‸mfa}',
    'wrong-value',
    /behind that: "mfa".*expect: allow\)/,
  ],
  ['a word behind public', '{app: wiki, request: GET /, expect: public ‸known}', 'wrong-value', /behind that: "known"/],
  [
    'an unknown level',
    '{app: wiki, request: GET /, expect: challenge ‸mfaa}',
    'wrong-value',
    /no level and no reason.*"mfa"/,
  ],
  [
    'an unknown reason',
    '{app: wiki, request: GET /, expect: challenge mfa ‸stale_autentication}',
    'wrong-value',
    /no reason of a challenge.*"stale_authentication"/,
  ],
  [
    'an unknown reason alone',
    '{app: wiki, request: GET /, expect: "challenge ‸no_sesion"}',
    'wrong-value',
    /"no_session"/,
  ],
  [
    'two levels',
    '{app: wiki, request: GET /, expect: challenge mfa ‸password}',
    'wrong-value',
    /no reason of a challenge.*no_session, /,
  ],
  [
    'reason before level',
    '{app: wiki, request: GET /, expect: challenge one_time ‸mfa}',
    'wrong-value',
    /challenge LEVEL REASON/,
  ],
  [
    'an unknown reason to deny',
    '{app: wiki, request: GET /, expect: deny ‸forbiden}',
    'wrong-value',
    /reason to deny.*"forbidden"/,
  ],
  [
    'no_app, which no test can reach',
    '{app: wiki, request: GET /, expect: deny ‸no_app}',
    'wrong-value',
    /reason to deny/,
  ],
  ['two reasons to deny', '{app: wiki, request: GET /, expect: deny no_rule ‸forbidden}', 'wrong-value', /behind that/],
  [
    'an unknown level in the session',
    '{app: payroll, request: GET /pay, session: {‸mfaa: 1m}, expect: allow}',
    'unknown-level',
    /"mfaa".*"mfa"/,
  ],
  [
    'a proof that never comes',
    '{app: wiki, request: GET /, session: {‸mfa: 1m}, expect: allow}',
    'level-unprovable',
    /"mfa" ever comes to "wiki".*password/,
  ],
  [
    'an age without unit',
    '{app: wiki, request: GET /, session: {password: ‸5}, expect: allow}',
    'bad-duration',
    /needs its unit/,
  ],
  [
    'a user who is nobody',
    '{app: wiki, request: GET /, ‸user: {groups: [hr]}, expect: allow}',
    'contradiction',
    /nobody is signed in.*session: \{\}/,
  ],
  [
    'nobody who signed in',
    '{app: wiki, request: GET /, ‸signed_in: 1h, expect: allow}',
    'contradiction',
    /nobody is signed in/,
  ],
  [
    'another provider',
    '{app: wiki, request: GET /, session: {}, user: {provider: ‸corp}, expect: allow}',
    'unknown-provider',
    /at "partner", not at "corp"/,
  ],
  [
    'an unknown key of the user',
    '{app: wiki, request: GET /, session: {}, user: {‸group: [a]}, expect: allow}',
    'unknown-key',
    /groups/,
  ],
  [
    'a group that is a number',
    '{app: wiki, request: GET /, session: {}, user: {groups: [‸7]}, expect: allow}',
    'wrong-type',
    /quotes/,
  ],
  [
    'a claim that is a map',
    '{app: wiki, request: GET /, session: {}, user: {claims: {a: ‸{b: c}}}, expect: allow}',
    'wrong-type',
    /text is expected/,
  ],
  [
    'no address',
    '{app: wiki, request: GET /, client: {ip: ‸10.0.0.256}, expect: allow}',
    'bad-address',
    /not an address/,
  ],
  [
    'a network for an address',
    '{app: wiki, request: GET /, client: {ip: ‸10.0.0.0/8}, expect: allow}',
    'bad-address',
    /not an address/,
  ],
  [
    'an unknown key of the client',
    '{app: wiki, request: GET /, client: {‸country: CH}, expect: allow}',
    'unknown-key',
    /country/,
  ],
  ['no moment', '{app: wiki, request: GET /, at: ‸2026-11-22, expect: allow}', 'bad-instant', /offset/],
  [
    'one header twice',
    '{app: wiki, request: GET /, headers: {a-b: x, ‸A-B: y}, expect: allow}',
    'contradiction',
    /"a-b" is given twice/,
  ],
  [
    'the browser twice',
    '{app: wiki, request: GET /, headers: {‸User-Agent: x}, client: {user_agent: y}, expect: allow}',
    'contradiction',
    /client\.user_agent/,
  ],
];

const GIVEN: readonly (readonly [name: string, given: string, id: string, says: RegExp])[] = [
  ['a key that is of one test', '{‸session: {mfa: 1m}}', 'unknown-key', /session/],
  ['an unknown provider', '{user: {provider: ‸crop}}', 'unknown-provider', /"crop".*"corp"/],
  ['no address', '{client: {ip: ‸here}}', 'bad-address', /"here"/],
  ['one header twice', '{headers: {a: x, ‸A: y}}', 'contradiction', /given twice/],
  ['a list', '‸[client]', 'wrong-type', /a map/],
];

describe('a test of policies.yaml is refused for', () => {
  for (const [name, test, id, says] of TESTS) {
    it(name, () => assertFound(policiesOf({ tests: `  - ${test}` }), id, says));
  }

  it('the provider that it is given, where that is not its own', () => {
    const head = 'given: {user: {provider: corp}}\n';
    const test = '{app: wiki, request: GET /, session: {}, expect: challenge}';
    assertFound(
      policiesOf({ head, tests: `  - ‸${test}` }),
      'unknown-provider',
      /as it is given.*\{provider: partner\}/,
    );
    const nobody = '{app: wiki, request: GET /, expect: challenge}';
    assert.deepEqual(problemsOf(policiesOf({ head, tests: `  - ${nobody}` })), [], 'nobody comes from nowhere');
  });

  it('being one too many', () => {
    const tests = '  - {app: wiki, request: GET /, expect: challenge}\n'.repeat(MAX_TESTS);
    assert.deepEqual(problemsOf(policiesOf({ tests })), []);
    assertFound(
      policiesOf({ tests: `${tests}  - ‸{app: wiki, request: GET /, expect: challenge}` }),
      'too-many-tests',
      /10000/,
    );
  });
});

describe('given is refused for', () => {
  for (const [name, given, id, says] of GIVEN) {
    it(name, () => assertFound(policiesOf({ head: `given: ${given}\n` }), id, says));
  }
});

describe('mistakes of tests', () => {
  it('are found together, beside those of rules', () => {
    const found = problemsOf(
      policiesOf({
        rules: '      - {id: a, path: /pay, require: mfaa}\n',
        tests: '  - {app: wikki, request: GTE /, expect: alow}\n  - {app: wiki, request: GET /, expect: deny}',
      }),
    );
    assert.deepEqual(
      found.map(({ id }) => id),
      ['unknown-level', 'unknown-app', 'unknown-method', 'wrong-value'],
      'and no test is run in a world that is none',
    );
  });
});
