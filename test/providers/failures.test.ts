import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beginTrip, outcome, startBench, trip } from './fixtures.ts';

describe('an error of the provider', () => {
  const rows = [
    ['access_denied', 'access_denied'],
    ['unmet_authentication_requirements', 'level_not_met'],
    ['login_required', 'provider_error'],
    ['interaction_required', 'provider_error'],
    ['consent_required', 'provider_error'],
    ['account_selection_required', 'provider_error'],
    ['invalid_request', 'provider_error'],
    ['server_error', 'provider_error'],
    ['temporarily_unavailable', 'provider_unavailable'],
    ['<img src=x onerror=alert(1)>', 'provider_error'],
  ] as const;

  for (const [error, failure] of rows) {
    test(`${error === 'unmet_authentication_requirements' ? 'T033: ' : ''}${error} is ${failure}`, async (t) => {
      const verdict = await trip(await startBench(t, { op: { script: { error } } }));
      assert.equal(outcome(verdict), failure);
      assert.doesNotMatch(verdict.ok ? '' : verdict.detail, /</);
    });
  }

  const forged = [
    ['with the state of another flow', (parameters: URLSearchParams) => parameters.set('state', 'other')],
    ['without a state', (parameters: URLSearchParams) => parameters.delete('state')],
    [
      'with the iss of another provider',
      (parameters: URLSearchParams) => parameters.set('iss', 'https://evil.example'),
    ],
    ['without the iss that is announced', (parameters: URLSearchParams) => parameters.delete('iss')],
  ] as const;

  for (const [title, alter] of forged) {
    test(`${title} is no answer to this trip`, async (t) => {
      const { op, provider } = await startBench(t, { op: { script: { error: 'access_denied' } } });
      const begun = await beginTrip(provider);
      const callback = await op.visit(begun.url);
      alter(callback.searchParams);
      assert.equal(outcome(await provider.finish(callback, begun.kept, begun.state)), 'invalid_response');
    });
  }
});

describe('the token endpoint', () => {
  test('that cannot be reached is a provider that is away', async (t) => {
    const bench = await startBench(t, { op: { script: { token: 'cut' } } });
    assert.equal(outcome(await trip(bench)), 'provider_unavailable');
  });

  test('that does not answer in time is a provider that is away', async (t) => {
    const bench = await startBench(t, { op: { script: { token: 'hang' } }, config: { timeout: 0.3 } });
    const verdict = await trip(bench);
    assert.equal(outcome(verdict), 'provider_unavailable');
    assert.match(verdict.ok ? '' : verdict.detail, /TimeoutError|ABORT|TIMEOUT/i);
  });

  for (const [status, failure] of [
    [500, 'provider_unavailable'],
    [503, 'provider_unavailable'],
    [429, 'provider_unavailable'],
    [404, 'invalid_response'],
    [302, 'invalid_response'],
  ] as const) {
    test(`that answers ${status} is ${failure}`, async (t) => {
      assert.equal(outcome(await trip(await startBench(t, { op: { script: { token: { status } } } }))), failure);
    });
  }

  test('that refuses our credentials is a provider with a problem', async (t) => {
    const verdict = await trip(await startBench(t, { config: { clientSecret: 'another' } }));
    assert.deepEqual(verdict, {
      ok: false,
      failure: 'provider_error',
      detail: 'token endpoint answered invalid_client',
    });
  });

  test('that answers more than 1 MiB is not read to the end', async (t) => {
    const body = { access_token: 'x'.repeat(1024 * 1024), token_type: 'Bearer' };
    const bench = await startBench(t, { op: { script: { token: { status: 200, body } } } });
    assert.equal(outcome(await trip(bench)), 'provider_unavailable');
  });

  test('gets id and secret form-encoded, and hyphens as they are, since not every provider decodes them', async (t) => {
    const clientSecret = 'a-b_c.d~e f+g:h%i/ü';
    const op = { clientId: 'step-gate', clientSecret };
    const bench = await startBench(t, { op, config: op });
    assert.equal(outcome(await trip(bench)), 'verified');
    const sent = Buffer.from(bench.op.credentials()?.slice('Basic '.length) ?? '', 'base64').toString();
    assert.equal(sent, 'step-gate:a-b_c.d%7Ee+f%2Bg%3Ah%25i%2F%C3%BC');
  });

  test('gets them in the body where that is configured', async (t) => {
    const bench = await startBench(t, { config: { clientAuth: 'client_secret_post' } });
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.equal(bench.op.credentials(), null);
  });
});
