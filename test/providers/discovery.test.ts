import assert from 'node:assert/strict';
import { describe, mock, type TestContext, test } from 'node:test';
import { backOff, REFRESH_EVERY, type Schedule } from '../../src/providers/discovery.ts';
import { isPlainLoopback, metadataProblem } from '../../src/providers/metadata.ts';
import { createOidcProvider } from '../../src/providers/oidc.ts';
import { type FakeOp, type FakeOpScript, startFakeOp } from '../support/fake-op.ts';
import { askFor, beginTrip, configOf, outcome, random, startBench, systemClock, trip } from './fixtures.ts';

/** A schedule that runs when told to, and knows what waits. */
function handSchedule() {
  const waiting: { run: () => void; seconds: number }[] = [];
  const schedule: Schedule = (run, seconds) => {
    const entry = { run, seconds };
    waiting.push(entry);
    return () => waiting.splice(waiting.indexOf(entry), 1);
  };
  return { schedule, waiting, runNext: () => waiting.shift()?.run() };
}

/** Lets what is under way on loopback settle, by asking for it and not by sleeping. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function startScheduled(t: TestContext, script: Partial<FakeOpScript>) {
  const hand = handSchedule();
  const bench = await startBench(t, { op: { script }, adapter: { schedule: hand.schedule } });
  return { ...bench, ...hand };
}

describe('discovery', () => {
  test('starts by itself, and the first trip waits for it', async (t) => {
    const bench = await startBench(t);
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.equal(bench.op.counts.discovery, 1);
  });

  test('that fails makes the provider away at once, is logged and tried again in the background', async (t) => {
    const { op, provider, logged, waiting, runNext } = await startScheduled(t, { discovery: { status: 503 } });
    assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
    assert.equal(logged[0]?.[0], 'provider_discovery_failed');
    assert.match(logged[0]?.[1] ?? '', /HTTP_503/);
    assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
    assert.equal(op.counts.discovery, 1, 'a trip does not ask again');

    op.script.discovery = 'ok';
    assert.equal(waiting.length, 1);
    runNext();
    await until(() => logged.length === 2);
    assert.equal((await provider.begin(askFor())).ok, true);
  });

  test('under way again keeps nobody waiting', async (t) => {
    const { op, provider, runNext } = await startScheduled(t, { discovery: 'cut' });
    await tryBegin(provider);
    op.script.discovery = 'hang';
    runNext();
    await until(() => op.counts.discovery === 2);
    assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
  });

  test('that hangs is given up after the timeout', async (t) => {
    const bench = await startBench(t, { op: { script: { discovery: 'hang' } }, config: { timeout: 0.2 } });
    assert.equal(outcome(await tryBegin(bench.provider)), 'provider_unavailable');
    assert.match(bench.logged[0]?.[1] ?? '', /TimeoutError|TIMEOUT/);
  });

  test('is repeated rarely, and what was known stays when that fails', async (t) => {
    const { op, provider, waiting, runNext, logged } = await startScheduled(t, {});
    await beginTrip(provider);
    assert.equal(waiting[0]?.seconds, REFRESH_EVERY);
    op.script.discovery = 'cut';
    runNext();
    await until(() => waiting.length === 1);
    assert.equal(logged.at(-1)?.[0], 'provider_discovery_failed');
    assert.equal(waiting[0]?.seconds, REFRESH_EVERY);
    assert.equal(outcome(await trip({ op, provider, logged })), 'verified');
  });

  test('that finds something else replaces what was known', async (t) => {
    const { op, provider, waiting, runNext } = await startScheduled(t, {});
    assert.match((await beginTrip(provider)).url, /claims=/);
    op.script.metadata = (metadata) => ({ ...metadata, claims_parameter_supported: false });
    runNext();
    await until(() => waiting.length === 1);
    assert.match((await beginTrip(provider)).url, /acr_values=/);
  });

  test('that finds another issuer later is a failure and not a new issuer', async (t) => {
    const { op, provider, waiting, runNext, logged } = await startScheduled(t, {});
    await beginTrip(provider);
    op.script.metadata = (metadata) => ({ ...metadata, issuer: 'https://evil.example' });
    runNext();
    await until(() => waiting.length === 1);
    assert.equal(outcome(await trip({ op, provider, logged })), 'verified');
  });

  test('ends with the provider', async (t) => {
    const { provider, waiting } = await startScheduled(t, { discovery: 'cut' });
    await tryBegin(provider);
    provider.close();
    assert.equal(waiting.length, 0);
    assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
  });

  test('under way when the provider is closed schedules nothing', async (t) => {
    const { op, provider, waiting, logged } = await startScheduled(t, { discovery: 'hang' });
    const begun = tryBegin(provider);
    await until(() => op.counts.discovery === 1);
    provider.close();
    assert.equal(outcome(await begun), 'provider_unavailable');
    assert.equal(waiting.length, 0);
    assert.deepEqual(logged, []);
  });
});

describe('the metadata of a provider', () => {
  const good = (issuer: string) => ({
    issuer,
    authorization_endpoint: 'https://id.example.com/authorize',
    token_endpoint: 'https://id.example.com/token',
    jwks_uri: 'https://id.example.com/jwks',
  });

  test('has the issuer that is configured, character for character', () => {
    const issuer = 'https://id.example.com';
    assert.equal(metadataProblem(good(issuer), issuer), null);
    for (const other of [`${issuer}/`, 'https://ID.example.com', `${issuer}:443`, 'https://evil.example']) {
      assert.equal(metadataProblem(good(other), issuer), 'issuer is not the configured one', other);
    }
  });

  test('has endpoints on https, each of them', () => {
    const issuer = 'https://id.example.com';
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
      for (const url of ['http://id.example.com/x', 'http://127.0.0.1/x', 'javascript:alert(1)', '', undefined]) {
        assert.equal(metadataProblem({ ...good(issuer), [name]: url }, issuer), `${name} is missing or not https`);
      }
    }
  });

  test('of a provider on this machine has them on http on this machine, or on https', () => {
    const issuer = 'http://localhost:9000';
    assert.equal(metadataProblem(good(issuer), issuer), null);
    assert.equal(metadataProblem({ ...good(issuer), token_endpoint: 'http://127.0.0.1:9000/t' }, issuer), null);
    const leaky = { ...good(issuer), token_endpoint: 'http://id.example.com/t' };
    assert.equal(metadataProblem(leaky, issuer), 'token_endpoint is missing or not https');
  });

  test('is fetched over plain http only from this machine', () => {
    for (const here of ['http://localhost', 'http://127.0.0.1:8080/op', 'http://127.8.9.1', 'http://[::1]:80']) {
      assert.ok(isPlainLoopback(here), here);
    }
    for (const elsewhere of [
      'http://localhost.example',
      'http://127.0.0.1.example',
      'http://10.0.0.1',
      'https://[::1]',
      'x',
    ]) {
      assert.ok(!isPlainLoopback(elsewhere), elsewhere);
    }
  });

  test('with another issuer, as of the two hosts that the library lets through, is refused', async (t) => {
    for (const issuer of ['https://login.microsoftonline.com/common/v2.0', 'https://corp.b2clogin.com/x/v2.0']) {
      const logged: string[] = [];
      const provider = createOidcProvider({
        config: configOf({ issuer }),
        clock: systemClock,
        random,
        log: (_event, detail) => logged.push(detail),
        schedule: handSchedule().schedule,
        fetch: async () => Response.json(good('https://login.microsoftonline.com/{tenantid}/v2.0')),
      });
      t.after(() => provider.close());
      assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
      assert.deepEqual(logged, ['issuer is not the configured one']);
    }
  });

  test('is never asked for over plain http elsewhere', async (t) => {
    const fetch = mock.fn(async () => Response.json(good('http://id.example.com')));
    const provider = createOidcProvider({
      config: configOf({ issuer: 'http://id.example.com' }),
      clock: systemClock,
      random,
      log: () => {},
      schedule: handSchedule().schedule,
      fetch,
    });
    t.after(() => provider.close());
    assert.equal(outcome(await tryBegin(provider)), 'provider_unavailable');
    assert.equal(fetch.mock.callCount(), 0);
  });
});

describe('the wait before discovery is tried again', () => {
  const highest = () => '_____w';
  const lowest = () => 'AAAAAA';

  test('doubles from 1 s to 60 s, and is spread over the upper half', () => {
    const waits = (spread: () => string) => [1, 2, 3, 4, 5, 6, 7, 50, 2000].map((n) => Math.round(backOff(n, spread)));
    assert.deepEqual(waits(lowest), [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    assert.deepEqual(waits(highest), [2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });
});

test('a provider that was never reached says so to whoever comes back to it', async (t) => {
  const op: FakeOp = await startFakeOp();
  const known = createProviderFor(op.issuer);
  const begun = await beginTrip(known);
  const callback = await op.visit(begun.url);
  known.close();
  await op.stop();
  const later = createProviderFor(op.issuer);
  t.after(() => later.close());
  assert.equal(outcome(await later.finish(callback, begun.kept, begun.state)), 'provider_unavailable');
});

const createProviderFor = (issuer: string) =>
  createOidcProvider({ config: configOf({ issuer }), clock: systemClock, random, log: () => {} });

async function tryBegin(provider: ReturnType<typeof createOidcProvider>) {
  const begun = await provider.begin(askFor());
  if (begun.ok) throw new Error('the trip began');
  return begun;
}
