import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { after, before, mock, test } from 'node:test';
import fc from 'fast-check';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { markOf, provenLevels } from '../../src/core/evidence.ts';
import type { Level } from '../../src/core/ladder.ts';
import { createOidcProvider } from '../../src/providers/oidc.ts';
import { clientKey, keyText } from './client-keys.ts';
import { askFor, configOf, level, random, systemClock } from './fixtures.ts';

/**
 * Tokens of any types, times, algorithms and audiences, given to the whole adapter by a provider that exists as a function
 * only. A level may come out of none that {@link expected} does not accept, which is written anew here, from the standard,
 * and knows nothing of the code.
 */

const ISSUER = 'https://id.example.com';
const CLIENT = 'stepgate';
const TOLERANCE = 60;
const NOW = 1_800_000_000;

const ours = clientKey('EC');
const foreign = createPrivateKey({ key: JSON.parse(keyText('EC')), format: 'jwk' });

const config: OidcProviderConfig = configOf({
  issuer: ISSUER,
  clientId: CLIENT,
  idTokenAlgorithm: 'ES256',
  clockTolerance: TOLERANCE,
  evidence: {
    marks: [
      markOf(level('passkey'), { acr: ['hw', 'mfa'], amrAll: ['hwk'] }),
      markOf(level('mfa'), { acr: ['mfa'], claims: [['loa', 2]] }),
      markOf(level('password'), { acrs: ['c1'], amrAny: ['pwd', 'pin'] }),
    ],
    unmarked: null,
  },
});

type Json = Record<string, unknown>;
/** What a token is signed with. */
type Signing = 'ours' | 'foreign' | 'nothing' | 'another token’s';

const often = <T>(value: T, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
const anything = fc.oneof(fc.constantFrom(null, true, false, '', 0, [], {}, '1800000000'), fc.jsonValue());
const near = fc
  .oneof(
    fc.integer({ min: -700, max: 700 }),
    fc.constantFrom(-661, -660, -601, -61, -60, -59, 0, 59, 60, 61, 300),
    fc.double({ min: -90, max: 90, noNaN: true }),
  )
  .map((away) => NOW + away);

const tokens = fc.record({
  header: fc.record(
    {
      alg: often('ES256', fc.constantFrom('none', 'HS256', 'RS256', 'PS256', 'EdDSA', 'ES384', 'es256', 7)),
      kid: often(ours.kid, fc.constantFrom(undefined, 'other', 7)),
      typ: fc.constant('JWT'),
    },
    { requiredKeys: ['alg'] },
  ),
  signing: often('ours', fc.constantFrom<Signing>('foreign', 'nothing', 'another token’s')) as fc.Arbitrary<Signing>,
  nonce: often('this', fc.oneof(fc.constantFrom('absent', 'other'), anything)),
  claims: fc.record({
    iss: often(ISSUER, fc.oneof(fc.constantFrom(`${ISSUER}/`, 'https://evil.example', undefined), anything)),
    aud: often(CLIENT, fc.oneof(fc.constantFrom([CLIENT], [CLIENT, 'x'], 'x', [], undefined), anything)),
    azp: often(undefined, fc.oneof(fc.constantFrom(CLIENT, 'x'), anything)),
    sub: often('alice', fc.oneof(fc.constantFrom('', 'x'.repeat(256), undefined), anything)),
    iat: fc.oneof({ weight: 24, arbitrary: fc.constant(NOW) }, { weight: 4, arbitrary: near }, anything),
    exp: fc.oneof({ weight: 24, arbitrary: fc.constant(NOW + 300) }, { weight: 4, arbitrary: near }, anything),
    nbf: fc.oneof({ weight: 24, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: near }, anything),
    auth_time: fc.oneof(
      { weight: 16, arbitrary: fc.constantFrom(NOW, NOW - 50, NOW - 9000) },
      { weight: 5, arbitrary: near },
      fc.constant(undefined),
      anything,
    ),
    acr: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom('mfa', 'mfa', 'hw', 'pwd', '0', undefined) },
      anything,
      fc.constant(['mfa']),
    ),
    amr: fc.oneof(
      { weight: 24, arbitrary: fc.constantFrom(['pwd'], ['hwk', 'pin'], ['pwd', 'hwk'], [], undefined) },
      anything,
      fc.constantFrom('hwk', ['hwk', 1]),
    ),
    acrs: fc.oneof(
      { weight: 16, arbitrary: fc.constantFrom(undefined, ['c1'], ['c2', 'c1']) },
      anything,
      fc.constant('c1'),
    ),
    loa: fc.constantFrom(undefined, 2, 2, 2, '2', [2], ['2'], true),
  }),
});

