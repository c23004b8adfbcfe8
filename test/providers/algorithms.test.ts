import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { ID_TOKEN_ALGORITHMS, type IdTokenAlgorithm } from '../../src/config/world.ts';
import type { FakeOpScript, Json } from '../support/fake-op.ts';
import { hmacToken, makeKeys, unsignedToken } from '../support/fake-op-keys.ts';
import { outcome, startBench, trip } from './fixtures.ts';

const start = (t: Parameters<typeof startBench>[0], algorithm: IdTokenAlgorithm, script: Partial<FakeOpScript> = {}) =>
  startBench(t, {
    op: { algorithm, script: { metadata: boastful, ...script } },
    config: { idTokenAlgorithm: algorithm },
  });

/** A provider may announce what it likes. */
const boastful = (metadata: Json): Json => ({
  ...metadata,
  id_token_signing_alg_values_supported: [...ID_TOKEN_ALGORITHMS, 'ES384', 'HS256', 'none'],
});

/** A token under another header than the one that was signed: the signature of the good one, put behind it. */
const relabelled = async (
  header: Json,
  claims: Json,
  sign: (header: Json, claims: Json) => Promise<string>,
  alg: string,
) => {
  const [, payload, signature] = (await sign(header, claims)).split('.');
  return `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${payload}.${signature}`;
};

for (const algorithm of ID_TOKEN_ALGORITHMS) {
  describe(`ID tokens pinned to ${algorithm}`, () => {
    test('are taken when they are the provider’s', async (t) => {
      const bench = await start(t, algorithm);
      assert.equal(outcome(await trip(bench)), 'verified');
      bench.op.script.header = ({ kid: _, ...header }) => header;
      assert.equal(outcome(await trip(bench)), 'verified', 'of one key, without its name');
    });

    const forged: readonly (readonly [string, FakeOpScript['sign']])[] = [
      ['signed with a foreign key of the same name', 'foreign'],
      ['without a signature', 'none'],
      ['labelled none over a good signature', (h, c, keys) => relabelled(h, c, keys.sign, 'none')],
      [
        'labelled none in another case',
        async (h, c) => unsignedToken(h, c).replace(/^[^.]+/, part({ ...h, alg: 'NoNe' })),
      ],
      [
        'signed with HMAC under the public key',
        (h, c, keys) => hmacToken(h, c, Buffer.from(JSON.stringify(keys.publicJwk))),
      ],
      ['signed with HMAC under the client secret', (h, c) => hmacToken(h, c, Buffer.from('fake-op-secret'))],
      ['with a changed claim behind a good signature', async (h, c, keys) => tampered(await keys.sign(h, c))],
      ['with a truncated signature', async (h, c, keys) => (await keys.sign(h, c)).slice(0, -4)],
      ['with an empty signature', async (h, c, keys) => (await keys.sign(h, c)).replace(/[^.]+$/, '')],
      ...ID_TOKEN_ALGORITHMS.filter((other) => other !== algorithm).flatMap(
        (other): readonly (readonly [string, FakeOpScript['sign']])[] => [
          [`labelled ${other} over a good signature`, (h, c, keys) => relabelled(h, c, keys.sign, other)],
          [
            `signed with ${other} under a key of its own`,
            async (h, c) => (await makeKeys(other)).sign({ ...h, alg: other }, c),
          ],
        ],
      ),
    ];
    for (const [title, sign] of forged) {
      test(`are refused ${title}`, async (t) => {
        const verdict = await trip(await start(t, algorithm, { sign }));
        assert.equal(outcome(verdict), 'invalid_response', JSON.stringify(verdict));
      });
    }
  });
}

const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return `${header}.${part({ ...claims, acr: 'urn:phrh' })}.${signature}`;
}

describe('one RSA key of a provider that serves two algorithms', () => {
  for (const [pinned, used] of [
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
  ] as const) {
    test(`signs nothing with ${used} that counts where ${pinned} is pinned`, async (t) => {
      const { publicKey, privateKey } = await generateKeyPair(pinned, { extractable: true });
      const published = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' };
      const other = await importJWK({ ...(await exportJWK(privateKey)), alg: used }, used);
      const bench = await start(t, pinned, {
        jwks: { status: 200, body: { keys: [published] } },
        sign: (_, claims) => new SignJWT(claims).setProtectedHeader({ alg: used, kid: 'one' }).sign(other),
      });
      assert.equal(outcome(await trip(bench)), 'invalid_response');
      bench.op.script.sign = (_, claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: pinned, kid: 'one' }).sign(privateKey);
      assert.equal(outcome(await trip(bench)), 'verified');
    });
  }
});

describe('keys that a provider rolls over', () => {
  test('with an overlap are never noticed by anybody', async (t) => {
    mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    t.after(() => mock.timers.reset());
    const next = await makeKeys('RS256');
    const bench = await start(t, 'RS256');
    assert.equal(outcome(await trip(bench)), 'verified');
    bench.op.script.jwks = { status: 200, body: { keys: [bench.op.keys().publicJwk, next.publicJwk] } };
    mock.timers.tick(60_000);
    bench.op.script.sign = (header, claims) => next.sign({ ...header, kid: next.kid }, claims);
    assert.equal(outcome(await trip(bench)), 'verified', 'the new one');
    bench.op.script.sign = 'ours';
    assert.equal(outcome(await trip(bench)), 'verified', 'the old one, still');
  });

  test('without an overlap heal when the known ones are a minute old, by one request', async (t) => {
    mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    t.after(() => mock.timers.reset());
    const bench = await start(t, 'ES256');
    await trip(bench);
    await bench.op.rotateKeys();
    mock.timers.tick(59_000);
    assert.equal(outcome(await trip(bench)), 'invalid_response');
    assert.equal(bench.op.counts.jwks, 1, 'nobody can make us ask sooner');
    mock.timers.tick(1_000);
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => trip(bench)));
    assert.ok(verdicts.every((verdict) => verdict.ok));
    assert.equal(bench.op.counts.jwks, 2);
  });

  test('and an old one that is gone counts for five minutes at most', async (t) => {
    mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    t.after(() => mock.timers.reset());
    const bench = await start(t, 'RS256');
    await trip(bench);
    const stolen = bench.op.keys();
    await bench.op.rotateKeys();
    bench.op.script.sign = (header, claims) => stolen.sign({ ...header, kid: stolen.kid }, claims);
    mock.timers.tick(300_000);
    assert.equal(outcome(await trip(bench)), 'invalid_response');
  });
});
