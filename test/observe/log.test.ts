import assert from 'node:assert/strict';
import { it } from 'node:test';
import fastify from 'fastify';
import { frameworkLog } from '../../src/observe/framework-log.ts';
import { createLog, type Facts } from '../../src/observe/log.ts';
import { disturbs, HOSTILE, leaked, SECRETS } from './secrets.ts';

const CLOCK = { now: () => 1_790_000_000 };

function written(event: string, facts?: Facts): string {
  const lines: string[] = [];
  createLog((line) => lines.push(line), CLOCK).error(event, facts);
  return lines.join('\n');
}

/** The error that `act` ends in. */
function errorOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

it('writes one JSON line: time, level, the event, then its facts', () => {
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line), CLOCK);
  log.info('provider_discovered', { provider: 'corp', count: 3, ok: true, none: null, absent: undefined });
  log.warn('slow');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        time: '2026-09-21T14:13:20.000Z',
        level: 'info',
        msg: 'provider_discovered',
        provider: 'corp',
        count: 3,
        ok: true,
        none: null,
      },
      { time: '2026-09-21T14:13:20.000Z', level: 'warn', msg: 'slow' },
    ],
  );
});

it('keeps error codes, file names and hashes of configurations readable', () => {
  const facts = {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    failure: 'unmet_authentication_requirements',
    file: '/etc/stepgate/policies.yaml',
    world: 'a'.repeat(32) + '0'.repeat(32),
  };
  const { code, failure, file, world } = JSON.parse(written('x', facts));
  assert.deepEqual({ code, failure, file, world }, facts);
});

it('says of an error what it is, where it came from and its causes', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const { error } = JSON.parse(written('upstream_refused', { error: new TypeError('fetch failed', { cause }) }));
  assert.equal(error.type, 'TypeError');
  assert.match(error.at[0], /log\.test\.ts:\d+:\d+/);
  assert.equal(error.cause.code, 'ECONNREFUSED');
  const circular = new Error('a');
  circular.cause = circular;
  assert.ok(written('x', { error: circular }).length < 10_000);
});

it('never shows what an error says, because libraries quote what they choked on', () => {
  const errors = [
    errorOf(() => JSON.parse('hunter2')),
    errorOf(() => Buffer.from(SECRETS as unknown as string)),
    errorOf(() => new URL(`?code=${SECRETS.code}`)),
    new Error(`x\n    at hunter2 (file:///${SECRETS.code}:1:1)`),
    Object.assign(new Error('x'), { name: SECRETS.bearer, code: SECRETS.code, body: SECRETS.cookie }),
    Object.assign(new Error('x'), { stack: `Error: y\n    at hunter2 (${SECRETS.code}:1:1)` }),
    new Error('x', { cause: new Error(SECRETS.key, { cause: SECRETS.cookie }) }),
    new AggregateError([new Error(SECRETS.key)], SECRETS.bearer),
  ];
  for (const error of errors) assert.deepEqual(leaked(written('failed', { error })), [], error.name);
});

it('never shows a secret, under whatever name it is logged by mistake', () => {
  for (const secret of Object.values(SECRETS)) {
    for (const name of ['detail', 'reason', 'value', 'path', 'cookie', 'id_token', 'Authorization', 'state', 'a']) {
      assert.deepEqual(leaked(written('x', { [name]: secret })), [], name);
      assert.deepEqual(leaked(written('x', { [name]: { nested: [secret] } })), [], name);
      assert.deepEqual(leaked(written('x', { [name]: Buffer.from(secret) })), [], name);
    }
  }
  for (const name of ['cookie', 'client_secret', 'password', 'query', 'body', 'headers', 'url', 'code_verifier']) {
    assert.deepEqual(leaked(written('x', { [name]: 'hunter2' })), [], name);
  }
  assert.deepEqual(leaked(written('x', { at: 'GET /callback?code=hunter2' })), []);
});

it('stays one harmless line whatever the facts are', () => {
  const line = written('x', {
    detail: HOSTILE,
    [HOSTILE]: HOSTILE,
    big: 'x y '.repeat(10_000),
    n: Number.NaN,
    f: () => 1,
  });
  assert.equal(disturbs(line), false);
  assert.ok(line.length < 2000);
  assert.equal(JSON.parse(line).n, null);
});

it('passes on that Fastify met an error, and nothing of the request', async (t) => {
  const lines: string[] = [];
  const app = fastify({ loggerInstance: frameworkLog(createLog((line) => lines.push(line), CLOCK)) });
  t.after(() => app.close());
  app.get('/broken', async () => {
    throw new Error(`choked on ${SECRETS.code}`);
  });
  app.get('/twice', async (_, reply) => {
    reply.send('one');
    return 'two';
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const path of ['/broken', '/twice', '/nowhere', '/%E9']) {
    await fetch(`${origin}${path}?code=${SECRETS.code}`, { headers: { cookie: SECRETS.cookie } });
  }
  assert.equal((await fetch(`${origin}/broken?password=hunter2`)).status, 500);
  const text = lines.join('\n');
  assert.ok(lines.length >= 2, text);
  assert.deepEqual(leaked(text), []);
  assert.equal(text.includes('?'), false);
  for (const line of lines) assert.equal(JSON.parse(line).msg, 'framework');
});
