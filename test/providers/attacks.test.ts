import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Proof } from '../../src/core/session.ts';
import { hmacToken } from '../support/fake-op-keys.ts';
import { beginTrip, demandOf, outcome, startBench, systemClock, trip, unmetBy } from './fixtures.ts';

/** As `decide()` finds it, of a demand for mfa in the last five minutes. */
const lacking = (proof: Proof) => unmetBy(proof, demandOf('mfa', 300));

describe('an answer that is good', () => {
  test('is the person and the proof of how they signed in', async (t) => {
    const verdict = await trip(await startBench(t));
    assert.ok(verdict.ok);
    assert.equal(verdict.identity.subject, 'alice');
    assert.equal(verdict.identity.email, 'alice@example.com');
    assert.deepEqual(verdict.identity.groups, ['hr', 'staff']);
    assert.equal(verdict.identity.providerSession, 'op-session-1');
    assert.equal(verdict.proof.acr, 'urn:mfa');
    assert.equal(lacking(verdict.proof), null);
  });

  test('may be signed with ES256 where that is configured', async (t) => {
    const bench = await startBench(t, { op: { algorithm: 'ES256' }, config: { idTokenAlgorithm: 'ES256' } });
    assert.equal(outcome(await trip(bench)), 'verified');
  });

  test('leaves nothing of a token in what is logged', async (t) => {
    const bench = await startBench(t);
    await trip(bench);
    assert.deepEqual(bench.logged, [['provider_discovered', bench.op.issuer]]);
  });
});

describe('an answer with other evidence than was asked for', () => {
  test('T001: without acr is worth what an unmarked one is', async (t) => {
    const bench = await startBench(t, { op: { script: { acr: null } } });
    const verdict = await trip(bench);
    assert.ok(verdict.ok);
    assert.equal(lacking(verdict.proof), 'insufficient_level');
  });

  test('T007: with an unknown acr is told to the operator, and worth what an unmarked one is', async (t) => {
    const bench = await startBench(t, { op: { script: { acr: 'gold\n' } } });
    const verdict = await trip(bench);
    assert.ok(verdict.ok);
    assert.equal(lacking(verdict.proof), 'insufficient_level');
    assert.deepEqual(bench.logged.at(-1), ['unmapped_acr', 'gold%0A']);
  });

  test('T008: with an amr of another type is refused', async (t) => {
    const bench = await startBench(t);
    for (const amr of ['mfa', ['mfa', 1]]) {
      bench.op.script.claims = (claims) => ({ ...claims, amr });
      assert.equal(outcome(await trip(bench)), 'invalid_response');
    }
  });

  test('T009: with an auth_time in a year is refused', async (t) => {
    const bench = await startBench(t);
    bench.op.script.authTime = systemClock.now() + 365 * 86_400;
    assert.equal(outcome(await trip(bench)), 'invalid_response');
  });

  test('T010: without auth_time counts for the validity, and never for a max_age', async (t) => {
    const verdict = await trip(await startBench(t, { op: { script: { authTime: 'absent' } } }));
    assert.ok(verdict.ok);
    assert.equal(unmetBy(verdict.proof, demandOf('mfa')), null);
    assert.equal(unmetBy(verdict.proof, demandOf('mfa', 300)), 'stale_authentication');
  });

  test('T011: a provider that ignores a forced authentication gives a proof as old as it was', async (t) => {
    const bench = await startBench(t);
    bench.op.script.authTime = systemClock.now() - 2000;
    const verdict = await trip(bench, { force: true, demand: demandOf('mfa', 300) });
    assert.equal(bench.op.asked[0]?.get('max_age'), '0');
    assert.equal(bench.op.asked[0]?.get('prompt'), 'login');
    assert.ok(verdict.ok);
    assert.equal(lacking(verdict.proof), 'stale_authentication');
  });
});

