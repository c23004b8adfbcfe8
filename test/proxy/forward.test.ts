import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import {
  ask,
  bodyOf,
  dial,
  get,
  readAll,
  readUntil,
  scoped,
  startApp,
  startGateway,
  startRaw,
  startScripted,
  until,
} from './harness.ts';

const head = (answer: string): string => answer.slice(0, answer.indexOf('\r\n\r\n'));
const body = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

describe('an answer', () => {
  it(
    'comes back whole, with its status and headers',
    scoped(async (scope) => {
      const app = await startScripted(scope, 'HTTP/1.1 201 Made\r\nX-App: 1\r\nContent-Length: 5\r\n\r\nhello');
      const gateway = await startGateway(scope, app);
      const answer = await ask(scope, gateway.port, get('/'));
      assert.match(head(answer), /^HTTP\/1\.1 201 Created\r\nX-App: 1\r\nContent-Length: 5\r\nDate: /);
      assert.equal(body(answer), 'hello');
      assert.deepEqual(gateway.finished, [{ status: 201, bytes: 5, complete: true }]);
    }),
  );

  it(
    'to HEAD has headers and no body, and the connection lives on',
    scoped(async (scope) => {
      const app = await startApp(scope, (request, response) => {
        response.setHeader('Content-Length', '5');
        response.end(request.method === 'HEAD' ? undefined : 'hello');
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.match(await readUntil(socket, '\r\n\r\n'), /Content-Length: 5/);
      socket.write(get('/'));
      assert.equal(body(await readAll(socket)), 'hello');
    }),
  );

  for (const [status, framing] of [
    [204, ''],
    [204, 'Content-Length: 0\r\n'],
    [304, 'Content-Length: 5\r\nETag: "1"\r\n'],
  ] as const) {
    it(
      `of ${status} ${JSON.stringify(framing)} has no body and is not waited for`,
      scoped(async (scope) => {
        const app = await startScripted(scope, `HTTP/1.1 ${status} x\r\n${framing}\r\n`);
        const gateway = await startGateway(scope, app);
        const answer = await ask(scope, gateway.port, get('/'));
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} .*\r\n\r\n$`, 's'));
        assert.doesNotMatch(answer, /Transfer-Encoding/i);
        assert.equal(/Content-Length/.test(answer), status === 304);
      }),
    );
  }

  it(
    'in chunks stays in chunks; trailers and 103 are left out',
    scoped(async (scope) => {
      const app = await startScripted(
        scope,
        [
          'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n',
        ].join(''),
      );
      const gateway = await startGateway(scope, app);
      const answer = await ask(scope, gateway.port, get('/'));
      assert.match(answer, /^HTTP\/1\.1 200 OK/);
      assert.doesNotMatch(answer, /Link|Trailer|X-T/);
      assert.match(answer, /Transfer-Encoding: chunked/);
      assert.equal(body(answer).replace(/\r\n[0-9a-f]+\r\n|^[0-9a-f]+\r\n/g, ''), 'hello world\r\n');
    }),
  );

  it(
    'that ends with the connection ends for the client',
    scoped(async (scope) => {
      const app = await startRaw(scope, (socket) => {
        socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'));
      });
      const gateway = await startGateway(scope, app);
      assert.match(body(await ask(scope, gateway.port, get('/'))), /^d\r\nuntil the end\r\n0\r\n\r\n$/);
    }),
  );

  it(
    'that waits for its first byte shows its headers at once',
    scoped(async (scope) => {
      let upstream: Socket | undefined;
      const app = await startRaw(scope, (socket) => {
        upstream = socket;
        socket.once('data', () =>
          socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'),
        );
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write(get('/events'));
      await readUntil(socket, '\r\n\r\n');
      upstream?.write('4\r\ntick\r\n');
      await readUntil(socket, 'tick');
    }),
  );

  it(
    'to HTTP/1.0 is not in chunks',
    scoped(async (scope) => {
      const app = await startApp(scope, (_request, response) => {
        response.write('a');
        response.end('b');
      });
      const gateway = await startGateway(scope, app);
      const answer = await ask(scope, gateway.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
      assert.equal(body(answer), 'ab');
    }),
  );
});

describe('an answer that breaks', () => {
  for (const [what, start] of [
    ['a length', 'Content-Length: 100'],
    ['chunks', 'Transfer-Encoding: chunked'],
  ] as const) {
    it(
      `in the middle of ${what} never looks whole`,
      scoped(async (scope) => {
        const app = await startRaw(scope, (socket) => {
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\n${start}\r\n\r\n5\r\nhello\r\n`);
            setImmediate(() => socket.end());
          });
        });
        const gateway = await startGateway(scope, app);
        const answer = await ask(scope, gateway.port, get('/'));
        assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
        assert.ok(body(answer).length < 100);
        await until(() => gateway.finished.length > 0);
        assert.deepEqual(gateway.failures, []);
        assert.equal(gateway.finished[0]?.complete, false);
      }),
    );
  }

  it(
    'before any header is upstream_broke',
    scoped(async (scope) => {
      const app = await startRaw(scope, (socket) => socket.once('data', () => socket.destroy()));
      const gateway = await startGateway(scope, app);
      assert.match(await ask(scope, gateway.port, get('/')), /^HTTP\/1\.1 502 [\s\S]*upstream_broke/);
      assert.equal(gateway.failures.length, 1);
    }),
  );

  it(
    'because it is no HTTP is upstream_broke',
    scoped(async (scope) => {
      const app = await startScripted(scope, 'SSH-2.0-OpenSSH_9\r\n');
      const gateway = await startGateway(scope, app);
      assert.match(await ask(scope, gateway.port, get('/')), /upstream_broke/);
    }),
  );

  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
    'HTTP/1.1 200 OK\r\nX-Control: a\u0001b\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX-Bare: a\rSet-Cookie: stepgate=1\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
  ]) {
    it(
      `because it can be read in two ways is not passed on: ${JSON.stringify(answer.slice(9, 60))}`,
      scoped(async (scope) => {
        const gateway = await startGateway(scope, await startScripted(scope, answer));
        assert.match(await ask(scope, gateway.port, get('/')), /^HTTP\/1\.1 502 /);
      }),
    );
  }

  it(
    'by nobody listening is upstream_refused',
    scoped(async (scope) => {
      const gateway = await startGateway(scope, new URL('http://127.0.0.1:1'));
      assert.match(await ask(scope, gateway.port, get('/')), /^HTTP\/1\.1 502 [\s\S]*upstream_refused/);
    }),
  );

  it(
    'T172: by silence is upstream_timeout, once',
    scoped(async (scope) => {
      const app = await startRaw(scope, (socket) => socket.resume());
      const timeouts = { connect: 1, headers: 0.05, idle: 1 };
      const gateway = await startGateway(scope, app, { timeouts });
      assert.match(await ask(scope, gateway.port, get('/')), /upstream_timeout/);
      assert.equal(gateway.failures.length, 1);
    }),
  );

  it(
    'by silence in the middle of its body is cut off',
    scoped(async (scope) => {
      const app = await startScripted(scope, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
      const timeouts = { connect: 1, headers: 1, idle: 0.05 };
      const gateway = await startGateway(scope, app, { timeouts });
      assert.equal(body(await ask(scope, gateway.port, get('/'))), 'hello');
      await until(() => gateway.finished.length > 0);
      assert.equal(gateway.finished[0]?.complete, false);
    }),
  );
});

