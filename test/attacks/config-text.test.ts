import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import { POLICIES } from '../support/stage.ts';

const GATEWAY = `version: 1
listen: {host: 127.0.0.1, port: 8080}
secrets: ["\${env:SECRET}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT_SECRET}"
    levels: {password: {acr: pwd}, mfa: {acr: mfa}}
apps:
  payroll:
    origins: ["https://payroll.example.com"]
    upstream: http://127.0.0.1:9000
    provider: corp
`;
/** A reference to a secret, as gateway.yaml writes it. */
const env = (name: string): string => `\${env:${name}}`;
const ENV: Readonly<Record<string, string>> = {
  SECRET: randomBytes(32).toString('base64'),
  CLIENT_SECRET: 'client-secret-that-nobody-may-see',
};

const load = (policies: string, gateway = GATEWAY): LoadResult =>
  loadWorld({
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => ENV[name],
    readFile: () => {
      throw new Error('no files here');
    },
  });

/** The ids of what is wrong, after a look at what is said about it. */
function problemsOf(result: LoadResult): readonly string[] {
  assert.ok(!result.ok, 'it is refused');
  const said = JSON.stringify(result.problems);
  for (const secret of Object.values(ENV)) assert.ok(!said.includes(secret), 'no secret is quoted');
  return result.problems.map(({ id }) => id);
}

const rule = (text: string): string => POLICIES.replace('      - {id: front,', `      - ${text}\n      - {id: front,`);

