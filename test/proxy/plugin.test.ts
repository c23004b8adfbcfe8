import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { describe, it } from 'node:test';
import fastify from 'fastify';
import { registerProxy } from '../../src/proxy/plugin.ts';
import { ask, bodyOf, get, portOf, type Scope, scoped, startApp, startGateway } from './harness.ts';

/** An application that says what it got. */
const startMirror = (scope: Scope) =>
  startApp(scope, async (request, response) => {
    const body = await bodyOf(request);
    const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = request.headers;
    const told = { method: request.method, url: request.url, type, length, coding, size: body.length };
    response.end(JSON.stringify({ ...told, start: body.subarray(0, 40).toString('latin1') }));
  });

interface Told {
  readonly method: string;
  readonly url: string;
  readonly type?: string;
  readonly length?: string;
  readonly coding?: string;
  readonly size: number;
  readonly start: string;
}

async function told(scope: Scope, port: number, text: string): Promise<Told> {
  const answer = await ask(scope, port, text);
  assert.match(answer, /^HTTP\/1\.1 200 OK/);
  return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
}

const post = (type: string | null, body: string, method = 'POST'): string =>
  `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${type === null ? '' : `Content-Type: ${type}\r\n`}` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

describe('a body reaches the application as it was sent', () => {
  for (const [type, body] of [
    ['text/plain', 'x'.repeat(3 << 20)],
    ['application/json', '{"not": json'],
    ['application/json; charset=utf-8', '{}'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'],
    ['application/x-www-form-urlencoded', 'a=1&b=%00'],
    ['not a type', 'anything'],
    ['application/json\t; x', '{}'],
    ['', 'anything'],
    [null, 'anything'],
    ['text/plain', ''],
    ['application/json', ''],
  ] as const) {
    it(
      `${body.length} bytes of ${JSON.stringify(type)}`,
      scoped(async (scope) => {
        const gateway = await startGateway(scope, await startMirror(scope));
        const { size, start, type: came, length } = await told(scope, gateway.port, post(type, body));
        assert.deepEqual(
          { size, start, length },
          { size: body.length, start: body.slice(0, 40), length: `${body.length}` },
        );
        assert.equal(came, type ?? undefined);
      }),
    );
  }

  it(
    'in chunks, with its trailers dropped',
    scoped(async (scope) => {
      const gateway = await startGateway(scope, await startMirror(scope));
      const chunks = '5\r\nhello\r\n6\r\n world\r\n0\r\nX-Auth-Level: passkey\r\n\r\n';
      const text = `PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTrailer: X-Auth-Level\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
      const { start, coding, length } = await told(scope, gateway.port, text);
      assert.deepEqual({ start, coding, length }, { start: 'hello world', coding: 'chunked', length: undefined });
    }),
  );

  it(
    'also with GET and DELETE, where they have one',
    scoped(async (scope) => {
      const gateway = await startGateway(scope, await startMirror(scope));
      for (const method of ['GET', 'DELETE']) {
        assert.equal((await told(scope, gateway.port, post('text/plain', 'hello', method))).start, 'hello');
      }
    }),
  );
});

describe('the catch-all route', () => {
  for (const method of METHODS.filter((name) => !['CONNECT', 'TRACE', 'HEAD'].includes(name))) {
    it(
      `takes ${method}`,
      scoped(async (scope) => {
        const gateway = await startGateway(scope, await startMirror(scope));
        const text = `${method} /a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
        const { method: came, url } = await told(scope, gateway.port, text);
        assert.deepEqual({ came, url }, { came: method, url: '/a?b' });
      }),
    );
  }

  it(
    'refuses TRACE, which would show a client what we tell the application',
    scoped(async (scope) => {
      const gateway = await startGateway(scope, await startMirror(scope));
      assert.match(await ask(scope, gateway.port, get('/').replace('GET', 'TRACE')), /^HTTP\/1\.1 405 /);
    }),
  );

  for (const path of ['//x', '/a%5Cb', '/a/..%2fb', '/a?b=c&b=%20+d&e', '/a?//', '/a:b', '/http://x']) {
    it(
      `leaves the path to the plan: ${path}`,
      scoped(async (scope) => {
        const gateway = await startGateway(scope, await startMirror(scope));
        assert.equal((await told(scope, gateway.port, get(path))).url, path);
      }),
    );
  }

  it(
    'sends nothing upstream that the gate does not allow, and reads nothing of its body',
    scoped(async (scope) => {
      let asked = 0;
      const app = await startApp(scope, (_request, response) => {
        asked += 1;
        response.end();
      });
      const gateway = await startGateway(scope, app, {}, { deny: () => true });
      assert.match(await ask(scope, gateway.port, post('not a type', 'hello')), /^HTTP\/1\.1 403 [\s\S]*denied$/);
      assert.equal(asked, 0);
    }),
  );

  it(
    'T147: takes no request that two readers read differently',
    scoped(async (scope) => {
      let asked = 0;
      const app = await startApp(scope, (_request, response) => {
        asked += 1;
        response.end();
      });
      const gateway = await startGateway(scope, app);
      for (const lines of [
        'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n',
        'Transfer-Encoding: identity\r\n\r\nhello',
        'Host: b\r\n\r\n',
        'host: a\r\n\r\n',
        'Content-Length: +5\r\n\r\nhello',
        'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
        'X-Folded: a\r\n b\r\n\r\n',
        'X-Space : a\r\n\r\n',
        'X-Bare: a\nX-Auth-Level: passkey\r\n\r\n',
      ]) {
        const answer = await ask(scope, gateway.port, `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}`);
        assert.match(answer, /^HTTP\/1\.1 400 /, lines);
      }
      const old = 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
      for (const text of [old, 'GET / HTTP/1.0\r\n\r\n']) {
        assert.match(await ask(scope, gateway.port, text), /^HTTP\/1\.1 400 /);
      }
      assert.equal(asked, 0);
    }),
  );

  it(
    'answers also when the handler throws',
    scoped(async (scope) => {
      const app = fastify();
      await registerProxy(app, {
        gate: (_request, _reply, done) => done(),
        handler: () => {
          throw new Error('without an allow');
        },
        refuse: (_request, reply) => reply.code(400).send(),
      });
      scope.defer(() => app.close());
      await app.listen({ port: 0, host: '127.0.0.1' });
      assert.match(await ask(scope, portOf(app.server), get('/')), /^HTTP\/1\.1 500 /);
    }),
  );
});
