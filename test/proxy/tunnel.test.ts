import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { ForwardPlan } from '../../src/proxy/plan.ts';
import { createTunnels, type TunnelGuard, type Tunnels } from '../../src/proxy/tunnel.ts';
import { isWebSocketUpgrade, originAllowed, refuseUpgrade } from '../../src/proxy/upgrade.ts';
import { createUpstreams } from '../../src/proxy/upstreams.ts';
import {
  ask,
  dial,
  OWN,
  planOf,
  portOf,
  readAll,
  readUntil,
  type Scope,
  scoped,
  startRaw,
  startScripted,
  until,
} from './harness.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ORIGIN = 'https://payroll.example.com';
const UPGRADE =
  `GET /socket?x=1 HTTP/1.1\r\nHost: payroll.example.com\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, superchat\r\nOrigin: ${ORIGIN}\r\n`;
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n';

interface TunnelGateway {
  readonly port: number;
  readonly tunnels: Tunnels;
  readonly failures: string[];
  readonly opened: number[];
}

/** A server that tunnels every upgrade of the right origin. */
async function startTunnels(
  scope: Scope,
  upstream: URL,
  over: Partial<ForwardPlan> = {},
  facts: Partial<TunnelGuard> | (() => Partial<TunnelGuard>) = {},
): Promise<TunnelGateway> {
  const upstreams = createUpstreams();
  const tunnels = createTunnels(upstreams, OWN);
  const failures: string[] = [];
  const opened: number[] = [];
  const server = createServer({ shouldUpgradeCallback: isWebSocketUpgrade }, (_request, response) =>
    response.end('plain'),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!originAllowed(request, ORIGIN)) {
      refuseUpgrade(socket, 403, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] }, 'elsewhère');
      return;
    }
    const plan = planOf(upstream, {
      path: request.url ?? '/',
      onError: (code) => {
        failures.push(code);
        refuseUpgrade(socket, 502, {}, code);
      },
      onFinished: (status) => opened.push(status),
      ...over,
    });
    const own = typeof facts === 'function' ? facts() : facts;
    const guard: TunnelGuard = { family: null, isOver: () => false, seen: () => {}, ...own };
    tunnels.open({ request, socket, head, plan, guard });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.defer(async () => {
    tunnels.endAll();
    server.closeAllConnections();
    server.close();
    await upstreams.destroy();
  });
  return { port: portOf(server), tunnels, failures, opened };
}

/** An application that agrees to every upgrade and then sends back what it gets. */
const startEcho = (scope: Scope, seen: string[] = [], more = ''): Promise<URL> =>
  startRaw(scope, (socket) => {
    let asked = '';
    const ask = (chunk: Buffer): void => {
      asked += chunk.toString('latin1');
      if (!asked.includes('\r\n\r\n')) return;
      socket.off('data', ask);
      seen.push(asked);
      socket.write(`${SWITCHED}${more}\r\n`);
      socket.pipe(socket);
    };
    socket.on('data', ask);
  });

async function openSocket(scope: Scope, gateway: TunnelGateway): Promise<Socket> {
  const socket = await dial(scope, gateway.port);
  socket.write(`${UPGRADE}\r\n`);
  assert.match(await readUntil(socket, '\r\n\r\n'), /^HTTP\/1\.1 101 /);
  return socket;
}

