import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import { keepPasskeys, loadWebAuthn, type Passkeys } from '../../src/demo/passkeys.ts';
import { demoPeople } from '../../src/demo/people.ts';
import { type Authenticator, type Ceremony, createAuthenticator } from './authenticator.ts';

const [alice, , carol] = demoPeople((size) => Buffer.alloc(size, 1));
assert.ok(alice !== undefined && carol !== undefined);
const ISSUER = 'http://localhost:8081';

describe('the passkeys of the demo’s people', () => {
  let webauthn: Awaited<ReturnType<typeof loadWebAuthn>>;
  let passkeys: Passkeys;
  let key: Authenticator;
  before(async () => {
    webauthn = await loadWebAuthn();
  });
  beforeEach(async () => {
    passkeys = keepPasskeys(ISSUER, webauthn);
    key = createAuthenticator();
  });

  /** What the trip is asked, as a browser on the provider's page would answer. */
  const asked = (question: string): Ceremony => ({ challenge: JSON.parse(question).challenge, origin: ISSUER });
  const toRegister = async (trip = 't1', person = alice) => asked(await passkeys.askToRegister(trip, person));
  const toUse = async (trip = 't1', person = alice) => asked(await passkeys.askToUse(trip, person));
  const register = async (with_ = key, person = alice) =>
    passkeys.register('t1', person, with_.create(await toRegister('t1', person)));

  it('are registered and used, with who was there and how in amr', async () => {
    assert.equal(passkeys.has(alice), false);
    assert.equal(await register(), true);
    assert.equal(passkeys.has(alice), true);
    assert.equal(passkeys.has(carol), false);
    assert.deepEqual(await passkeys.use('t1', alice, key.get(await toUse())), ['hwk', 'user', 'mfa']);
  });

  it('are not said to be hardware where the key is copied between devices', async () => {
    const copied = createAuthenticator(true);
    assert.equal(await register(copied), true);
    assert.deepEqual(await passkeys.use('t1', alice, copied.get(await toUse())), ['swk', 'user', 'mfa']);
  });

  it('are asked for with user verification, by their ids, and need not be stored for discovery', async () => {
    await register();
    const creation = JSON.parse(await passkeys.askToRegister('t1', alice));
    const use = JSON.parse(await passkeys.askToUse('t1', alice));
    assert.equal(creation.rp.id, 'localhost');
    assert.equal(creation.authenticatorSelection.userVerification, 'required');
    assert.equal(creation.authenticatorSelection.residentKey, 'discouraged');
    assert.equal(creation.attestation, 'none');
    assert.equal(use.rpId, 'localhost');
    assert.equal(use.userVerification, 'required');
    assert.deepEqual(
      use.allowCredentials.map(({ id }: { id: string }) => id),
      [key.id],
    );
  });

  const FALSIFIED: readonly (readonly [string, Partial<Ceremony>])[] = [
    ['another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['another origin', { origin: 'http://localhost:8080' }],
    ['another site', { rpId: 'evil.example' }],
    ['nobody there', { present: false }],
    ['nobody verified', { verified: false }],
  ];
  for (const [name, wrong] of FALSIFIED) {
    it(`are not registered with ${name}`, async () => {
      const answer = key.create({ ...(await toRegister()), ...wrong });
      assert.equal(await passkeys.register('t1', alice, answer), false);
      assert.equal(passkeys.has(alice), false);
    });

    it(`prove nothing with ${name}`, async () => {
      await register();
      assert.equal(await passkeys.use('t1', alice, key.get({ ...(await toUse()), ...wrong })), null);
    });
  }

  it('prove nothing by the answer to another kind of question', async () => {
    await register();
    const use = await toUse();
    assert.equal(await passkeys.use('t1', alice, key.get({ ...use, type: 'webauthn.create' })), null);
    const creation = await toRegister();
    assert.equal(await passkeys.use('t1', alice, key.get(creation)), null);
  });

  it('prove nothing twice by one answer, nor by one to an older question', async () => {
    await register();
    const older = key.get(await toUse());
    const answer = key.get(await toUse());
    assert.equal(await passkeys.use('t1', alice, older), null);
    assert.equal(await passkeys.use('t1', alice, answer), null, 'the question went with the wrong answer');
    const next = key.get(await toUse());
    assert.notEqual(await passkeys.use('t1', alice, next), null);
    assert.equal(await passkeys.use('t1', alice, next), null);
  });

  it('prove nothing on another trip', async () => {
    await register();
    const answer = key.get(await toUse('t1'));
    await toUse('t2');
    assert.equal(await passkeys.use('t2', alice, answer), null);
  });

  it('prove nothing about anybody else', async () => {
    const hers = createAuthenticator();
    await register();
    await register(hers, carol);
    assert.equal(await passkeys.use('t1', alice, hers.get(await toUse())), null);
    // Her own key's answer, under the name of the other's.
    const forged = { ...JSON.parse(hers.get(await toUse())), id: key.id, rawId: key.id };
    assert.equal(await passkeys.use('t1', alice, JSON.stringify(forged)), null);
  });

  it('belong to one person', async () => {
    await register();
    assert.equal(await register(key, carol), false);
    assert.equal(passkeys.has(carol), false);
  });

  it('prove nothing once their counter stands still: there is a copy', async () => {
    await register();
    assert.notEqual(await passkeys.use('t1', alice, key.get({ ...(await toUse()), counter: 7 })), null);
    assert.equal(await passkeys.use('t1', alice, key.get({ ...(await toUse()), counter: 7 })), null);
  });

  it('stand the answers of no browser', async () => {
    await register();
    for (const answer of ['', '{', 'null', '[]', '{"id":1}', `{"id":"${key.id}"}`]) {
      await toUse();
      assert.equal(await passkeys.use('t1', alice, answer), null, answer);
      await toRegister();
      assert.equal(await passkeys.register('t1', carol, answer), false, answer);
    }
  });
});
