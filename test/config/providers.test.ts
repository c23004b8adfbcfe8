import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { parseClientKey } from '../../src/config/client-key.ts';
import { loadWorld } from '../../src/config/load.ts';
import { isWrong } from '../../src/config/problems.ts';
import { assertFound, GATEWAY, load, type Mistake, oidcOf, POLICIES, worldOf } from './fixture.ts';

const mfa = (by: string, id: Mistake['id'], name: string, more: Partial<Mistake> = {}): Mistake => ({
  name,
  replace: 'mfa: {acr: "2"}',
  by,
  id,
  ...more,
});

const MISTAKES: readonly Mistake[] = [
  mfa('‸mfa: {}', 'proves-everything', 'a level that every sign-in would prove'),
  mfa('mfa: {acr: ‸[]}', 'nothing-listed', 'a list of no acr'),
  mfa('mfa: {acr: ["2", ‸"1"]}', 'duplicate-acr', 'an acr of a list that proves another level'),
  mfa('mfa: {acr: ["2", ‸3]}', 'wrong-type', 'a number in a list of acr'),
  mfa('mfa: {acr: "2", claim: {‸acr: "2"}}', 'bad-claim', 'a claim that has a key of its own', { hint: /"acr"/ }),
  mfa('mfa: {acr: "2", claim: {‸amr: mfa}}', 'bad-claim', 'methods as a claim', { hint: /amr_any/ }),
  mfa('mfa: {acr: "2", claim: {‸iss: "https://id.example.com"}}', 'bad-claim', 'a claim that never differs'),
  mfa('mfa: {acr: "2", claim: {‸sub: alice}}', 'bad-claim', 'a claim that says who'),
  mfa('mfa: {acr: "2", claim: {loa: ‸[2]}}', 'wrong-value', 'a claim with a list', { hint: /one text, number/ }),
  mfa('mfa: {acr: "2", claim: {loa: ‸null}}', 'wrong-value', 'a claim of nothing'),
  mfa('mfa: {acr: "2", amr_all: ‸true}', 'wrong-type', 'methods that are no text'),
  {
    name: 'a stronger level that a weaker one’s proof proves as well',
    replace: 'password: {acr: "1"}\n      mfa: {acr: "2"}',
    by: 'password: {amr_all: [pwd, otp]}\n      ‸mfa: {amr_any: [otp, hwk]}',
    id: 'levels-not-told-apart',
    message: /whatever proves "password" proves "mfa"/,
  },
  {
    name: 'two levels by the same contexts',
    replace: 'password: {acr: "1"}\n      mfa: {acr: "2"}',
    by: 'password: {acrs: c1}\n      ‸mfa: {acrs: [c1, c2]}',
    id: 'levels-not-told-apart',
  },
  {
    name: 'two levels by the same claim',
    replace: 'password: {acr: "1"}\n      mfa: {acr: "2"}',
    by: 'password: {acr: "1", claim: {loa: 2}}\n      ‸mfa: {claim: {loa: 2}}',
    id: 'levels-not-told-apart',
  },
  {
    name: 'a way of pushing that is none',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    par: ‸always',
    id: 'wrong-value',
  },
  {
    name: 'a login hint that is neither a claim nor false',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    login_hint: ‸true',
    id: 'wrong-value',
    hint: /false for none/,
  },
  {
    name: 'a key where a secret is used',
    replace: 'unmarked: password',
    by: 'unmarked: password\n    ‸next_key: ec.pem',
    id: 'contradiction',
  },
  {
    name: 'a limit of nothing',
    replace: 'ledger: memory',
    by: 'ledger: memory\nattempts: {starts: ‸0}',
    id: 'wrong-value',
  },
  {
    name: 'a limit that is none',
    replace: 'ledger: memory',
    by: 'ledger: memory\nattempts: {failures: ‸1001}',
    id: 'wrong-value',
  },
];

const levels = (text: string) => GATEWAY.replace('password: {acr: "1"}\n      mfa: {acr: "2"}', text);
const marksOf = (gateway: string) => worldOf(gateway).providers.get('corp')?.evidence.marks;

