import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertFound, GATEWAY, load, type Mistake, POLICIES, problemsOf } from './fixture.ts';

const SECRETS = 'secrets: ["$' + '{env:KEY}"]';
const PAYROLL = '"https://payroll.example.com"';
const MISTAKES: readonly Mistake[] = [
  { name: 'an unknown key of the file', replace: 'ledger:', by: '‸leger:', id: 'unknown-key', hint: /"ledger"/ },
  {
    name: 'a key of a later version',
    replace: 'ledger: memory',
    by: 'ledger: memory\n‸tls: {cert: a, key: b}',
    id: 'unknown-key',
  },
  {
    name: 'an unknown key of listen',
    replace: 'host: 127.0.0.1',
    by: '‸hots: 127.0.0.1',
    id: 'unknown-key',
    hint: /"host"/,
  },
  {
    name: 'an unknown key of a level',
    replace: '{acr: "2"}',
    by: '{acr: "2", ‸amr: [mfa]}',
    id: 'unknown-key',
    hint: /acr/,
  },
  {
    name: 'an unknown key of an app',
    replace: 'path: /pay',
    by: 'path: /pay\n    ‸orgins: []',
    id: 'unknown-key',
    hint: /"origins"/,
  },
  { name: 'a port that is none', replace: '8080', by: '‸65536', id: 'bad-port' },
  { name: 'a port as text', replace: '8080', by: '‸"8080"', id: 'wrong-type', hint: /leave out the quotes/ },
  { name: 'a fraction of a port', replace: '8080', by: '‸80.5', id: 'wrong-type' },
  { name: 'an address that is none', replace: '127.0.0.1', by: '‸127.0.0.1.1', id: 'bad-address' },
  {
    name: 'a network that is none',
    replace: 'trusted_proxies: []',
    by: 'trusted_proxies: [10.0.0.0/8, ‸10.0.0.0/33]',
    id: 'bad-address',
    hint: /32/,
  },
  {
    name: 'a network with bits behind its prefix',
    replace: 'trusted_proxies: []',
    by: 'trusted_proxies: [‸10.0.0.1/8]',
    id: 'bad-address',
    hint: /10\.0\.0\.0\/8/,
  },
  {
    name: 'a host name as a proxy',
    replace: 'trusted_proxies: []',
    by: 'trusted_proxies: [‸proxy]',
    id: 'bad-address',
  },
  { name: 'no secrets', replace: SECRETS, by: 'secrets: ‸[]', id: 'nothing-listed' },
  {
    name: 'missing secrets',
    replace: `version: 1\nlisten: {host: 127.0.0.1, port: 8080}\ntrusted_proxies: []\n${SECRETS}`,
    by: '‸version: 1',
    id: 'missing-key',
    message: /secrets/,
  },
  {
    name: 'a secret that is not set',
    replace: SECRETS,
    by: 'secrets: [‸"$' + '{env:NOBODY}"]',
    id: 'secret-missing',
    message: /variable NOBODY is not set/,
  },
  {
    name: 'a secret file that is not there',
    replace: SECRETS,
    by: 'secrets: [‸"$' + '{file:keys/a}"]',
    id: 'secret-missing',
    message: /file keys\/a cannot be read/,
  },
  {
    name: 'a reference inside other text',
    replace: SECRETS,
    by: 'secrets: [‸"x$' + '{env:KEY}"]',
    id: 'secret-reference',
  },
  {
    name: 'a secret listed twice',
    replace: SECRETS,
    by: 'secrets: ["$' + '{env:KEY}", ‸"$' + '{env:KEY}"]',
    id: 'secret-duplicate',
  },
  {
    name: 'a passphrase',
    replace: SECRETS,
    by: 'secrets: [‸"correct horse battery staple and then some more"]',
    id: 'secret-weak',
  },
  { name: 'an idle time beyond the lifetime', replace: 'idle: 1h', by: 'idle: ‸13h', id: 'idle-exceeds-lifetime' },
  { name: 'no idle time', replace: 'idle: 1h', by: 'idle: ‸0s', id: 'wrong-value' },
  { name: 'a lifetime without unit', replace: '12h', by: '‸43200', id: 'bad-duration', hint: /unit/ },
  { name: 'a ledger of a later version', replace: 'ledger: memory', by: 'ledger: ‸valkey://x', id: 'bad-ledger' },
  { name: 'a prefix that is none', replace: 'prefix: stepgate', by: 'prefix: ‸step-gate', id: 'bad-name' },
  {
    name: 'a provider of a type that is none',
    replace: 'type: oidc',
    by: 'type: ‸smal',
    id: 'wrong-value',
    hint: /did you mean "saml"/,
  },
];

