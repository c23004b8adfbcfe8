import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newScope, type Scope, startRaw, startScripted } from '../proxy/harness.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

describe('a request is forwarded once, whatever the upstream answers', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage({ gateway: (text) => text.replace('headers: 2s', 'headers: 1s') });
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  for (const status of [503, 500, 502, 504, 429, 408, 425]) {
    it(`T171 an upstream that answers ${status} is asked once, and its answer is the answer`, async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
        const count = stage.upstream.received.length;
        stage.upstream.answer.status = status;
        stage.upstream.answer.headers = { 'Retry-After': '0' };
        const reply = await alice.open('/home', { method });
        stage.upstream.answer.status = 200;
        stage.upstream.answer.headers = {};
        assert.equal(reply.status, status);
        assert.equal(stage.upstream.received.length - count, 1, method);
      }
    });
  }

  it('T172 an upstream that hangs is 504 in its time, asked once, and the session goes on', async () => {
    const count = stage.upstream.received.length;
    stage.upstream.answer.hang = true;
    const [page, program] = await Promise.all([alice.open('/home'), alice.fetch('/home')]);
    stage.upstream.answer.hang = false;
    assert.equal(page.status, 504);
    assert.match(page.text, /upstream_timeout/);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.equal(program.status, 504);
    assert.equal(program.json().type, 'urn:stepgate:upstream_timeout');
    assert.equal(stage.upstream.received.length - count, 2);
    assert.equal((await alice.open('/home')).status, 200);
  });
});

describe('an upstream that breaks', () => {
  let scope: Scope;
  before(() => {
    scope = newScope();
  });
  after(() => scope.end());

  /** A stage in front of this upstream, for one test. */
  async function before_(origin: string, test: (stage: Stage) => Promise<void>): Promise<void> {
    const stage = await startStage({
      gateway: (text) => text.replace(/upstream: .*/, `upstream: ${origin}`).replace('headers: 2s', 'headers: 1s'),
    });
    try {
      await test(stage);
    } finally {
      await stage.stop();
    }
  }

  it('T171 without an answer is 502 and is not asked again', async () => {
    let connections = 0;
    const upstream = await startRaw(scope, (socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    await before_(upstream.origin, async (stage) => {
      const reply = await stage.visitor().open('/static/a');
      assert.equal(reply.status, 502);
      assert.match(reply.text, /upstream_broke/);
      assert.equal(reply.headers['cache-control'], 'no-store');
      assert.equal(connections, 1);
    });
  });

  it('T171 and is not there is 502 upstream_refused', async () => {
    const gone = newScope();
    const upstream = await startRaw(gone, () => {});
    await gone.end();
    await before_(upstream.origin, async (stage) => {
      const reply = await stage.visitor().fetch('/static/a');
      assert.equal(reply.status, 502);
      assert.equal(reply.json().type, 'urn:stepgate:upstream_refused');
    });
  });

  it('T172 and sends a byte now and then, but never a whole head, is 504 as well', async () => {
    const upstream = await startRaw(scope, (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nX-Slow: '));
    });
    await before_(upstream.origin, async (stage) => {
      assert.equal((await stage.visitor().open('/static/a')).status, 504);
    });
  });

  const ANSWERS: readonly [string, string][] = [
    ['that is no HTTP', 'SSH-2.0-x\r\n'],
    [
      'with a length beside chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['with headers over 32 kB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['with a null byte in a header', 'HTTP/1.1 200 OK\r\nX-A: 1\x002\r\nContent-Length: 0\r\n\r\n'],
  ];
  for (const [what, answer] of ANSWERS) {
    it(`T171 with an answer ${what} is 502, asked once, and none of its headers comes through`, async () => {
      const seen: string[] = [];
      const upstream = await startScripted(scope, answer, seen);
      await before_(upstream.origin, async (stage) => {
        const reply = await stage.visitor().open('/static/a');
        assert.equal(reply.status, 502);
        assert.equal(reply.headers['x-a'], undefined);
        assert.equal(seen.length, 1);
      });
    });
  }

  it('T147 an answer with a second one behind it is one answer: the second is nobody’s', async () => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const upstream = await startScripted(scope, `${one}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    await before_(upstream.origin, async (stage) => {
      for (let round = 0; round < 3; round++) {
        const reply = await stage.visitor().open('/static/a');
        assert.doesNotMatch(reply.text, /evil/);
      }
    });
  });
});