/** The level that a token is worth, or null: by OpenID Connect Core 2 and 3.1.3.7, and the mapping above. */
function expected(header: Json, signing: Signing, claims: Json, nonce: string): Level | null {
  const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((v) => typeof v === 'string');
  const { iss, aud, azp, sub, iat, exp, nbf, auth_time: authTime, acr, amr = [], acrs = [], loa } = claims;
  const sound =
    header.alg === 'ES256' &&
    (header.kid === ours.kid || header.kid === undefined) &&
    signing === 'ours' &&
    claims.nonce === nonce &&
    iss === ISSUER &&
    (aud === CLIENT || (Array.isArray(aud) && aud.length === 1 && aud[0] === CLIENT)) &&
    (azp === undefined || azp === CLIENT) &&
    typeof sub === 'string' &&
    sub.length > 0 &&
    sub.length < 256 &&
    isTime(iat) &&
    iat <= NOW + TOLERANCE &&
    iat >= NOW - 600 - TOLERANCE &&
    isTime(exp) &&
    exp > NOW - TOLERANCE &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= NOW + TOLERANCE)) &&
    (authTime === undefined || (isTime(authTime) && authTime <= iat + TOLERANCE)) &&
    (acr === undefined || typeof acr === 'string') &&
    isTexts(amr) &&
    isTexts(acrs);
  if (!sound || acr === '0') return null;
  if ((acr === 'hw' || acr === 'mfa') && amr.includes('hwk')) return level('passkey');
  if (acr === 'mfa' && loa === 2) return level('mfa');
  if (acrs.includes('c1') && (amr.includes('pwd') || amr.includes('pin'))) return level('password');
  return null;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: Json, claims: Json, signing: Signing): string {
  const text = `${part(header)}.${part(claims)}`;
  const by = (key: KeyObject, of: string) =>
    sign('sha256', Buffer.from(of), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  if (signing === 'nothing') return `${text}.`;
  if (signing === 'another token’s') return `${text}.${by(ours.privateKey, `${part(header)}.${part({ sub: 'x' })}`)}`;
  return `${text}.${by(signing === 'ours' ? ours.privateKey : foreign, text)}`;
}

before(() => mock.timers.enable({ apis: ['Date'], now: NOW * 1000 }));
after(() => mock.timers.reset());

test('a level comes only out of a token that a strict reading of the standard accepts', async () => {
  let idToken = '';
  const answers: Readonly<Record<string, () => Json>> = {
    '/.well-known/openid-configuration': () => ({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
    }),
    '/jwks': () => ({ keys: [ours.publicJwk] }),
    '/token': () => ({ access_token: 'a', token_type: 'Bearer', id_token: idToken }),
  };
  const fetch = async (url: string) => Response.json(answers[new URL(url).pathname]?.() ?? {});
  const provider = createOidcProvider({ config, clock: systemClock, random, log: () => {}, fetch });
  const found = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(tokens, async ({ header, signing, nonce, claims }) => {
      const ask = askFor();
      const begun = await provider.begin(ask);
      assert.ok(begun.ok);
      const nonces = { this: begun.kept.nonce, absent: undefined, other: random(16) } as Json;
      const whole = { ...claims, nonce: typeof nonce === 'string' && nonce in nonces ? nonces[nonce] : nonce };
      const written: Json = JSON.parse(JSON.stringify(whole));
      idToken = signed(header, whole, signing);
      const callback = new URL(`${ask.redirectUri}?${new URLSearchParams({ code: 'c', state: ask.state })}`);
      const verdict = await provider.finish(callback, begun.kept, ask.state);
      const proven = verdict.ok ? (provenLevels(config.evidence, verdict.proof)[0] ?? null) : null;
      const allowed = expected(JSON.parse(JSON.stringify(header)), signing, written, begun.kept.nonce);
      if (proven !== null) assert.equal(proven.name, allowed?.name, `${proven.name} out of ${JSON.stringify(written)}`);
      if (verdict.ok && proven !== null) {
        const { at, freshAt } = verdict.proof;
        assert.ok(at <= NOW);
        const { iat, auth_time: authTime } = written as { iat: number; auth_time?: number };
        assert.equal(freshAt, authTime === undefined ? null : at);
        if (authTime !== undefined) assert.ok(NOW - at >= Math.min(iat - authTime, NOW));
      }
      const outcome = proven?.name ?? (allowed === null ? 'refused' : 'refused though allowed');
      found.set(outcome, (found.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 3000 },
  );
  provider.close();
  for (const name of ['passkey', 'mfa', 'password', 'refused']) {
    assert.ok((found.get(name) ?? 0) >= 20, `hardly any token was ${name}: ${JSON.stringify([...found])}`);
  }
  // The other way round the library may be stricter than the standard: fractions of a second, for one.
  assert.ok((found.get('refused though allowed') ?? 0) <= 60, JSON.stringify([...found]));
});