describe('what proves a level', () => {
  for (const mistake of MISTAKES) it(`points to ${mistake.name}`, () => assertFound('gateway', mistake));

  it('may be one of several acr, contexts, methods and claims, alone or together', () => {
    const written =
      'password: {acr: ["1", "x"]}\n      mfa: {acrs: c1, amr_all: pwd, amr_any: [otp, hwk], claim: {loa: 2, up: true}}';
    const [mfaMark, password] = marksOf(levels(written)) ?? [];
    assert.deepEqual(password?.acr, ['1', 'x']);
    const { level, ...predicate } = mfaMark ?? {};
    assert.equal(level?.name, 'mfa');
    assert.deepEqual(predicate, {
      acr: [],
      acrs: ['c1'],
      amrAll: ['pwd'],
      amrAny: ['otp', 'hwk'],
      claims: [
        ['loa', 2],
        ['up', true],
      ],
    });
  });

  it('may be of the same acr where the stronger level asks for more', () => {
    assert.equal(marksOf(levels('password: {acr: "1"}\n      mfa: {acr: "1", amr_any: [otp]}'))?.length, 2);
    assert.equal(marksOf(levels('password: {amr_any: [pwd, otp]}\n      mfa: {amr_all: [otp]}'))?.length, 2);
    assert.equal(marksOf(levels('password: {claim: {loa: 2}}\n      mfa: {claim: {loa: "2"}}'))?.length, 2);
  });

  it('notices methods that RFC 8176 does not know, with the nearest that it does', () => {
    const result = load(levels('password: {acr: "1"}\n      mfa: {amr_all: [mfa], amr_any: [ottp, ngcmfa]}'));
    assert.ok(result.ok);
    assert.deepEqual(
      result.notices.map(({ id, line, hint }) => [id, line, hint === 'did you mean "otp"?']),
      [
        ['unknown-amr', 17, true],
        ['unknown-amr', 17, false],
      ],
    );
  });
});

describe('the settings of a provider', () => {
  it('have defaults that ask for little and keep a sign-out local', () => {
    const world = worldOf();
    const corp = oidcOf(world);
    assert.deepEqual(
      [corp.clientKeys, corp.par, corp.userinfo, corp.loginHint, corp.logout],
      [null, 'auto', false, 'preferred_username', 'local'],
    );
    assert.deepEqual(world.attempts, { starts: 10, failures: 5, window: 600 });
  });

  it('may leave out the login hint', () => {
    const world = worldOf(GATEWAY.replace('    levels:\n', '    login_hint: false\n    levels:\n'));
    assert.equal(oidcOf(world).loginHint, null);
  });
});

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const jwk = (key: KeyObject, more: object = {}): string =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });

