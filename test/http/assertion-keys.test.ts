import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { createGateway } from '../../src/gateway.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { newestAssertion, newKey, pemOf, startAssertedStage, unverified } from '../support/assertions.ts';
import { type Stage, startStage } from '../support/stage.ts';

const JWKS = '/.stepgate/jwks.json';
const clock = { now: () => Math.floor(Date.now() / 1000) };
const newLedger = (): Ledger => createMemoryLedger({ clock, random: () => 'birth-of-the-test' });

const keysOf = async (stage: Stage): Promise<JSONWebKeySet> =>
  (await stage.visitor().fetch(JWKS)).json() as unknown as JSONWebKeySet;

async function assertionOf(stage: Stage): Promise<string> {
  const alice = stage.visitor();
  await stage.signIn(alice);
  await alice.open('/home');
  return newestAssertion(stage);
}

const kidOf = (assertion: string): unknown => new Map(Object.entries(unverified(assertion).header)).get('kid');

describe(`GET ${JWKS}`, () => {
  const next = newKey();
  let stage: Stage;
  before(async () => {
    stage = await startAssertedStage(newKey(), { next });
  });
  after(() => stage.stop());

  it('has the key in use and the next one, public parts only, for five minutes', async () => {
    const reply = await stage.visitor().fetch(JWKS);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/jwk-set+json');
    assert.equal(reply.headers['cache-control'], 'public, max-age=300');
    assert.deepEqual(reply.setCookies, []);
    const { keys } = await keysOf(stage);
    assert.equal(keys.length, 2);
    for (const key of keys) {
      assert.deepEqual([key.kty, key.crv, key.alg, key.use], ['EC', 'P-256', 'ES256', 'sig']);
      assert.equal('d' in key, false);
    }
    assert.equal(keys[1]?.x, next.export({ format: 'jwk' }).x);
    assert.equal(kidOf(await assertionOf(stage)), keys[0]?.kid);
  });

  it('is the same for whoever asks, and is never forwarded', async () => {
    const count = stage.upstream.received.length;
    const alice = stage.visitor();
    assert.equal((await alice.send(JWKS)).text, (await alice.open(JWKS)).text);
    assert.equal(stage.upstream.received.length, count);
  });

  it('is not there under a host that is none of ours, nor for other methods', async () => {
    assert.equal((await stage.visitor().send(JWKS, { headers: { host: 'elsewhere.example' } })).status, 421);
    assert.equal((await stage.visitor().send(JWKS, { method: 'POST' })).status, 404);
  });

  it('has none of the keys that we show ourselves with to providers', async () => {
    const clients = (await stage.visitor().fetch('/.stepgate/client-jwks.json')).json();
    assert.deepEqual(clients, { keys: [] });
  });
});

describe('a gateway whose configuration names no key', () => {
  it('signs with one that its ledger keeps, the same after a restart and for all that share the ledger', async () => {
    const ledger = newLedger();
    const first = await startStage({ ledger });
    const assertion = await assertionOf(first);
    const keys = await keysOf(first);
    await first.stop();
    const second = await startStage({ ledger });
    assert.deepEqual(await keysOf(second), keys);
    assert.equal(kidOf(await assertionOf(second)), kidOf(assertion));
    await second.stop();
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), { issuer: first.origin });
    assert.equal(payload.sub, 'alice');
  });

  it('does not start where the ledger cannot keep one: nobody is let through unsigned', async () => {
    const ledger = newLedger();
    await ledger.close();
    const { world, stop } = await startStage();
    await stop();
    const gateway = createGateway({ world, ledger, clock, randomBytes, write: () => {} });
    await assert.rejects(gateway.listen({ host: '127.0.0.1', port: 0 }), { code: 'ledger_closed' });
    assert.equal(gateway.fastify.server.listening, false);
    await gateway.close();
  });
});

describe('a change of the key', () => {
  const [old, young] = [newKey(), newKey()];
  const naming = (keys: string) => (text: string) =>
    text.replace(/ledger: memory/, `ledger: memory\nassertion: ${keys}`);
  let stage: Stage;
  before(async () => {
    const files = { 'old.pem': pemOf(old), 'young.pem': pemOf(young), 'broken.pem': 'no key' };
    stage = await startStage({ files, gateway: naming('{key: old.pem}') });
  });
  after(() => stage.stop());

  it('refuses no assertion on its way: the new key is known before it signs, the old one after', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const told = async (): Promise<string> => {
      await alice.open('/home');
      return newestAssertion(stage);
    };
    const steps = ['{key: old.pem, next_key: young.pem}', '{key: young.pem, next_key: old.pem}', '{key: young.pem}'];
    let known = await keysOf(stage);
    const kids: unknown[] = [kidOf(await told())];
    for (const step of steps) {
      assert.ok(await stage.reload({ gateway: naming(step) }));
      const assertion = await told();
      kids.push(kidOf(assertion));
      // By the keys from before the change and by those from after it: verifiers have either.
      for (const keys of [known, await keysOf(stage)]) await jwtVerify(assertion, createLocalJWKSet(keys));
      known = await keysOf(stage);
    }
    assert.equal(kids[1], kids[0], 'the next key signs nothing');
    assert.notEqual(kids[2], kids[1], 'the new key signs at once, for who is signed in as well');
    assert.equal(kids[3], kids[2]);
    assert.deepEqual(
      known.keys.map(({ x }) => x),
      [young.export({ format: 'jwk' }).x],
    );
  });

  it('to something that is no key changes nothing', async () => {
    const before = await keysOf(stage);
    assert.equal(await stage.reload({ gateway: naming('{key: broken.pem}') }), false);
    assert.deepEqual(await keysOf(stage), before);
  });

  it('to none at all is one to the key that the ledger keeps', async () => {
    const before = await keysOf(stage);
    assert.ok(await stage.reload({ gateway: (text) => text }));
    const { keys } = await keysOf(stage);
    assert.equal(keys.length, 1);
    assert.notDeepEqual(keys, before.keys);
    assert.equal(kidOf(await assertionOf(stage)), keys[0]?.kid);
  });
});