describe('a client that leaves', () => {
  it(
    'ends the request upstream',
    scoped(async (scope) => {
      let gone = false;
      const app = await startApp(scope, (_request, response) => {
        response.write('start');
        response.on('close', () => {
          gone = true;
        });
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write(get('/'));
      await readUntil(socket, 'start');
      socket.destroy();
      await until(() => gone);
      assert.deepEqual(gateway.failures, []);
      assert.deepEqual(gateway.finished, [{ status: 200, bytes: 5, complete: false }]);
    }),
  );

  it(
    'before the answer ends the request upstream, and nobody is answered',
    scoped(async (scope) => {
      let gone = false;
      let asked = false;
      const app = await startApp(scope, (request) => {
        asked = true;
        request.socket.on('close', () => {
          gone = true;
        });
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write(get('/'));
      await until(() => asked);
      socket.destroy();
      await until(() => gone);
      assert.deepEqual(gateway.failures, []);
      assert.deepEqual(gateway.finished, [{ status: 0, bytes: 0, complete: false }]);
    }),
  );

  it(
    'in the middle of its body leaves the application with a body that is visibly cut',
    scoped(async (scope) => {
      let aborted = false;
      let whole = false;
      const app = await startApp(scope, (request) => {
        request
          .on('data', () => {})
          .on('error', () => {
            aborted = true;
          });
        request.on('end', () => {
          whole = true;
        });
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
      setImmediate(() => socket.destroy());
      await until(() => aborted || gateway.finished.length > 0);
      assert.equal(whole, false);
    }),
  );

  it(
    'by not sending any more of its body is given up after the idle time',
    scoped(async (scope) => {
      let cut = false;
      const app = await startApp(scope, (request) => {
        request.resume().on('error', () => {
          cut = true;
        });
      });
      const gateway = await startGateway(scope, app, { timeouts: { connect: 1, headers: 60, idle: 0.05 } });
      const socket = await dial(scope, gateway.port);
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
      await readAll(socket);
      await until(() => cut);
      assert.deepEqual(gateway.failures, []);
    }),
  );

  it(
    'by not reading any more is given up after the idle time',
    scoped(async (scope) => {
      const megabyte = Buffer.alloc(1 << 20);
      let left = false;
      const app = await startApp(scope, (_request, response) => {
        const fill = (): void => {
          while (!response.destroyed && response.write(megabyte));
        };
        response.on('drain', fill).on('close', () => {
          left = true;
        });
        fill();
      });
      const gateway = await startGateway(scope, app, { timeouts: { connect: 1, headers: 1, idle: 0.1 } });
      const socket = await dial(scope, gateway.port);
      socket.pause();
      socket.write(get('/'));
      await until(() => left);
      assert.equal(gateway.finished[0]?.complete, false);
    }),
  );
});

describe('back-pressure', () => {
  it(
    'of a slow reader reaches the application',
    scoped(async (scope) => {
      const megabyte = Buffer.alloc(1 << 20);
      let written = 0;
      let stuck = false;
      const app = await startApp(scope, (_request, response) => {
        const fill = (): void => {
          while (written < 200) {
            written += 1;
            if (!response.write(megabyte)) {
              stuck = true;
              return;
            }
          }
          response.end();
        };
        response.on('drain', () => {
          stuck = false;
          fill();
        });
        fill();
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.pause();
      socket.write(get('/'));
      // Both kernels' buffers are full when nothing moves for many turns of the loop.
      let turns = 0;
      let before = 0;
      await until(() => {
        turns = stuck && before === written ? turns + 1 : 0;
        before = written;
        return turns > 3_000;
      });
      assert.ok(written < 100, `${written} MB were taken from the application for a client that does not read`);
      let received = 0;
      socket.on('data', (chunk) => {
        received += chunk.length;
      });
      socket.resume();
      await once(socket, 'close');
      assert.ok(received > 200 * megabyte.length);
      assert.equal(gateway.finished[0]?.bytes, 200 * megabyte.length);
    }),
  );

  it(
    'of a slow application reaches the client',
    scoped(async (scope) => {
      const app = await startApp(scope, async (request, response) => {
        if (request.method === 'POST') await once(request.socket, 'never');
        response.end();
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      const size = 400 << 20;
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
      const chunk = Buffer.alloc(1 << 20);
      let sent = 0;
      let turns = 0;
      let before = 0;
      await until(() => {
        if (!socket.writableNeedDrain && sent < size) {
          sent += chunk.length;
          socket.write(chunk);
        }
        turns = before === sent ? turns + 1 : 0;
        before = sent;
        return turns > 3_000;
      });
      assert.ok(sent < 100 << 20, `${sent >> 20} MB were taken for an application that does not read`);
    }),
  );
});

describe('a body', () => {
  it(
    'that the application answers early is read away, and the client gets its answer',
    scoped(async (scope) => {
      const app = await startRaw(scope, (socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 413 x\r\nContent-Length: 8\r\n\r\ntoo much')).resume();
      });
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      const answer = readUntil(socket, 'too much');
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${8 << 20}\r\n\r\n`);
      for (let index = 0; index < 8; index += 1) socket.write(Buffer.alloc(1 << 20));
      assert.match(await answer, /^HTTP\/1\.1 413 /);
      socket.write(get('/again'));
      assert.match(await readUntil(socket, 'too much'), /^HTTP\/1\.1 413 /);
    }),
  );

  it(
    'that nobody took because the application is away does not block the connection',
    scoped(async (scope) => {
      const gateway = await startGateway(scope, new URL('http://127.0.0.1:1'));
      const socket = await dial(scope, gateway.port);
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${4 << 20}\r\n\r\n`);
      for (let index = 0; index < 4; index += 1) socket.write(Buffer.alloc(1 << 20));
      await readUntil(socket, 'upstream_refused');
      socket.write(get('/again'));
      await readUntil(socket, 'upstream_refused');
    }),
  );

  it(
    'is asked for with 100 Continue only when the application is there',
    scoped(async (scope) => {
      const app = await startApp(scope, async (request, response) => {
        assert.equal(request.headers.expect, undefined);
        response.end(await bodyOf(request));
      });
      const expect =
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
      const gateway = await startGateway(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write(expect);
      assert.match(await readUntil(socket, '\r\n\r\n'), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
      socket.write('hello');
      assert.equal(body(await readAll(socket)), 'hello');

      for (const text of [expect.replace('1.1', '1.0'), expect.replace('Content-Length: 5', 'Content-Length: 0')]) {
        assert.doesNotMatch(await ask(scope, gateway.port, `${text}hello`), /100 Continue/);
      }

      const away = await startGateway(scope, new URL('http://127.0.0.1:1'));
      const refused = await dial(scope, away.port);
      refused.write(expect);
      assert.match(await readUntil(refused, 'upstream_refused'), /^HTTP\/1\.1 502 /);
    }),
  );
});
