import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { heldKeys } from '../../src/providers/transport.ts';
import { outcome, startBench, trip } from './fixtures.ts';

/** Moves `Date` for the library, the adapter and the fake alike. */
function movableDate(t: { after(run: () => void): void }): (seconds: number) => void {
  mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
  t.after(() => mock.timers.reset());
  return (seconds) => mock.timers.tick(seconds * 1000);
}

describe('T048: the keys of a provider', () => {
  test('that cannot be had make it away, and are asked for again a little later', async (t) => {
    const pass = movableDate(t);
    const bench = await startBench(t, { op: { script: { jwks: { status: 503 } } } });
    assert.equal(outcome(await trip(bench)), 'provider_unavailable');
    bench.op.script.jwks = 'ok';
    assert.equal(outcome(await trip(bench)), 'provider_unavailable', 'a failure is held for a moment');
    assert.equal(bench.op.counts.jwks, 1);
    pass(6);
    assert.equal(outcome(await trip(bench)), 'verified');
  });

  for (const jwks of ['cut', { status: 404 }, { status: 200, body: 'no json' }, { status: 200, body: {} }] as const) {
    test(`that come as ${JSON.stringify(jwks)} make it away`, async (t) => {
      assert.equal(outcome(await trip(await startBench(t, { op: { script: { jwks } } }))), 'provider_unavailable');
    });
  }

  test('that change are noticed after a minute, without a restart', async (t) => {
    const pass = movableDate(t);
    const bench = await startBench(t);
    assert.equal(outcome(await trip(bench)), 'verified');
    await bench.op.rotateKeys();
    pass(61);
    assert.equal(outcome(await trip(bench)), 'verified');
    assert.equal(bench.op.counts.jwks, 2);
  });

  test('are asked for at most once in 30 s, however many answers have an unknown key', async (t) => {
    const pass = movableDate(t);
    const bench = await startBench(t);
    await trip(bench);
    bench.op.script.header = (header) => ({ ...header, kid: 'unknown' });
    for (let half = 1; half <= 4; half += 1) {
      pass(30);
      const flood = await Promise.all(Array.from({ length: 25 }, () => trip(bench)));
      assert.ok(flood.every((verdict) => outcome(verdict) === 'invalid_response'));
      assert.ok(bench.op.counts.jwks <= 1 + half, `${bench.op.counts.jwks} requests after ${half * 30} s`);
    }
  });

  test('are asked for once, when many wait for them at the same time', async (t) => {
    const bench = await startBench(t);
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => trip(bench)));
    assert.ok(verdicts.every((verdict) => verdict.ok));
    assert.equal(bench.op.counts.jwks, 1);
  });

  test('are held by time and by address', async () => {
    let now = 100;
    const asked: string[] = [];
    const keys = heldKeys(
      async (url) => {
        asked.push(url);
        return Response.json({ keys: [] });
      },
      { now: () => now },
    );
    const request = { body: undefined, headers: {}, method: 'GET', redirect: 'manual' } as const;
    const get = async (url: string) => (await keys(url, request)).text();
    await get('https://a.example');
    now = 129;
    await get('https://a.example');
    assert.deepEqual(asked, ['https://a.example']);
    now = 130;
    await get('https://a.example');
    assert.equal(asked.length, 2);
    assert.equal(await get('https://b.example'), '{"keys":[]}');
    assert.equal(asked.length, 3);
  });
});
