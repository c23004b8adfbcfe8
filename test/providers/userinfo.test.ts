import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Verified } from '../../src/ports.ts';
import type { FakeOp, FakeOpScript, Json } from '../support/fake-op.ts';
import { hmacToken, unsignedToken } from '../support/fake-op-keys.ts';
import { askFor, type Bench, outcome, startBench, trip } from './fixtures.ts';

type Userinfo = NonNullable<FakeOpScript['userinfo']>;

/** A provider whose ID token says only who it is, and whose userinfo endpoint says the rest. */
async function startSparse(t: Parameters<typeof startBench>[0], userinfo: Userinfo, more: Partial<FakeOpScript> = {}) {
  const sparse = ({ name: _n, email: _e, email_verified: _v, groups: _g, ...claims }: Json) => claims;
  const script = { userinfo, claims: sparse, ...more };
  return startBench(t, { op: { script }, config: { userinfo: true } });
}

async function verified(bench: Bench): Promise<Verified> {
  const verdict = await trip(bench);
  if (!verdict.ok) assert.fail(`${verdict.failure}: ${verdict.detail}`);
  return verdict;
}

const signed =
  (op: () => FakeOp, change: (claims: Json) => Json = (claims) => claims, foreign = false): Userinfo =>
  (person) => {
    const { issuer, clientId } = op();
    const keys = op().keys();
    return keys.sign({ alg: 'RS256', kid: keys.kid }, change({ ...person, iss: issuer, aud: clientId }), foreign);
  };

describe('userinfo', () => {
  test('completes name, address, groups and hint', async (t) => {
    const bench = await startSparse(t, (person) => ({ ...person, preferred_username: 'alice.example' }));
    const { identity } = await verified(bench);
    assert.equal(identity.name, 'Alice Example');
    assert.equal(identity.email, 'alice@example.com');
    assert.deepEqual(identity.groups, ['hr', 'staff']);
    assert.equal(identity.loginHint, 'alice.example');
    assert.deepEqual(
      bench.logged,
      [['provider_discovered', bench.op.issuer]],
      'what came together is not complained of',
    );
  });

  test('does not replace what the ID token says', async (t) => {
    const bench = await startSparse(t, () => ({ sub: 'alice', name: 'Mallory', groups: ['admin'] }), {
      claims: (claims) => claims,
    });
    const { identity } = await verified(bench);
    assert.equal(identity.name, 'Alice Example');
    assert.deepEqual(identity.groups, ['hr', 'staff']);
  });

  test('says nothing of levels, times, methods or sessions', async (t) => {
    const evidence = {
      acr: 'urn:phrh',
      amr: ['hwk'],
      auth_time: 1,
      sid: 'other',
      acrs: ['c1'],
      iss: 'https://evil.example',
    };
    const bench = await startSparse(t, (person) => ({ ...person, ...evidence }), { acr: 'urn:mfa' });
    const { identity, proof } = await verified(bench);
    assert.equal(proof.acr, 'urn:mfa');
    assert.equal(proof.amr, null);
    assert.deepEqual(proof.facts, []);
    assert.ok(Math.abs(proof.at - Date.now() / 1000) < 60);
    assert.equal(identity.providerSession, 'op-session-1');
    assert.equal(identity.issuer, bench.op.issuer);
  });

  test('is believed about an address by its own word alone', async (t) => {
    const address = { email: 'alice@evil.example' };
    const userinfo = await startSparse(t, () => ({ sub: 'alice', ...address }), {
      claims: ({ email: _, ...claims }) => ({ ...claims, email_verified: true }),
    });
    assert.equal((await verified(userinfo)).identity.email, null);
    const token = await startSparse(t, () => ({ sub: 'alice', email_verified: true }), {
      claims: ({ email_verified: _, ...claims }) => ({ ...claims, ...address }),
    });
    assert.equal((await verified(token)).identity.email, null);
  });

  test('with groups of another shape gives none, and the operator hears of it', async (t) => {
    const bench = await startSparse(t, () => ({ sub: 'alice', groups: { hr: true } }));
    assert.deepEqual((await verified(bench)).identity.groups, []);
    assert.equal(bench.logged.at(-1)?.[0], 'bad_groups');
  });

  test('may be signed with our algorithm and their key', async (t) => {
    const bench: Bench = await startSparse(t, (person) => signed(() => bench.op)(person));
    assert.equal((await verified(bench)).identity.name, 'Alice Example');
  });

  const forged: readonly (readonly [string, (op: () => FakeOp) => Userinfo])[] = [
    ['about somebody else', () => () => ({ sub: 'bob', groups: ['admin'] })],
    ['about nobody', () => () => ({ groups: ['admin'] })],
    ['about an empty subject', () => () => ({ sub: '', groups: ['admin'] })],
    ['signed with a foreign key', (op) => signed(op, undefined, true)],
    ['signed for another client', (op) => signed(op, (claims) => ({ ...claims, aud: 'other' }))],
    ['signed by another issuer', (op) => signed(op, (claims) => ({ ...claims, iss: 'https://evil.example' }))],
    ['signed and about somebody else', (op) => signed(op, (claims) => ({ ...claims, sub: 'bob' }))],
    ['signed and expired', (op) => signed(op, (claims) => ({ ...claims, exp: 1 }))],
    ['signed with no algorithm', () => async (person) => unsignedToken({}, person)],
    ['signed with the client secret', (op) => (person) => hmacToken({}, person, Buffer.from(op().clientSecret))],
    ['that is no token', () => async () => 'hello'],
    ['that is a list', () => () => [] as unknown as Json],
  ];
  for (const [title, userinfo] of forged) {
    test(`${title} ends the sign-in`, async (t) => {
      const bench: Bench = await startSparse(t, (person) => userinfo(() => bench.op)(person));
      const verdict = await trip(bench);
      assert.equal(outcome(verdict), 'invalid_response', JSON.stringify(verdict));
      assert.match(verdict.ok ? '' : verdict.detail, /^userinfo: [\w ]+$/);
    });
  }

  for (const userinfoAnswer of [
    'cut',
    'hang',
    { status: 500 },
    { status: 404 },
    { status: 401 },
    { status: 302 },
  ] as const) {
    test(`answered with ${JSON.stringify(userinfoAnswer)} is a provider that is away: nobody signs in without their groups`, async (t) => {
      const script = { userinfo: (person: Json) => person, userinfoAnswer };
      const bench = await startBench(t, { op: { script }, config: { userinfo: true, timeout: 0.5 } });
      const verdict = await trip(bench);
      assert.equal(outcome(verdict), 'provider_unavailable', JSON.stringify(verdict));
    });
  }

  test('is asked of nobody whose ID token is not good', async (t) => {
    const bench = await startSparse(t, (person) => person, { claims: (claims) => ({ ...claims, azp: 'other' }) });
    assert.equal(outcome(await trip(bench)), 'invalid_response');
    assert.equal(bench.op.counts.userinfo, 0);
  });

  test('is not asked where it is not configured, though it is offered', async (t) => {
    const bench = await startBench(t, { op: { script: { userinfo: (person) => person } } });
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.equal(bench.op.counts.userinfo, 0);
  });

  test('that is configured and not offered makes the provider useless, and the log says why', async (t) => {
    const { provider, logged } = await startBench(t, { config: { userinfo: true } });
    const begun = await provider.begin(askFor());
    assert.ok(!begun.ok && begun.failure === 'provider_unavailable');
    assert.deepEqual(logged, [['provider_discovery_failed', 'userinfo_endpoint is missing or not https']]);
  });
});
