import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metadataProblem } from '../../src/providers/metadata.ts';
import type { FakeOpScript } from '../support/fake-op.ts';
import { askFor, outcome, startBench, trip } from './fixtures.ts';

const person = { subject: 'alice', loginHint: 'alice@example.com' };

describe('a pushed request', () => {
  test('leaves client_id and request_uri for the browser, and nothing else', async (t) => {
    const bench = await startBench(t, { op: { script: { pushing: 'offered' } } });
    assert.equal(outcome(await trip(bench, { person })), 'verified');
    assert.deepEqual([...(bench.op.visited[0]?.keys() ?? [])].sort(), ['client_id', 'request_uri']);
    const [asked] = bench.op.asked;
    assert.equal(asked?.get('login_hint'), 'alice@example.com');
    assert.equal(asked?.get('response_type'), 'code');
    assert.equal(asked?.get('client_secret'), null);
    assert.deepEqual(bench.logged, [['provider_discovered', bench.op.issuer]]);
  });

  test('is new for every trip, made when the person goes and never before', async (t) => {
    const bench = await startBench(t, { op: { script: { pushing: 'offered' } } });
    await bench.provider.begin(askFor());
    assert.equal(bench.op.counts.par, 1);
    await trip(bench);
    await trip(bench);
    const references = bench.op.visited.map((sent) => sent.get('request_uri'));
    assert.equal(new Set(references).size, 2);
  });

  const when: readonly (readonly ['auto' | 'require' | 'off', FakeOpScript['pushing'], number])[] = [
    ['auto', 'no', 0],
    ['auto', 'offered', 1],
    ['auto', 'required', 1],
    ['off', 'no', 0],
    ['off', 'offered', 0],
    ['off', 'required', 1],
    ['require', 'offered', 1],
    ['require', 'required', 1],
  ];
  for (const [par, pushing, pushed] of when) {
    test(`is ${pushed === 1 ? 'made' : 'not made'} with par: ${par} where pushing is: ${pushing}`, async (t) => {
      const bench = await startBench(t, { op: { script: { pushing } }, config: { par } });
      assert.equal(outcome(await trip(bench)), 'verified');
      assert.equal(bench.op.counts.par, pushed);
    });
  }

  test('that is required is a provider that is away where it is not offered', async (t) => {
    const { provider, logged } = await startBench(t, { config: { par: 'require' } });
    const begun = await provider.begin(askFor());
    assert.ok(!begun.ok && begun.failure === 'provider_unavailable');
    assert.deepEqual(logged, [
      ['provider_discovery_failed', 'pushed_authorization_request_endpoint is missing or not https'],
    ]);
  });

  test('goes over TLS, or nobody goes anywhere', () => {
    const metadata = {
      issuer: 'https://id.example.com',
      authorization_endpoint: 'https://id.example.com/a',
      token_endpoint: 'https://id.example.com/t',
      jwks_uri: 'https://id.example.com/j',
      pushed_authorization_request_endpoint: 'http://id.example.com/p',
    };
    const problem = (par: 'auto' | 'require' | 'off') =>
      metadataProblem(metadata, metadata.issuer, { par, userinfo: false });
    assert.match(problem('auto') ?? '', /^pushed_authorization_request_endpoint/);
    assert.match(problem('require') ?? '', /^pushed_authorization_request_endpoint/);
    assert.equal(problem('off'), null);
  });

  const failures: readonly (readonly [string, FakeOpScript['par'], string])[] = [
    ['cut off', 'cut', 'provider_unavailable'],
    ['busy', { status: 503 }, 'provider_unavailable'],
    ['too many', { status: 429 }, 'provider_unavailable'],
    ['refused', { status: 400, body: { error: 'invalid_request' } }, 'provider_error'],
    ['of another client', { status: 401, body: { error: 'invalid_client' } }, 'provider_error'],
    ['not answered with 201', { status: 200, body: { request_uri: 'urn:x', expires_in: 60 } }, 'provider_error'],
    ['answered without a reference', { status: 201, body: { expires_in: 60 } }, 'provider_error'],
    ['answered with an empty reference', { status: 201, body: { request_uri: '', expires_in: 60 } }, 'provider_error'],
    ['answered with no JSON', { status: 201, body: 'urn:x' }, 'provider_error'],
    [
      'answered with a reference that fits into no URL',
      { status: 201, body: { request_uri: 'x'.repeat(5000), expires_in: 60 } },
      'provider_error',
    ],
  ];
  for (const [title, par, failure] of failures) {
    test(`that is ${title} is ${failure}, and the request is not sent through the browser instead`, async (t) => {
      const { provider } = await startBench(t, { op: { script: { pushing: 'offered', par } } });
      const begun = await provider.begin(askFor());
      assert.ok(!begun.ok);
      assert.equal(begun.failure, failure, begun.detail);
      assert.match(begun.detail, /^pushed request[\w :]+$/);
    });
  }

  test('that does not come to an end is given up', async (t) => {
    const { provider } = await startBench(t, {
      op: { script: { pushing: 'offered', par: 'hang' } },
      config: { timeout: 0.3 },
    });
    const begun = await provider.begin(askFor());
    assert.ok(!begun.ok && begun.failure === 'provider_unavailable');
  });
});
