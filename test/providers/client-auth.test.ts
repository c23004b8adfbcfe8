import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { ClientKey } from '../../src/config/client-key.ts';
import { clientAuthentication } from '../../src/providers/client-auth.ts';
import { clientKey, type KeyType } from './client-keys.ts';
import { askFor, configOf, outcome, startBench, trip } from './fixtures.ts';

const ISSUER = 'https://id.example.com';
const NOW = 1_800_000_000;

/** The body of a token request under a key. */
async function bodyWith(current: ClientKey, now = NOW): Promise<URLSearchParams> {
  const authenticate = clientAuthentication(
    configOf({ clientAuth: 'private_key_jwt', clientSecret: '', clientKeys: { current, next: clientKey() } }),
    { now: () => now },
  );
  const body = new URLSearchParams();
  const headers = new Headers();
  await authenticate({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` }, { client_id: 'stepgate' }, body, headers);
  assert.deepEqual([...headers], []);
  return body;
}

describe('a client assertion', () => {
  const kinds: readonly (readonly [KeyType, string])[] = [
    ['EC', 'ES256'],
    ['RSA', 'RS256'],
    ['RSA for PS256', 'PS256'],
    ['Ed25519', 'EdDSA'],
  ];
  for (const [type, alg] of kinds) {
    test(`with ${type} names its key and ${alg}`, async () => {
      const key = clientKey(type);
      const header = decodeProtectedHeader((await bodyWith(key)).get('client_assertion') ?? '');
      assert.deepEqual(header, { alg, kid: key.kid });
    });
  }

  test('is for the issuer alone, as one text, for a minute of our clock, and no secret goes along', async () => {
    const body = await bodyWith(clientKey());
    const { jti, ...claims } = decodeJwt(body.get('client_assertion') ?? '');
    assert.deepEqual(claims, { iss: 'stepgate', sub: 'stepgate', aud: ISSUER, iat: NOW, exp: NOW + 60 });
    assert.ok(typeof jti === 'string' && jti.length >= 20);
    assert.deepEqual([...body.keys()].sort(), ['client_assertion', 'client_assertion_type', 'client_id']);
  });

  test('is another one every time', async () => {
    const key = clientKey();
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => decodeJwt((await bodyWith(key)).get('client_assertion') ?? '').jti),
    );
    assert.equal(new Set(ids).size, 5);
  });

  test('cannot be made without a key', () => {
    assert.throws(
      () => clientAuthentication(configOf({ clientAuth: 'private_key_jwt' }), { now: () => NOW }),
      TypeError,
    );
  });

  test('is what a provider gets for a pushed request and for a code, each its own', async (t) => {
    const current = clientKey('RSA');
    const clientKeys = { keys: [current.publicJwk as { kty: string }] };
    const bench = await startBench(t, {
      op: { script: { clientKeys, pushing: 'offered' } },
      config: { clientAuth: 'private_key_jwt', clientSecret: '', clientKeys: { current, next: null } },
    });
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.deepEqual([bench.op.counts.par, bench.op.counts.token], [2, 2]);
    assert.equal(bench.op.credentials(), null);
  });

  test('under a key that the provider does not know is a provider with a problem', async (t) => {
    const clientKeys = { keys: [clientKey().publicJwk as { kty: string }] };
    const bench = await startBench(t, {
      op: { script: { clientKeys, pushing: 'offered' } },
      config: { clientAuth: 'private_key_jwt', clientSecret: '', clientKeys: { current: clientKey(), next: null } },
    });
    const begun = await bench.provider.begin(askFor());
    assert.ok(!begun.ok && begun.failure === 'provider_error');
  });
});