/** Nine anchors, each ten of the one before: a thousand million values. */
const BOMB = [
  'a0: &a0 [x]',
  ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`),
].join('\n');

describe('a configuration that could be meant otherwise is refused, whole', () => {
  it('T170 the files of these tests are accepted as they are', () => {
    const result = load(POLICIES);
    assert.ok(result.ok, JSON.stringify(result));
  });

  const POLICY: readonly [string, string, string][] = [
    ['an unknown key of the file', `${POLICIES}appps: {}\n`, 'unknown-key'],
    ['a misspelt demand', rule('{id: x, path: /x, requires: mfa}'), 'unknown-key'],
    ['a misspelt level', rule('{id: x, path: /x, require: mfaa}'), 'unknown-level'],
    ['a key twice', `${POLICIES}version: 1\n`, 'yaml-duplicate-key'],
    ['a demand twice', rule('{id: x, path: /x, require: mfa, require: password}'), 'yaml-duplicate-key'],
    [
      'a demand twice, once in quotes',
      rule('{id: x, path: /x, require: mfa, "require": password}'),
      'yaml-duplicate-key',
    ],
    ['a rule twice', rule('{id: admin, path: /x, require: mfa}'), 'duplicate-id'],
    ['a bomb of anchors', `${POLICIES}${BOMB}\n`, 'yaml-alias-limit'],
    [
      'a bomb where a value belongs',
      POLICIES.replace('validity: 8h', `validity: ${'&b ['.repeat(9)}x${']'.repeat(9)}`),
      'wrong-type',
    ],
    ['an anchor that contains itself', rule('&r {id: x, path: [*r]}'), 'yaml-too-deep'],
    ['a tag of JavaScript', rule("{id: x, path: !!js/function 'function () {}', require: mfa}"), 'yaml-tag'],
    ['a tag of a language', rule('{id: x, path: !!python/object/apply:os.system [id], require: mfa}'), 'yaml-tag'],
    ['a tag of the core schema', rule('{id: x, path: !!str /x, require: mfa}'), 'yaml-tag'],
    ['a merge key', `${POLICIES}  wiki:\n    <<: {require: password}\n`, 'yaml-merge-key'],
    ['a prototype', rule('{id: x, path: /x, require: mfa, __proto__: {public: true}}'), 'yaml-key'],
    ['a constructor', rule('{id: x, path: /x, require: mfa, constructor: {}}'), 'unknown-key'],
    ['a second document', `${POLICIES}---\nversion: 1\n`, 'yaml-syntax'],
    ['a directive', `%YAML 1.1\n---\n${POLICIES}`, 'yaml-directive'],
    ['a document that ends early', `${POLICIES}...\nlevels: []\n`, 'yaml-syntax'],
    ['public and a demand at once', rule('{id: x, path: /x, public: true, require: mfa}'), 'contradiction'],
    ['public that is no', rule('{id: x, path: /x, public: no}'), 'wrong-value'],
    ['public in quotes', rule('{id: x, path: /x, public: "true"}'), 'wrong-value'],
    ['deny that is not', rule('{id: x, path: /x, deny: false}'), 'wrong-value'],
    ['an age without a demand', rule('{id: x, path: /x, max_age: 5m}'), 'demand-without-require'],
    ['an age longer than the level lasts', rule('{id: x, path: /x, require: mfa, max_age: 2h}'), 'max-age-too-long'],
    ['an age of nothing', rule('{id: x, path: /x, require: mfa, max_age: 0s}'), 'max-age-zero'],
    ['an age without its unit', rule('{id: x, path: /x, require: mfa, max_age: 300}'), 'bad-duration'],
    ['a path of our own', rule('{id: x, path: /.stepgate/**, public: true}'), 'path-reserved'],
    ['a path that is escaped', rule('{id: x, path: "/%61dmin", public: true}'), 'bad-path'],
    ['a path with a query', rule('{id: x, path: "/a?b", public: true}'), 'bad-path'],
    ['a path with dot segments', rule('{id: x, path: /a/../b, public: true}'), 'bad-path'],
    ['a path with an empty segment', rule('{id: x, path: /a//b, public: true}'), 'bad-path'],
    ['a level that would be a header', POLICIES.replaceAll('mfa', '"mf\\r\\na"'), 'bad-name'],
    ['a level with a quote', POLICIES.replaceAll('mfa', '"mf\\"a"'), 'bad-name'],
    ['a level named as a prototype', POLICIES.replaceAll('mfa', '__proto__'), 'bad-name'],
    ['an app that the other file lacks', `${POLICIES}  wiki: {}\n`, 'unknown-app'],
    ['a file over a mebibyte', `${POLICIES}# ${'x'.repeat(1 << 20)}\n`, 'file-too-large'],
    ['nothing', '', 'file-empty'],
    ['a list', '- version: 1\n', 'wrong-type'],
  ];
  for (const [what, text, id] of POLICY) {
    it(`T170 policies.yaml with ${what} is refused, and nothing of a secret is shown`, () => {
      assert.notEqual(text, POLICIES);
      const ids = problemsOf(load(text));
      assert.ok(ids.includes(id), ids.join());
    });
  }

  const GATEWAYS: readonly [string, (text: string) => string, string][] = [
    ['an unknown key', (text) => `${text}trusted_proxy: [10.0.0.0/8]\n`, 'unknown-key'],
    ['a key twice', (text) => `${text}ledger: memory\n`, 'yaml-duplicate-key'],
    ['a tag', (text) => text.replace('ledger: memory', 'ledger: !!js/regexp /memory/'), 'yaml-tag'],
    ['an app at our own prefix', (text) => `${text}    path: /.stepgate\n`, 'path-reserved'],
    ['an app below our own prefix', (text) => `${text}    path: /.stepgate/x\n`, 'path-reserved'],
    [
      'an app at our own prefix in another case',
      (text) => `${text}    path: /.StepGate\n    paths: {windows: true}\n`,
      'path-reserved',
    ],
    ['an origin with a path', (text) => text.replace('payroll.example.com"', 'payroll.example.com/x"'), 'bad-origin'],
    ['an origin with user information', (text) => text.replace('//payroll', '//x@payroll'), 'bad-origin'],
    ['an origin of plain http', (text) => text.replace('https://payroll', 'http://payroll'), 'origin-not-https'],
    ['an issuer of plain http', (text) => text.replace('https://id', 'http://id'), 'issuer-not-https'],
    ['an upstream with a path', (text) => text.replace(':9000', ':9000/x'), 'bad-upstream'],
    ['an upstream with user information', (text) => text.replace('//127', '//x:y@127'), 'bad-upstream'],
    ['an upstream of another scheme', (text) => text.replace('http://127', 'file://127'), 'bad-upstream'],
    [
      'a secret that is a passphrase',
      (text) => text.replace(env('SECRET'), 'correct horse battery staple and more'),
      'secret-weak',
    ],
    ['a secret that is missing', (text) => text.replace(env('SECRET'), env('NONE')), 'secret-missing'],
    [
      'a secret in a sentence',
      (text) => text.replace(env('CLIENT_SECRET'), `x${env('CLIENT_SECRET')}`),
      'secret-reference',
    ],
    ['no secret', (text) => text.replace(/secrets: .*/, 'secrets: []'), 'nothing-listed'],
    ['an acr of 0', (text) => text.replace('acr: pwd', 'acr: "0"'), 'bad-acr'],
    ['an acr that is two', (text) => text.replace('acr: pwd', 'acr: "pwd mfa"'), 'bad-acr'],
    ['a trusted proxy that is a name', (text) => `${text}trusted_proxies: [localhost]\n`, 'bad-address'],
    ['a trusted proxy with bits behind its prefix', (text) => `${text}trusted_proxies: [10.0.0.1/8]\n`, 'bad-address'],
    ['a cookie prefix that browsers bind', (text) => `${text}cookie: {prefix: __Host-x}\n`, 'bad-name'],
    ['a cookie prefix that ends the name', (text) => `${text}cookie: {prefix: "x="}\n`, 'bad-name'],
  ];
  for (const [what, change, id] of GATEWAYS) {
    it(`T170 gateway.yaml with ${what} is refused, and nothing of a secret is shown`, () => {
      const text = change(GATEWAY);
      assert.notEqual(text, GATEWAY);
      const ids = problemsOf(load(POLICIES, text));
      assert.ok(ids.includes(id), ids.join());
    });
  }

  const TWO = (second: string): string =>
    `${GATEWAY.replace('provider: corp', 'provider: corp\n    path: /Wiki')}  wiki:
    origins: ["https://payroll.example.com"]
    path: /wiki
    upstream: http://127.0.0.1:9000
    provider: corp
    paths: {windows: ${second}}
`;
  const BOTH = POLICIES.replace(/ {4}rules:.*$/s, '    require: password\n  wiki: {}\n');

  it('T126 two mounts that differ in case only are refused where one upstream folds it', () => {
    assert.ok(load(BOTH, TWO('false')).ok);
    assert.deepEqual(problemsOf(load(BOTH, TWO('true'))), ['mount-taken']);
  });
});