describe('a WebSocket', () => {
  it(
    'is opened with the headers of the client and with ours, T141 T150',
    scoped(async (scope) => {
      const seen: string[] = [];
      const gateway = await startTunnels(scope, await startEcho(scope, seen));
      const socket = await dial(scope, gateway.port);
      socket.write(
        `${UPGRADE}X-Auth-Level: passkey\r\nX_Auth_Subject: eve\r\nCookie: a=1; __Host-stepgate-idp=SECRET\r\n\r\n`,
      );
      await readUntil(socket, '\r\n\r\n');
      const lines = (seen[0] ?? '').toLowerCase().split('\r\n');
      assert.equal(lines[0], 'get /socket?x=1 http/1.1');
      for (const line of [
        ...['host: payroll.example.com', 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
        ...[`sec-websocket-key: ${KEY.toLowerCase()}`, 'sec-websocket-protocol: chat, superchat', `origin: ${ORIGIN}`],
        ...['cookie: a=1', 'x-auth-subject: ada', 'x-forwarded-for: 127.0.0.1'],
      ]) {
        assert.equal(lines.filter((other) => other === line).length, 1, line);
      }
      assert.doesNotMatch(seen[0] ?? '', /passkey|eve|SECRET/);
    }),
  );

  it(
    'answers with the upstream headers that may pass and our cookies, T149',
    scoped(async (scope) => {
      const more = 'Set-Cookie: stepgate-idp=forged\r\nSet-Cookie: app=1\r\nX-Auth-Level: passkey\r\nKeep-Alive: 5\r\n';
      const gateway = await startTunnels(scope, await startEcho(scope, [], more), { ownSetCookies: ['ours=1'] });
      const socket = await dial(scope, gateway.port);
      socket.write(`${UPGRADE}\r\n`);
      assert.deepEqual((await readUntil(socket, '\r\n\r\n')).split('\r\n'), [
        ...['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'],
        ...['Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'Sec-WebSocket-Protocol: chat', 'Set-Cookie: app=1'],
        ...['Cache-Control: private', 'Set-Cookie: ours=1', '', ''],
      ]);
      assert.deepEqual(gateway.opened, [101]);
    }),
  );

  it(
    'carries bytes both ways, also those sent too early',
    scoped(async (scope) => {
      const gateway = await startTunnels(scope, await startEcho(scope));
      const socket = await dial(scope, gateway.port);
      socket.write(`${UPGRADE}\r\nearly`);
      assert.match(await readUntil(socket, 'early'), /\r\n\r\nearly$/);
      socket.write('late');
      assert.equal(await readUntil(socket, 'late'), 'late');
    }),
  );

  it(
    'carries megabytes unchanged',
    scoped(async (scope) => {
      const gateway = await startTunnels(scope, await startEcho(scope));
      const socket = await openSocket(scope, gateway);
      const sent = Buffer.alloc(20 << 20, 'stepgate ');
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.end(sent);
      await once(socket, 'end');
      assert.ok(Buffer.concat(chunks).equals(sent));
      await until(() => gateway.tunnels.count() === 0);
    }),
  );

  it(
    'does not pile up what the client does not read',
    scoped(async (scope) => {
      let written = 0;
      let stuck = false;
      const app = await startRaw(scope, (socket) => {
        const fill = (): void => {
          while (written < 400) {
            written += 1;
            if (!socket.write(Buffer.alloc(1 << 20))) break;
          }
          stuck = true;
        };
        socket.once('data', () => {
          socket.write(`${SWITCHED}\r\n`);
          fill();
        });
        socket.on('drain', fill);
      });
      const gateway = await startTunnels(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.pause();
      socket.write(`${UPGRADE}\r\n`);
      let turns = 0;
      let before = 0;
      await until(() => {
        turns = stuck && before === written ? turns + 1 : 0;
        before = written;
        return turns > 3_000;
      });
      assert.ok(written < 100, `${written} MB were taken for a client that does not read`);
    }),
  );

  it(
    'whose client breaks breaks upstream, and the other way round',
    scoped(async (scope) => {
      const sockets: Socket[] = [];
      const app = await startRaw(scope, (socket) => {
        sockets.push(socket);
        socket.once('data', () => socket.write(`${SWITCHED}\r\n`)).resume();
      });
      const gateway = await startTunnels(scope, app);
      const leaving = await openSocket(scope, gateway);
      leaving.resetAndDestroy();
      await until(() => sockets[0]?.destroyed === true || sockets[0]?.readableEnded === true);

      const left = await openSocket(scope, gateway);
      sockets[1]?.resetAndDestroy();
      await readAll(left);
      await until(() => gateway.tunnels.count() === 0);
    }),
  );

  it(
    'may end in the other direction first',
    scoped(async (scope) => {
      let heard = '';
      const app = await startRaw(scope, (socket) => {
        socket.once('data', () => {
          socket.on('data', (chunk) => {
            heard += chunk.toString();
          });
          socket.end(`${SWITCHED}\r\nlast words`);
        });
      });
      const gateway = await startTunnels(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.allowHalfOpen = true;
      socket.write(`${UPGRADE}\r\n`);
      await readUntil(socket, 'last words');
      await once(socket.resume(), 'end');
      socket.end('still heard');
      await until(() => heard === 'still heard');
      await until(() => gateway.tunnels.count() === 0);
    }),
  );

  it(
    'may end in one direction first',
    scoped(async (scope) => {
      const app = await startRaw(scope, (socket) => {
        socket.once('data', () => socket.write(`${SWITCHED}\r\n`));
        socket.on('end', () => socket.end('last words'));
      });
      const gateway = await startTunnels(scope, app);
      const socket = await openSocket(scope, gateway);
      socket.end();
      assert.equal(await readAll(socket), 'last words');
      await until(() => gateway.tunnels.count() === 0);
    }),
  );
});

describe('an upgrade that the application does not take', () => {
  it(
    'gets its answer in plain HTTP, cleaned, and the connection is closed',
    scoped(async (scope) => {
      const app = await startScripted(
        scope,
        'HTTP/1.1 401 No\r\nContent-Length: 5\r\nSet-Cookie: stepgate-idp=forged\r\nKeep-Alive: timeout=9\r\n\r\nlogin',
      );
      const gateway = await startTunnels(scope, app);
      const answer = await ask(scope, gateway.port, `${UPGRADE}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*Connection: close\r\n\r\nlogin$/);
      assert.doesNotMatch(answer, /forged|Keep-Alive/);
      assert.equal(gateway.tunnels.count(), 0);
    }),
  );

  it(
    'and answers in chunks stays framed',
    scoped(async (scope) => {
      const app = await startScripted(
        scope,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      );
      const gateway = await startTunnels(scope, app);
      assert.match(await ask(scope, gateway.port, `${UPGRADE}\r\n`), /\r\n5\r\nhello\r\n0\r\n\r\n$/);
    }),
  );

  it(
    'but switches to something else is upstream_broke',
    scoped(async (scope) => {
      const app = await startScripted(scope, 'HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n');
      const gateway = await startTunnels(scope, app);
      assert.match(await ask(scope, gateway.port, `${UPGRADE}\r\n`), /^HTTP\/1\.1 502 [\s\S]*upstream_broke$/);
    }),
  );

  it(
    'by being away, silent or broken has a name each',
    scoped(async (scope) => {
      const timeouts = { connect: 1, headers: 0.05, idle: 1 };
      const silent = await startTunnels(scope, await startRaw(scope, (socket) => socket.resume()), { timeouts });
      assert.match(await ask(scope, silent.port, `${UPGRADE}\r\n`), /upstream_timeout$/);
      const away = await startTunnels(scope, new URL('http://127.0.0.1:1'));
      assert.match(await ask(scope, away.port, `${UPGRADE}\r\n`), /upstream_refused$/);
      const broken = await startTunnels(
        scope,
        await startRaw(scope, (socket) => socket.once('data', () => socket.destroy())),
      );
      assert.match(await ask(scope, broken.port, `${UPGRADE}\r\n`), /upstream_broke$/);
    }),
  );

  it(
    'because the client left meanwhile leaves nothing behind',
    scoped(async (scope) => {
      let gone = false;
      const app = await startRaw(scope, (socket) => {
        socket.resume().on('close', () => {
          gone = true;
        });
        socket.on('end', () => socket.end());
      });
      const gateway = await startTunnels(scope, app);
      const socket = await dial(scope, gateway.port);
      socket.write(`${UPGRADE}\r\n`);
      await until(() => gateway.tunnels.count() === 1);
      socket.destroy();
      await until(() => gone);
      assert.equal(gateway.tunnels.count(), 0);
      assert.deepEqual(gateway.failures, []);
    }),
  );
});

describe('open tunnels', () => {
  it(
    'of a family end with it, those of others stay',
    scoped(async (scope) => {
      let ends = 0;
      const app = await startRaw(scope, (socket) => {
        socket.once('data', () => {
          socket.write(`${SWITCHED}\r\n`);
          socket.pipe(socket);
        });
        socket.on('close', () => {
          ends += 1;
        });
      });
      const ada = await startTunnels(scope, app, {}, { family: 'ada' });
      const socket = await openSocket(scope, ada);
      ada.tunnels.endFamily('bob');
      socket.write('still here');
      await readUntil(socket, 'still here');
      ada.tunnels.endFamily('ada');
      await readAll(socket);
      await until(() => ada.tunnels.count() === 0 && ends === 1);
    }),
  );

  it(
    'are judged in rounds, each of them once, also while some end and others begin',
    scoped(async (scope) => {
      const asked: number[] = [];
      let opened = 0;
      const echo = await startEcho(scope);
      const gateway = await startTunnels(scope, echo, {}, () => {
        const mine = opened++;
        return {
          isOver: () => {
            asked.push(mine);
            return mine === 3;
          },
        };
      });
      for (let tunnel = 0; tunnel < 7; tunnel += 1) await openSocket(scope, gateway);
      for (let step = 0; step < 2; step += 1) gateway.tunnels.endSomeLapsed(1, 2);
      assert.deepEqual(asked, [0, 1, 2, 3, 4, 5, 6]);
      await until(() => gateway.tunnels.count() === 6);
      await openSocket(scope, gateway);
      asked.length = 0;
      for (let step = 0; step < 3; step += 1) gateway.tunnels.endSomeLapsed(1, 2);
      assert.deepEqual(new Set(asked), new Set([0, 1, 2, 4, 5, 6, 7]));
    }),
  );

  it(
    'end when what allowed them lapses',
    scoped(async (scope) => {
      const gateway = await startTunnels(scope, await startEcho(scope), {}, { isOver: (now) => now >= 1_000 });
      const socket = await openSocket(scope, gateway);
      gateway.tunnels.endLapsed(999);
      assert.equal(gateway.tunnels.count(), 1);
      gateway.tunnels.endLapsed(1_000);
      await readAll(socket);
    }),
  );

  it(
    'all end when the gateway stops, also one that is only being opened',
    scoped(async (scope) => {
      const gateway = await startTunnels(scope, await startEcho(scope));
      const open = await openSocket(scope, gateway);
      const silent = await startTunnels(scope, await startRaw(scope, (socket) => socket.resume()));
      const opening = await dial(scope, silent.port);
      opening.write(`${UPGRADE}\r\n`);
      await until(() => silent.tunnels.count() === 1);
      gateway.tunnels.endAll();
      silent.tunnels.endAll();
      await Promise.all([readAll(open), readAll(opening)]);
      assert.deepEqual(silent.failures, []);
    }),
  );
});

describe('what is no WebSocket, or comes from elsewhere', () => {
  for (const [what, change] of [
    ['POST', [/^GET/, 'POST']],
    ['HTTP/1.0', ['HTTP/1.1', 'HTTP/1.0']],
    ['h2c', ['Upgrade: websocket', 'Upgrade: h2c']],
    ['two protocols', ['Upgrade: websocket', 'Upgrade: websocket, h2c']],
    ['another version', ['Version: 13', 'Version: 8']],
    ['no key', [/Sec-WebSocket-Key.*\r\n/, '']],
    ['a key of the wrong size', [KEY, 'c2hvcnQ=']],
    ['a body', ['Origin', 'Content-Length: 0\r\nOrigin']],
  ] as const) {
    it(
      `${what} is an ordinary request`,
      scoped(async (scope) => {
        const gateway = await startTunnels(scope, await startEcho(scope));
        const [from, to] = change;
        const socket = await dial(scope, gateway.port);
        socket.write(`${UPGRADE.replace(from, to)}\r\n`);
        assert.match(await readUntil(socket, 'plain'), /^HTTP\/1\.1 200 OK/);
      }),
    );
  }

  for (const origin of [
    'https://evil.example',
    `${ORIGIN}.evil.example`,
    `${ORIGIN}:8443`,
    'http://payroll.example.com',
    'null',
  ]) {
    it(
      `T151: is refused: Origin ${origin}`,
      scoped(async (scope) => {
        const gateway = await startTunnels(scope, await startEcho(scope));
        const answer = await ask(scope, gateway.port, `${UPGRADE.replace(ORIGIN, origin)}\r\n`);
        assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/);
        assert.match(
          answer,
          /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 10\r\nConnection: close\r\n\r\nelsewh/,
        );
      }),
    );
  }

  it(
    'T151: is refused without Origin, and with two',
    scoped(async (scope) => {
      const gateway = await startTunnels(scope, await startEcho(scope));
      assert.match(await ask(scope, gateway.port, `${UPGRADE.replace(/Origin.*\r\n/, '')}\r\n`), /^HTTP\/1\.1 403 /);
      assert.match(await ask(scope, gateway.port, `${UPGRADE}Origin: ${ORIGIN}\r\n\r\n`), /^HTTP\/1\.1 403 /);
    }),
  );

  it('is not refused with a header that could be two', () => {
    assert.throws(() => refuseUpgrade({} as Socket, 403, { Location: 'a\r\nSet-Cookie: b' }, ''), TypeError);
  });
});