describe('a client key', () => {
  const kinds: readonly (readonly [name: string, text: string, algorithm: string])[] = [
    ['EC on P-256 as PEM', pem(ec.privateKey), 'ES256'],
    ['EC on P-256 as SEC1', ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'ES256'],
    ['EC on P-256 as JWK', jwk(ec.privateKey), 'ES256'],
    ['Ed25519 as PEM', pem(ed.privateKey), 'EdDSA'],
    ['Ed25519 as JWK', jwk(ed.privateKey, { alg: 'EdDSA' }), 'EdDSA'],
    ['RSA as PEM', pem(rsa.privateKey), 'RS256'],
    ['RSA as JWK', jwk(rsa.privateKey), 'RS256'],
    ['RSA as JWK for PS256', jwk(rsa.privateKey, { alg: 'PS256' }), 'PS256'],
  ];
  for (const [name, text, algorithm] of kinds) {
    it(`${name} signs with ${algorithm}, and nothing private of it is published`, async () => {
      const key = parseClientKey(text);
      assert.ok(!isWrong(key));
      assert.equal(key.algorithm, algorithm);
      assert.deepEqual([key.publicJwk.alg, key.publicJwk.use], [algorithm, 'sig']);
      for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(name in key.publicJwk), name);
      assert.equal(key.kid, await calculateJwkThumbprint(key.publicJwk));
    });
  }

  it('is called what its JWK calls it', () => {
    const key = parseClientKey(jwk(ec.privateKey, { kid: 'corp-1' }));
    assert.ok(!isWrong(key));
    assert.equal(key.publicJwk.kid, 'corp-1');
  });

  const wrong: readonly (readonly [name: string, text: string])[] = [
    ['a public key', ec.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['a public JWK', jwk(ec.publicKey)],
    ['a symmetric key', JSON.stringify({ kty: 'oct', k: 'AAAA' })],
    ['EC on another curve', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)],
    ['Ed448', pem(generateKeyPairSync('ed448').privateKey)],
    ['RSA of 1024 bits', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    ['RSASSA-PSS as PEM', pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey)],
    [
      'an encrypted key',
      ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ],
    ['a key of another algorithm', jwk(ec.privateKey, { alg: 'RS256' })],
    ['an RSA key for encryption', jwk(rsa.privateKey, { alg: 'RSA-OAEP' })],
    ['a kid that is no text', jwk(ec.privateKey, { kid: 7 })],
    ['a set of keys', JSON.stringify({ keys: [JSON.parse(jwk(ec.privateKey))] })],
    ['no key', 'hello'],
    ['broken JSON', '{'],
  ];
  for (const [name, text] of wrong) {
    it(`is not ${name}`, () => {
      const key = parseClientKey(text);
      assert.ok(isWrong(key) && key.wrong === 'bad-key');
    });
  }
});

describe('a provider that knows the gateway by a key', () => {
  const ref = (to: string): string => `"$\{${to}}"`;
  const FILES: Readonly<Record<string, string>> = {
    'ec.pem': pem(ec.privateKey),
    'next.pem': pem(other.privateKey),
    empty: '',
  };
  const loadWith = (keys: string) =>
    loadWorld({
      gateway: {
        file: 'gateway.yaml',
        text: GATEWAY.replace(/client_secret: .*\n {4}levels/, `client_auth: private_key_jwt\n    ${keys}\n    levels`),
      },
      policies: { file: 'policies.yaml', text: POLICIES },
      env: (name) =>
        ({ KEY: 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=', CLIENT: 'x', JWK: jwk(ec.privateKey) })[name],
      readFile: (path) => {
        const text = FILES[path];
        if (text === undefined) throw new Error('no such file');
        return text;
      },
    });
  const idsOf = (keys: string) => {
    const result = loadWith(keys);
    return result.ok ? [] : result.problems.map(({ id, line }) => `${line} ${id}`);
  };

  it('has the one in use and the next one, from files beside gateway.yaml or from references', () => {
    for (const keys of [
      'key: ec.pem\n    next_key: next.pem',
      `key: ${ref('env:JWK')}\n    next_key: ${ref('file:next.pem')}`,
    ]) {
      const result = loadWith(keys);
      assert.ok(result.ok, JSON.stringify(result));
      const found = oidcOf(result.world).clientKeys;
      assert.notEqual(found?.current.kid, found?.next?.kid);
      assert.equal(found?.current.algorithm, 'ES256');
    }
  });

  it('needs its key, and no secret beside it; one that knows it by a secret needs that', () => {
    const result = load(GATEWAY.replace(/ {4}client_secret: .*\n/, ''));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ id, message }) => [id, message]),
      [['missing-key', '"client_secret" is missing: client_secret_basic needs it']],
    );
    assert.deepEqual(idsOf('timeout: 5s'), ['10 missing-key']);
    assert.deepEqual(idsOf(`key: ec.pem\n    client_secret: ${ref('env:CLIENT')}`), ['16 contradiction']);
  });

  it('is refused with a key that is missing, unreadable or the same twice', () => {
    assert.deepEqual(idsOf('key: gone.pem'), ['15 secret-missing']);
    assert.deepEqual(idsOf('key: empty'), ['15 secret-missing']);
    assert.deepEqual(idsOf('key: ec.pem\n    next_key: ec.pem'), ['16 contradiction']);
  });
});
