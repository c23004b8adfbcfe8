import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { Problem } from '../../src/config/problems.ts';
import { newKey, pemOf } from '../support/assertions.ts';
import { GATEWAY, KEY, POLICIES } from './fixture.ts';

const [one, two] = [newKey(), newKey()];
const pem = (key: KeyObject): string => pemOf(key);
const jwkOf = (key: KeyObject, more: object = {}): string =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });

const FILES: Readonly<Record<string, string>> = {
  'one.pem': pem(one),
  'one-as-jwk.json': jwkOf(one, { kid: 'another-name' }),
  'two.pem': `\n${pem(two)}\n`,
  'public.pem': createPublicKey(one).export({ type: 'spki', format: 'pem' }).toString(),
  'public.json': JSON.stringify(createPublicKey(one).export({ format: 'jwk' })),
  'p384.pem': pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
  'k256.pem': pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
  'ed25519.pem': pem(generateKeyPairSync('ed25519').privateKey),
  'rsa.pem': pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  'es384.json': jwkOf(one, { alg: 'ES384' }),
  'locked.pem': one.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
  'words.txt': 'a passphrase of several words',
  'empty.pem': '',
};

function load(assertion: string, change = (text: string): string => text): LoadResult {
  return loadWorld({
    gateway: {
      file: 'etc/gateway.yaml',
      text: change(GATEWAY.replace('ledger: memory', `assertion: ${assertion}\nledger: memory`)),
    },
    policies: { file: 'etc/policies.yaml', text: POLICIES },
    env: (name) => (name === 'KEY' ? KEY : name === 'ASSERTION' ? pem(one) : name === 'CLIENT' ? 'secret' : undefined),
    readFile: (path) => {
      const file = FILES[path.replace(/^etc\//, '')];
      if (file === undefined) throw new Error('no such file');
      return file;
    },
  });
}

const problems = (...from: Parameters<typeof load>): readonly Problem[] => {
  const loaded = load(...from);
  assert.ok(!loaded.ok, 'it was taken');
  return loaded.problems;
};

/** The first provider shows itself by these keys instead of a secret. */
const byKey = (keys: string) => (text: string) =>
  text.replace(/client_secret: .*/, `client_auth: private_key_jwt\n    ${keys}`);

/** Column of the mark in the line of `assertion`, and the line without it. */
const marked = (assertion: string): { text: string; column: number } => ({
  text: assertion.replace('‸', ''),
  column: 'assertion: '.length + assertion.indexOf('‸') + 1,
});

describe('the keys of assertions in gateway.yaml', () => {
  it('are read from PEM and JWK, by path or reference, and named by their thumbprint', async () => {
    const kid = await calculateJwkThumbprint(createPublicKey(one).export({ format: 'jwk' }));
    for (const key of ['one.pem', `"\${file:one.pem}"`, 'one-as-jwk.json', `"\${env:ASSERTION}"`]) {
      const loaded = load(`{key: ${key}, next_key: two.pem}`);
      assert.ok(loaded.ok, key);
      assert.equal(loaded.world.assertion.current?.kid, kid);
      assert.equal(loaded.world.assertion.current.publicJwk.kid, kid);
      assert.ok(loaded.world.assertion.next !== null && loaded.world.assertion.next.kid !== kid);
    }
  });

  it('may both be absent, and the next one may stand alone beside the key of the ledger', () => {
    for (const [assertion, next] of [
      ['{}', false],
      ['{next_key: one.pem}', true],
    ] as const) {
      const loaded = load(assertion);
      assert.ok(loaded.ok);
      assert.equal(loaded.world.assertion.current, null);
      assert.equal(loaded.world.assertion.next !== null, next);
    }
  });

  for (const [name, assertion, id] of [
    ['a file that is not there', '{key: ‸nothing.pem}', 'secret-missing'],
    ['an empty file', '{key: ‸empty.pem}', 'secret-missing'],
    ['a variable that is not set', `{next_key: ‸"\${env:NOTHING}"}`, 'secret-missing'],
    ['a file of words', '{key: ‸words.txt}', 'bad-key'],
    ['a public key', '{key: ‸public.pem}', 'bad-key'],
    ['a public JWK', '{key: one.pem, next_key: ‸public.json}', 'bad-key'],
    ['a key under a passphrase', '{key: ‸locked.pem}', 'bad-key'],
    ['a key on P-384', '{key: ‸p384.pem}', 'bad-key'],
    ['a key on secp256k1', '{key: ‸k256.pem}', 'bad-key'],
    ['an Ed25519 key', '{key: ‸ed25519.pem}', 'bad-key'],
    ['an RSA key', '{key: one.pem, next_key: ‸rsa.pem}', 'bad-key'],
    ['a key that says it is for ES384', '{key: ‸es384.json}', 'bad-key'],
    ['one key twice', '{key: one.pem, next_key: ‸one.pem}', 'contradiction'],
    ['one key in two forms', '{key: one.pem, next_key: ‸one-as-jwk.json}', 'contradiction'],
    ['a key of another name', '{key: one.pem, ‸nextkey: two.pem}', 'unknown-key'],
    ['a list of keys', '{key: ‸[one.pem, two.pem]}', 'wrong-type'],
  ] as const) {
    it(`are refused where there is ${name}`, () => {
      const { text, column } = marked(assertion);
      assert.deepEqual(
        problems(text).map((problem) => [problem.id, problem.line, problem.column]),
        [[id, 6, column]],
      );
    });
  }

  it('are refused where a provider is shown one of them, so that one signature never serves two purposes', () => {
    for (const keys of ['key: one-as-jwk.json', 'key: rsa.pem\n    next_key: one.pem']) {
      const [first, second, third] = problems('{key: one.pem}', byKey(keys));
      assert.deepEqual([first?.id, first?.line, second], ['contradiction', 6, undefined], keys);
      assert.match(first?.message ?? '', /"corp"/);
      assert.equal(third, undefined);
    }
    assert.equal(problems('{key: two.pem, next_key: one.pem}', byKey('key: one.pem'))[0]?.column, 37);
    assert.ok(load('{key: two.pem}', byKey('key: one.pem')).ok);
  });

  it('are never repeated: not even a key that was written where its file should be named', () => {
    const { d = '' } = one.export({ format: 'jwk' });
    const inOneLine = pem(one).replaceAll('\n', ' ').trim();
    for (const loaded of [
      load(`{key: '${jwkOf(one)}'}`),
      load(`{next_key: '${inOneLine}'}`),
      load(`{key: '${pem(one)}'}`),
      load('{key: two.pem}', byKey(`key: '${jwkOf(one)}'`)),
    ]) {
      assert.ok(!loaded.ok);
      const said = JSON.stringify([loaded.problems, loaded.notices]);
      assert.ok(!said.includes(d), 'the private key is shown');
      assert.ok(!said.includes(inOneLine.slice(40, 80)), 'the private key is shown');
    }
  });
});