const PROVIDERS: readonly Mistake[] = [
  {
    name: 'an issuer over plain http',
    replace: 'https://id.example.com',
    by: '‸http://id.example.com',
    id: 'issuer-not-https',
  },
  {
    name: 'an issuer with a query',
    replace: 'https://id.example.com',
    by: '‸https://id.example.com?a',
    id: 'bad-issuer',
  },
  { name: 'an acr of no confidence', replace: '{acr: "1"}', by: '{acr: ‸"0"}', id: 'bad-acr' },
  { name: 'an acr that could end a header', replace: '{acr: "1"}', by: '{acr: ‸"a\\"\\r\\nx: y"}', id: 'wrong-value' },
  { name: 'an acr with a space', replace: '{acr: "1"}', by: '{acr: ‸"a b"}', id: 'bad-acr' },
  { name: 'an acr that is a number', replace: '{acr: "1"}', by: '{acr: ‸1}', id: 'wrong-type', hint: /quotes/ },
  { name: 'one acr for two levels', replace: '{acr: "2"}', by: '{acr: ‸"1"}', id: 'duplicate-acr' },
  {
    name: 'a mapped level nobody defined',
    replace: 'mfa: {acr: "2"}',
    by: '‸mfaa: {acr: "2"}',
    id: 'unknown-level',
    hint: /"mfa"/,
  },
  {
    name: 'an unmarked level nobody defined',
    replace: 'unmarked: password',
    by: 'unmarked: ‸pasword',
    id: 'unknown-level',
    hint: /"password"/,
  },
  {
    name: 'scopes without openid',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    scopes: ‸[email]',
    id: 'bad-scope',
  },
  {
    name: 'an unsafe algorithm',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    id_token_alg: ‸HS256',
    id: 'wrong-value',
    hint: /RS256/,
  },
  {
    name: 'a tolerance that forgives everything',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    clock_tolerance: ‸1h',
    id: 'wrong-value',
  },
  {
    name: 'a way to ask that is none',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    ask: ‸claim',
    id: 'wrong-value',
    hint: /"claims"/,
  },
];

const APPS: readonly Mistake[] = [
  {
    name: 'a provider nobody defined',
    replace: 'provider: corp',
    by: 'provider: ‸crop',
    id: 'unknown-provider',
    hint: /"corp"/,
  },
  {
    name: 'several providers',
    replace: 'provider: corp',
    by: 'provider: ‸[corp, partner]',
    id: 'wrong-type',
    hint: /one provider/,
  },
  { name: 'an origin over plain http', replace: PAYROLL, by: '‸"http://payroll.example.com"', id: 'origin-not-https' },
  {
    name: 'an origin that only looks like loopback',
    replace: PAYROLL,
    by: '‸"http://127.0.0.1.example.com"',
    id: 'origin-not-https',
  },
  { name: 'an origin with a path', replace: PAYROLL, by: '‸"https://payroll.example.com/pay"', id: 'bad-origin' },
  {
    name: 'an origin with a last slash',
    replace: PAYROLL,
    by: '‸"https://payroll.example.com/"',
    id: 'bad-origin',
    hint: /leave out/,
  },
  { name: 'an origin with a wildcard', replace: PAYROLL, by: '‸"https://*.example.com"', id: 'bad-origin' },
  { name: 'an origin with a user', replace: PAYROLL, by: '‸"https://a@payroll.example.com"', id: 'bad-origin' },
  { name: 'an origin without scheme', replace: PAYROLL, by: '‸payroll.example.com', id: 'bad-origin', hint: /https:/ },
  {
    name: 'an origin listed twice',
    replace: PAYROLL,
    by: `${PAYROLL}, ‸"https://PAYROLL.example.com:443"`,
    id: 'duplicate-origin',
  },
  { name: 'no origins', replace: `[${PAYROLL}]`, by: '‸[]', id: 'nothing-listed' },
  {
    name: 'one host with two schemes',
    replace: PAYROLL,
    by: '"http://localhost:8080", ‸"https://localhost:8080"',
    id: 'origin-two-schemes',
  },
  {
    name: 'an upstream with a path',
    replace: 'http://10.0.0.5:9000',
    by: '‸http://10.0.0.5:9000/app',
    id: 'bad-upstream',
  },
  { name: 'an upstream of another scheme', replace: 'http://10.0.0.5:9000', by: '‸ftp://10.0.0.5', id: 'bad-upstream' },
  { name: 'a mount with a wildcard', replace: 'path: /pay', by: 'path: ‸/pay/*', id: 'bad-path' },
  { name: 'a mount on our own pages', replace: 'path: /pay', by: 'path: ‸/.stepgate', id: 'path-reserved' },
  {
    name: 'background outside the mount',
    replace: 'path: /pay',
    by: 'path: /pay\n    background: [‸/poll]',
    id: 'path-outside-mount',
  },
  {
    name: 'a time-out of nothing',
    replace: 'path: /pay',
    by: 'path: /pay\n    timeouts: {connect: ‸0s}',
    id: 'wrong-value',
  },
  {
    name: 'a reading of paths that is none',
    replace: 'path: /pay',
    by: 'path: /pay\n    paths: {double_slash: ‸allow}',
    id: 'wrong-value',
  },
];