describe('an ID token that is not the one expected', () => {
  const refused: readonly [string, (script: Awaited<ReturnType<typeof startBench>>['op']['script']) => void][] = [
    ['T014: signed with a foreign key under a known kid', (script) => (script.sign = 'foreign')],
    ['T015: with alg none', (script) => (script.sign = 'none')],
    [
      'T015: with alg none under a known kid and a signature',
      (script) => {
        script.sign = async (header, claims, keys) => {
          const signature = (await keys.sign(header, claims)).split('.')[2];
          const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
          return `${none}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
        };
      },
    ],
    [
      'T016: with HS256 under the client secret',
      (script) => {
        script.sign = (header, claims) => hmacToken(header, claims, Buffer.from('fake-op-secret'));
      },
    ],
    [
      'T016: with HS256 under the public key',
      (script) => {
        script.sign = (header, claims, keys) => hmacToken(header, claims, Buffer.from(JSON.stringify(keys.publicJwk)));
      },
    ],
    ['T017: for another client', (script) => (script.claims = (claims) => ({ ...claims, aud: 'other' }))],
    [
      'T017: for another client beside us',
      (script) => {
        script.claims = (claims) => ({ ...claims, aud: ['stepgate', 'other'] });
      },
    ],
    [
      'T017: for another client beside us, issued to us',
      (script) => {
        script.claims = (claims) => ({ ...claims, aud: ['stepgate', 'other'], azp: 'stepgate' });
      },
    ],
    ['T019: issued to another client', (script) => (script.claims = (claims) => ({ ...claims, azp: 'other' }))],
    [
      'T021: with the nonce of another flow',
      (script) => {
        script.claims = (claims) => ({ ...claims, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' });
      },
    ],
    ['T022: without a nonce', (script) => (script.claims = ({ nonce: _, ...claims }) => claims)],
    ['of another issuer', (script) => (script.claims = (claims) => ({ ...claims, iss: 'https://evil.example' }))],
    ['that has expired', (script) => (script.claims = (claims) => ({ ...claims, exp: systemClock.now() - 61 }))],
    ['that never expires', (script) => (script.claims = ({ exp: _, ...claims }) => claims)],
    ['that is not valid yet', (script) => (script.claims = (claims) => ({ ...claims, nbf: systemClock.now() + 90 }))],
    ['without a subject', (script) => (script.claims = ({ sub: _, ...claims }) => claims)],
    ['with a critical extension', (script) => (script.header = (header) => ({ ...header, crit: ['x'], x: 1 }))],
    ['that is none', (script) => (script.sign = async () => 'not-a-token')],
    [
      'that is not there',
      (script) => {
        script.token = { status: 200, body: { access_token: 'a', token_type: 'Bearer' } };
      },
    ],
  ];

  for (const [title, change] of refused) {
    test(`${title} is refused`, async (t) => {
      const bench = await startBench(t);
      change(bench.op.script);
      const verdict = await trip(bench);
      assert.equal(outcome(verdict), 'invalid_response', JSON.stringify(verdict));
    });
  }

  test('T016: signed with another algorithm than the pinned one is refused, though the provider announces it', async (t) => {
    const bench = await startBench(t, { config: { idTokenAlgorithm: 'PS256' } });
    assert.equal(outcome(await trip(bench)), 'invalid_response');
  });

  test('an expiry just past counts within the tolerance for clocks', async (t) => {
    const bench = await startBench(t);
    bench.op.script.claims = (claims) => ({ ...claims, exp: systemClock.now() - 30 });
    assert.equal(outcome(await trip(bench)), 'verified');
  });
});

describe('a callback that is not the answer to this trip', () => {
  test('T025: an injected code fails at the provider for its PKCE', async (t) => {
    const { op, provider } = await startBench(t);
    const [victim, attacker] = [await beginTrip(provider), await beginTrip(provider)];
    const injected = await op.visit(victim.url);
    const stolen = await op.visit(attacker.url);
    injected.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    const verdict = await provider.finish(injected, victim.kept, victim.state);
    assert.equal(outcome(verdict), 'invalid_response');
    assert.match(verdict.ok ? '' : verdict.detail, /invalid_grant/);
  });

  test('a code is good once', async (t) => {
    const { op, provider } = await startBench(t);
    const begun = await beginTrip(provider);
    const callback = await op.visit(begun.url);
    assert.equal(outcome(await provider.finish(callback, begun.kept, begun.state)), 'verified');
    assert.equal(outcome(await provider.finish(callback, begun.kept, begun.state)), 'invalid_response');
  });

  test('a flow that keeps nothing is refused before its code is sent anywhere', async (t) => {
    const { op, provider } = await startBench(t);
    const begun = await beginTrip(provider);
    const callback = await op.visit(begun.url);
    for (const lost of [{ nonce: '' }, { verifier: '' }]) {
      assert.equal(
        outcome(await provider.finish(callback, { ...begun.kept, ...lost }, begun.state)),
        'invalid_response',
      );
    }
    assert.equal(op.counts.token, 0);
  });

  const altered: readonly [string, (parameters: URLSearchParams, issuer: string) => void][] = [
    ['T031: with the iss of another provider', (parameters) => parameters.set('iss', 'https://evil.example')],
    ['T031: with the iss in another spelling', (parameters, issuer) => parameters.set('iss', `${issuer}/`)],
    ['T032: without the iss that discovery announces', (parameters) => parameters.delete('iss')],
    ['T032: with an empty iss', (parameters) => parameters.set('iss', '')],
    ['T047: with the state twice', (parameters) => parameters.append('state', parameters.get('state') ?? '')],
    ['T047: with the code twice', (parameters) => parameters.append('code', parameters.get('code') ?? '')],
    ['T047: with any parameter twice', (parameters) => ['1', '2'].map((value) => parameters.append('x', value))],
    ['with the state of another flow', (parameters) => parameters.set('state', 'other')],
    ['without a state', (parameters) => parameters.delete('state')],
    ['without a code', (parameters) => parameters.delete('code')],
    ['with an empty code', (parameters) => parameters.set('code', '')],
    ['with a code and an error', (parameters) => parameters.set('error', 'access_denied')],
    ['with an ID token', (parameters) => parameters.set('id_token', 'a.b.c')],
    ['with an access token', (parameters) => parameters.set('access_token', 'a')],
    ['with a whole answer in one', (parameters) => parameters.set('response', 'a.b.c')],
  ];

  for (const [title, alter] of altered) {
    test(`${title} is refused, and no code is exchanged`, async (t) => {
      const { op, provider } = await startBench(t);
      const begun = await beginTrip(provider);
      const callback = await op.visit(begun.url);
      alter(callback.searchParams, op.issuer);
      assert.equal(outcome(await provider.finish(callback, begun.kept, begun.state)), 'invalid_response');
      assert.equal(op.counts.token, 0);
    });
  }

  test('an iss that comes is looked at even where discovery announces none', async (t) => {
    const bench = await startBench(t, { op: { script: { sendsIss: false } } });
    assert.equal(outcome(await trip(bench)), 'verified');
    bench.op.script.answer = (parameters) => new URLSearchParams([...parameters, ['iss', 'https://evil.example']]);
    assert.equal(outcome(await trip(bench)), 'invalid_response');
    bench.op.script.answer = (parameters) => new URLSearchParams([...parameters, ['iss', '']]);
    assert.equal(outcome(await trip(bench)), 'invalid_response');
  });
});
