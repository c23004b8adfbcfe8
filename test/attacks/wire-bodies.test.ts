import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { dial, newScope, readAll, readUntil, type Scope, startRaw, startScripted, until } from '../proxy/harness.ts';
import { replyOf, requestBytes, sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';

describe('a body is taken after the decision, and handed on as it is', () => {
  let stage: Stage;
  let scope: Scope;
  let host = '';
  before(async () => {
    scope = newScope();
    stage = await startStage();
    host = new URL(stage.origin).host;
  });
  after(async () => {
    await scope.end();
    await stage.stop();
  });

  const head = (target: string, ...lines: string[]): string =>
    `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

  for (const [target, status] of [
    ['/admin', 401],
    ['/legacy/x', 403],
    ['/static/../x', 400],
    ['/.stepgate/x', 404],
  ] as const) {
    it(`T147 Expect: 100-continue on ${target} is answered with ${status} and never with 100`, async () => {
      const socket = await dial(scope, stage.port);
      socket.write(head(target, 'Content-Length: 1000000', 'Expect: 100-continue', 'Connection: close'));
      const text = await readUntil(socket, '\r\n\r\n');
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      socket.destroy();
    });

    it(`T147 ${target} is answered with ${status} before any of a body without end has come`, async () => {
      const socket = await dial(scope, stage.port);
      const count = stage.upstream.received.length;
      socket.write(head(target, 'Transfer-Encoding: chunked', 'Content-Type: application/x-www-form-urlencoded'));
      assert.equal(replyOf(await readUntil(socket, '\r\n\r\n')).status, status);
      assert.equal(stage.upstream.received.length, count);
      socket.destroy();
    });
  }

  it('T147 100 Continue comes after the allow, once, and the body then arrives whole', async () => {
    const socket = await dial(scope, stage.port);
    socket.write(head('/open', 'Content-Length: 5', 'Expect: 100-continue', 'Connection: close'));
    assert.equal(await readUntil(socket, '\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('hello');
    const text = await readUntil(socket, '"body":"hello"');
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal(stage.upstream.received.at(-1)?.headers.expect, undefined);
    socket.destroy();
  });

  it('T147 any other expectation is 417, and nothing is forwarded', async () => {
    const count = stage.upstream.received.length;
    const bytes = requestBytes('/open', { method: 'POST', host, lines: ['Expect: the unexpected'] });
    assert.equal((await sendBytes(stage.port, bytes)).reply.status, 417);
    assert.equal(stage.upstream.received.length, count);
  });

  const BODIES: readonly [string, readonly string[], string][] = [
    ['text/plain', ['Content-Type: text/plain'], 'plain ä text\r\n\0'],
    ['JSON that is none', ['Content-Type: application/json'], '{"a":'],
    ['JSON that would poison a prototype', ['Content-Type: application/json'], '{"__proto__":{"x":1}}'],
    ['a form', ['Content-Type: application/x-www-form-urlencoded'], 'a=1&a=2&%zz=+'],
    ['a multipart body without its boundary', ['Content-Type: multipart/form-data'], '--x\r\n\r\n1\r\n--x--'],
    ['a type that is none', ['Content-Type: ;;;'], 'x'],
    ['a type with a broken parameter', ['Content-Type: text/plain; charset="'], 'x'],
    ['a type with a tab in it', ['Content-Type: application/json\t; x'], '{}'],
    ['an empty type', ['Content-Type:'], 'x'],
    ['no type', [], 'x'],
    ['two types', ['Content-Type: text/plain', 'Content-Type: application/json'], 'x'],
    ['an unknown coding', ['Content-Type: text/plain', 'Content-Encoding: x'], 'x'],
  ];
  for (const [what, lines, body] of BODIES) {
    it(`T147 a body of ${what} arrives byte for byte, with its headers`, async () => {
      const length = `Content-Length: ${Buffer.byteLength(body, 'utf8')}`;
      const wire = Buffer.from(body, 'utf8').toString('latin1');
      const bytes = requestBytes('/open', { method: 'POST', host, lines: [...lines, length], body: wire });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, 200);
      const seen = stage.upstream.received.at(-1);
      assert.equal(seen?.body, body);
      const sent = lines.map((line) => line.slice(line.indexOf(':') + 1).trim());
      const kept = (seen?.rawHeaders ?? []).filter(
        (_, i, all) => i % 2 === 1 && /^content-[te]/.test(all[i - 1] ?? ''),
      );
      assert.deepEqual(kept, sent);
    });
  }

  it('T147 a body of 3 MB of text passes, and so do bodies of every method', async () => {
    const large = 'x'.repeat(3_000_000);
    const reply = await stage
      .visitor()
      .send('/open', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: large });
    assert.equal(reply.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.body.length, large.length);
    const bytes = requestBytes('/static/a', { host, lines: ['Content-Length: 2'], body: 'hi' });
    await sendBytes(stage.port, bytes);
    assert.equal(stage.upstream.received.at(-1)?.body, 'hi');
  });

  it('T147 our own forms take no large body, no other type and no second one', async () => {
    const form = { origin: stage.origin, 'content-type': 'application/x-www-form-urlencoded' };
    const post = (headers: Record<string, string>, body: string) =>
      stage.visitor().open('/.stepgate/sign-out', { method: 'POST', headers, body });
    assert.equal((await post(form, `token=${'x'.repeat(5_000)}`)).status, 413);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', ';;;']) {
      assert.equal((await post({ ...form, 'content-type': type }, 'x')).status, 400, type);
    }
  });
});

describe('a body that does not come', () => {
  it('T159 is not waited for: every connection with an unfinished one has an end, ours after ten seconds', async () => {
    const scope = newScope();
    const stage = await startStage();
    const server = stage.gateway.fastify.server;
    const host = new URL(stage.origin).host;
    try {
      for (const [target, seconds] of [
        ['/.stepgate/sign-out', 10],
        ['/open', 5],
        ['/admin', 76],
      ] as const) {
        const arrived = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
        const client = await dial(scope, stage.port);
        const type = 'Content-Type: application/x-www-form-urlencoded';
        client.write(`POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${type}\r\nContent-Length: 9\r\n\r\na=`);
        const [request, response] = await arrived;
        if (target === '/admin') await once(response, 'close');
        else await until(() => (request.socket.timeout ?? 0) > 0);
        assert.ok((request.socket.timeout ?? 0) > 0, target);
        assert.ok((request.socket.timeout ?? 0) <= seconds * 1000, `${target} ${request.socket.timeout}`);
      }
    } finally {
      await scope.end();
      await stage.stop();
    }
  });
});

describe('a body that breaks while the answer is under way', () => {
  it('T147 cuts the answer off, and writes no second one into it', async () => {
    const scope = newScope();
    const upstream = await startScripted(scope, 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello');
    const stage = await startStage({ gateway: (text) => text.replace(/upstream: .*/, `upstream: ${upstream.origin}`) });
    try {
      const client = await dial(scope, stage.port);
      const { host } = new URL(stage.origin);
      client.write(`POST /open HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
      const begun = await readUntil(client, 'hello');
      client.write('broken\r\n');
      const rest = await readAll(client);
      assert.match(begun, /^HTTP\/1\.1 200 /);
      assert.doesNotMatch(begun + rest, /400/);
    } finally {
      await scope.end();
      await stage.stop();
    }
  });
});

describe('what follows a body is dropped', () => {
  it('T139 request trailers never become headers: nothing of them reaches the upstream', async () => {
    const scope = newScope();
    let seen = '';
    const upstream = await startRaw(scope, (socket) => {
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (seen.endsWith('0\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const stage = await startStage({ gateway: (text) => text.replace(/upstream: .*/, `upstream: ${upstream.origin}`) });
    try {
      const lines = ['Transfer-Encoding: chunked', 'Trailer: X-Auth-Level, X-Kept', 'TE: trailers, deflate'];
      const body = '5\r\nhello\r\n0\r\nX-Auth-Level: hw\r\nX-Kept: hw\r\nHost: evil.example\r\n\r\n';
      const bytes = requestBytes('/open', { method: 'POST', host: new URL(stage.origin).host, lines, body });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, 200);
      assert.match(seen, /hello/);
      assert.doesNotMatch(seen, /hw|evil|trailer|deflate/i);
    } finally {
      await stage.stop();
      await scope.end();
    }
  });
});
