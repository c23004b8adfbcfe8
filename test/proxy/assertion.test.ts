import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { calculateJwkThumbprint, importJWK, jwtVerify } from 'jose';
import { type AssertionKey, parseAssertionKey } from '../../src/config/assertion-key.ts';
import { isWrong } from '../../src/config/problems.ts';
import type { IdentityFacts } from '../../src/core/identity-facts.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { ASSERTION_LIFE, createAssertions } from '../../src/proxy/assertion.ts';
import { newKey, pemOf, unverified } from '../support/assertions.ts';

const NOW = 1_795_392_000;
const TO = { app: 'payroll', origin: 'https://payroll.example.com' };
const NONE = { keep: () => Promise.reject(new Error('nothing is to be kept')) };

const ANA: IdentityFacts = {
  subject: 'ana',
  provider: 'corp',
  issuer: 'https://id.example.com',
  name: 'Zoë 🦊, 100%',
  email: 'ana@corp.example',
  groups: ['hr', 'a,admin'],
  groupsOmitted: false,
  level: 'mfa',
  levels: ['password', 'mfa'],
  at: NOW - 60,
  acr: 'urn:example:mfa',
  amr: ['pwd', 'otp'],
};

function keyOf(pem: string): AssertionKey {
  const key = parseAssertionKey(pem);
  assert.ok(!isWrong(key));
  return key;
}

const memory = (): Ledger => createMemoryLedger({ clock: { now: () => NOW }, random: () => 'x' });

describe('an assertion', () => {
  const key = keyOf(pemOf(newKey()));
  const assertions = createAssertions({ current: key, next: null }, NONE);

  it('is an ES256 JWT of its own type, under the thumbprint of its key', async () => {
    const publicJwk = createPublicKey(key.privateKey).export({ format: 'jwk' });
    const assertion = assertions.sign(ANA, TO, NOW);
    const { protectedHeader } = await jwtVerify(assertion, await importJWK(publicJwk, 'ES256'), {
      currentDate: new Date(NOW * 1000),
    });
    const kid = await calculateJwkThumbprint(publicJwk);
    assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'stepgate-assertion+jwt', kid });
  });

  it('says what the headers say, for one app of one origin, for a minute', () => {
    assert.deepEqual(unverified(assertions.sign(ANA, TO, NOW + 0.9)).claims, {
      iss: 'https://payroll.example.com',
      aud: 'payroll',
      sub: 'ana',
      provider: 'corp',
      provider_issuer: 'https://id.example.com',
      name: 'Zoë 🦊, 100%',
      email: 'ana@corp.example',
      groups: ['hr', 'a,admin'],
      level: 'mfa',
      levels: ['password', 'mfa'],
      auth_time: NOW - 60,
      acr: 'urn:example:mfa',
      amr: ['pwd', 'otp'],
      iat: NOW,
      exp: NOW + ASSERTION_LIFE,
    });
    assert.ok(ASSERTION_LIFE <= 60);
  });

  it('leaves out what is not known, rather than say it empty', () => {
    const bare = { name: null, email: '', groups: [], level: null, levels: [], at: null, acr: null, amr: [] };
    const { claims } = unverified(assertions.sign({ ...ANA, ...bare }, TO, NOW));
    assert.deepEqual(Object.keys(claims), ['iss', 'aud', 'sub', 'provider', 'provider_issuer', 'iat', 'exp']);
    const omitted = unverified(assertions.sign({ ...ANA, groups: [], groupsOmitted: true }, TO, NOW)).claims;
    assert.deepEqual([omitted.groups, omitted.groups_omitted], [undefined, true]);
  });

  it('is one line of printable characters, whatever a claim holds', () => {
    const name = '\r\nX-Auth-Level: hw\u0000\u2028"\\';
    const assertion = assertions.sign({ ...ANA, name, groups: [name] }, TO, NOW);
    assert.match(assertion, /^[\w-]+\.[\w-]+\.[\w-]{86}$/);
    assert.equal(unverified(assertion).claims.name, name);
  });

  it('fits beside the other headers: 800 bytes and what groups take', () => {
    assert.ok(assertions.sign(ANA, TO, NOW).length < 800);
  });
});

describe('the keys of assertions', () => {
  const [current, next] = [keyOf(pemOf(newKey())), keyOf(pemOf(newKey()))];

  it('are published without what is private, the next one as well, which signs nothing', () => {
    const assertions = createAssertions({ current, next }, NONE);
    const published = assertions.publicKeys();
    assert.deepEqual(
      published.map(({ kid }) => kid),
      [current.kid, next.kid],
    );
    for (const jwk of published)
      assert.deepEqual(Object.keys(jwk).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const { header } = unverified(assertions.sign(ANA, TO, NOW));
    assert.equal('kid' in header && header.kid, current.kid);
  });

  it('are made once and kept in the ledger where no file is named', async () => {
    const ledger = memory();
    const [one, other] = [
      createAssertions({ current: null, next }, ledger),
      createAssertions({ current: null, next: null }, ledger),
    ];
    await Promise.all([one.ready(), other.ready()]);
    assert.deepEqual(one.publicKeys()[0], other.publicKeys()[0]);
    assert.equal(one.publicKeys()[1]?.kid, next.kid);
    assert.notDeepEqual(one.publicKeys()[0], next.publicJwk);
    const stranger = createAssertions({ current: null, next: null }, memory());
    await stranger.ready();
    assert.notEqual(stranger.publicKeys()[0]?.kid, one.publicKeys()[0]?.kid);
  });

  it('are not asked of the ledger where a file is named', async () => {
    await createAssertions({ current, next: null }, NONE).ready();
  });

  it('are there before anything is signed: else nothing is', async () => {
    const failing = createAssertions({ current: null, next: null }, NONE);
    await assert.rejects(failing.ready(), /nothing is to be kept/);
    assert.throws(() => failing.sign(ANA, TO, NOW), /before there was a key/);
    assert.deepEqual(failing.publicKeys(), []);
  });

  it('are keys: something else that the ledger holds under their name is an error that does not repeat it', async () => {
    const spoilt = createAssertions({ current: null, next: null }, { keep: async () => 'kept by somebody else' });
    await assert.rejects(spoilt.ready(), (error: Error) => !error.message.includes('somebody'));
  });
});