describe('gateway.yaml', () => {
  for (const mistake of [...MISTAKES, ...PROVIDERS, ...APPS]) {
    it(`points to ${mistake.name}`, () => assertFound('gateway', mistake));
  }

  it('points to a provider that proves nothing', () => {
    const found = problemsOf(GATEWAY.replace('    unmarked: password\n', ''));
    assert.deepEqual(
      found.map((problem) => `${problem.line}:${problem.column} ${problem.id}`),
      ['18:3 proves-nothing'],
    );
  });

  for (const name of ['seen', 'flow', 'device', 'browser', 'Corp', '1corp', 'corp-x', 'corp-1', 'c'.repeat(33)]) {
    it(`has no provider named ${name}`, () => {
      const found = problemsOf(GATEWAY.replace('  corp:', `  ${name}:`).replace('provider: corp', `provider: ${name}`));
      assert.deepEqual(
        found.map((problem) => [problem.line, /^(?:bad|reserved)-name$/.test(problem.id)]),
        [[10, true]],
      );
    });
  }

  it('says which app the other file lacks, in both files, and what was probably meant', () => {
    const found = problemsOf(GATEWAY.replace('  wiki:', '  wki:'));
    assert.deepEqual(
      found.map((problem) => `${problem.file}:${problem.line} ${problem.id} ${problem.hint}`),
      ['gateway.yaml:30 unknown-app did you mean "wiki"?', 'policies.yaml:17 unknown-app did you mean "wki"?'],
    );
  });

  it('has no app named default', () => {
    const found = problemsOf(GATEWAY.replace('  wiki:', '  default:'), POLICIES.replace('  wiki:', '  default:'));
    assert.deepEqual(
      found.map((problem) => problem.id),
      ['reserved-name', 'reserved-name'],
    );
  });

  it('refuses two apps at one place, and two providers on one origin', () => {
    const shared = GATEWAY.replace('https://wiki.example.com', 'https://payroll.example.com');
    assert.deepEqual(
      problemsOf(shared).map((problem) => `${problem.line} ${problem.id}`),
      ['33 origin-two-providers'],
    );
    const twin = shared.replace('path: /pay', 'path: /').replace('provider: partner', 'provider: corp');
    const found = problemsOf(twin, POLICIES.replaceAll('/pay/', '/'));
    assert.deepEqual(
      found.map((problem) => problem.id),
      ['mount-taken'],
    );
  });

  it('accepts apps that share an origin and a provider, and notices that it is no boundary', () => {
    const shared = GATEWAY.replace('https://wiki.example.com', 'https://payroll.example.com');
    const result = load(shared.replace('provider: partner', 'provider: corp'));
    assert.ok(result.ok);
    assert.deepEqual(
      result.notices.map((notice) => notice.id),
      ['shared-origin'],
    );
  });

  it('notices that everybody is trusted', () => {
    const result = load(GATEWAY.replace('trusted_proxies: []', 'trusted_proxies: ["0.0.0.0/0"]'));
    assert.deepEqual(
      result.notices.map((notice) => notice.id),
      ['trusts-everyone'],
    );
  });

  for (const origin of ['http://localhost:8080', 'http://127.8.0.1', 'http://[::1]:80', 'http://app.localhost']) {
    it(`accepts ${origin}`, () => {
      assert.ok(load(GATEWAY.replace('https://payroll.example.com', origin)).ok);
    });
  }
});
