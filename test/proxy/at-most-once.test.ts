import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, dial, get, readUntil, scoped, startApp, startGateway, startRaw, until } from './harness.ts';

describe('a request is sent upstream at most once', () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS']) {
    it(
      `${method} on a kept connection that the application resets without an answer`,
      scoped(async (scope) => {
        const seen: string[] = [];
        const app = await startRaw(scope, (socket) => {
          socket.on('data', (chunk) => {
            const text = chunk.toString();
            seen.push(text.slice(0, text.indexOf(' HTTP')));
            if (text.includes('/first')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
            else socket.resetAndDestroy();
          });
        });
        const gateway = await startGateway(scope, app);
        await ask(scope, gateway.port, get('/first'));
        const request = `${method} /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
        assert.match(await ask(scope, gateway.port, request), /^HTTP\/1\.1 502 /);
        assert.deepEqual(seen, ['GET /first', `${method} /second`]);
        assert.deepEqual(
          gateway.failures.map(({ code }) => code),
          ['upstream_broke'],
        );
      }),
    );
  }

  it(
    'many at once, all of them reset',
    scoped(async (scope) => {
      const seen: string[] = [];
      const app = await startRaw(scope, (socket) => {
        socket.on('data', (chunk) => {
          seen.push(chunk.toString().split(' ')[1] ?? '');
          setImmediate(() => socket.resetAndDestroy());
        });
      });
      const gateway = await startGateway(scope, app);
      const paths = Array.from({ length: 40 }, (_, index) => `/${index}`);
      const answers = await Promise.all(paths.map((path) => ask(scope, gateway.port, get(path))));
      for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 502 [\s\S]*upstream_broke\r\n/);
      assert.deepEqual(seen.toSorted(), paths.toSorted());
    }),
  );

  it(
    'T171: a GET that is answered 503',
    scoped(async (scope) => {
      let asked = 0;
      const app = await startApp(scope, (_request, response) => {
        asked += 1;
        response.writeHead(503, { 'Retry-After': '0' }).end('busy');
      });
      const gateway = await startGateway(scope, app);
      assert.match(await ask(scope, gateway.port, get('/')), /^HTTP\/1\.1 503 [\s\S]*busy\r\n/);
      assert.equal(asked, 1);
    }),
  );

  it(
    'an answer of 408 on an idle connection, sent before any request, answers none',
    scoped(async (scope) => {
      const seen: string[] = [];
      let connections = 0;
      const app = await startRaw(scope, (socket) => {
        connections += 1;
        socket.on('data', (chunk) => {
          seen.push(chunk.toString().split(' ')[1] ?? '');
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          // What a smuggler would leave in the pipe: an answer that no request of ours has asked for.
          setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'));
        });
      });
      const gateway = await startGateway(scope, app);
      assert.match(await ask(scope, gateway.port, get('/1')), /ok$/);
      await until(() => connections > 0);
      assert.match(await ask(scope, gateway.port, get('/2')), /ok$/);
      assert.deepEqual(seen, ['/1', '/2']);
    }),
  );

  it(
    'a request whose client left while it waited for a connection is not sent at all',
    scoped(async (scope) => {
      const seen: string[] = [];
      const app = await startRaw(scope, (socket) => {
        socket.on('data', (chunk) => {
          seen.push(chunk.toString().split(' ')[1] ?? '');
        });
      });
      const gateway = await startGateway(scope, app);
      const client = await dial(scope, gateway.port);
      // The gate allows in the same turn in which the client turns out to be gone.
      gateway.app.server.prependOnceListener('request', (_request, response) => response.destroy());
      client.write(get('/gone'));
      await until(() => gateway.finished.length > 0);
      const other = await dial(scope, gateway.port);
      other.write(get('/there'));
      await until(() => seen.length > 0);
      assert.deepEqual(seen, ['/there']);
      await assert.rejects(readUntil(client, 'anything'));
    }),
  );
});
