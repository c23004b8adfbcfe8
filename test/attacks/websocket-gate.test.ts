import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { newScope, startScripted } from '../proxy/harness.ts';
import { cookieLines, sendBytes } from '../support/raw-http.ts';
import { askWebSocket, echoed } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { NAVIGATION, type Visitor } from '../support/visitor.ts';

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', KEY];

describe('a WebSocket is opened by a page of the app, for somebody who may', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  before(async () => {
    stage = await startStage();
    host = new URL(stage.origin).host;
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  async function ask(target: string, origin: string | null, lines: readonly string[] = [], named = host) {
    const count = stage.upstream.received.length;
    const answer = await askWebSocket(stage.port, target, { host: named, origin, lines });
    answer.socket.destroy();
    return { ...answer, passed: stage.upstream.received.slice(count) };
  }

  const ORIGINS: readonly [string, (origin: string) => string | null][] = [
    ['another site', () => 'https://evil.example'],
    ['none', () => null],
    ['the opaque one', () => 'null'],
    ['an empty one', () => ''],
    ['another port of the host', (origin) => `${origin}0`],
    ['another scheme', (origin) => origin.replace('http:', 'https:')],
    ['another name of this machine', (origin) => origin.replace('127.0.0.1', 'localhost')],
    ['a name that starts with ours', (origin) => `${origin}.evil.example`],
    ['user information', (origin) => origin.replace('//', '//evil.example@')],
    ['a path', (origin) => `${origin}/`],
    ['another case', (origin) => origin.toUpperCase()],
    ['ours and another', (origin) => `${origin}, https://evil.example`],
    ['ours and another, by a space', (origin) => `${origin} https://evil.example`],
  ];
  for (const [what, make] of ORIGINS) {
    it(`T151 with ${what} for Origin it is 403, signed in or on a public path`, async () => {
      const origin = make(stage.origin);
      for (const [target, lines] of [
        ['/home', cookieLines(alice.jar)],
        ['/static/a', cookieLines(alice.jar)],
        ['/static/a', []],
        ['/admin', cookieLines(alice.jar)],
      ] as const) {
        const { status, body, values, passed } = await ask(target, origin, lines);
        assert.equal(status, 403);
        assert.match(body, /untrusted_origin/);
        assert.deepEqual(values('set-cookie'), []);
        assert.deepEqual(passed, []);
      }
    });
  }

  it('T151 two Origins are none, whichever comes first', async () => {
    const lines = [...cookieLines(alice.jar), 'Origin: https://evil.example'];
    assert.equal((await ask('/home', stage.origin, lines)).status, 403);
    const swapped = [...cookieLines(alice.jar), `Origin: ${stage.origin}`];
    assert.equal((await ask('/home', 'https://evil.example', swapped)).status, 403);
  });

  it('T151 a refused origin is in the audit log', async () => {
    const count = stage.events('deny').length;
    await ask('/home', 'https://evil.example', cookieLines(alice.jar));
    assert.deepEqual(
      stage
        .events('deny')
        .slice(count)
        .map(({ why, app }) => [why, app]),
      [['untrusted_origin', 'payroll']],
    );
  });

  it('T151 Alice’s own page opens one, and what she says and hears passes', async () => {
    const lines = cookieLines(alice.jar);
    const { status, socket } = await askWebSocket(stage.port, '/home', { host, origin: stage.origin, lines });
    assert.equal(status, 101);
    assert.equal(await echoed(socket, '\x81\x85abcdhello'), '\x81\x85abcdhello');
    socket.destroy();
    const seen = stage.upstream.received.at(-1);
    assert.equal(seen?.headers['x-auth-subject'], 'alice');
    assert.equal(seen?.headers.origin, stage.origin);
  });

  it('T154 at an insufficient level it is 401 with a challenge: no 101, no redirect, no flow', async () => {
    const { status, values, body, passed } = await ask('/admin', stage.origin, cookieLines(alice.jar));
    assert.equal(status, 401);
    assert.match(values('www-authenticate')[0] ?? '', /insufficient_user_authentication.*acr_values="mfa"/);
    assert.match(body, /"why":"insufficient_level"/);
    assert.deepEqual([...values('set-cookie'), ...values('location')], []);
    assert.deepEqual(passed, []);
  });

  for (const [what, lines] of [
    ['a navigation', Object.entries(NAVIGATION).map(([name, value]) => `${name}: ${value}`)],
    ['an old browser', ['Accept: text/html']],
    ['a frame', ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe']],
    ['what it is', ['Sec-Fetch-Mode: websocket', 'Sec-Fetch-Dest: empty', 'Sec-Fetch-Site: same-origin']],
  ] as const) {
    it(`T154 also when it looks like ${what}: 401, no redirect, no flow`, async () => {
      const asked = stage.op.asked.length;
      for (const cookies of [[], cookieLines(alice.jar)]) {
        const { status, values, passed } = await ask('/admin', stage.origin, [...lines, ...cookies]);
        assert.equal(status, 401);
        assert.deepEqual([...values('set-cookie'), ...values('location')], []);
        assert.deepEqual(passed, []);
      }
      assert.equal(stage.op.asked.length, asked);
    });
  }

  it('T154 what is denied, missing or elsewhere is so for a WebSocket too', async () => {
    const lines = cookieLines(alice.jar);
    assert.equal((await ask('/legacy/x', stage.origin, lines)).status, 403);
    assert.equal((await ask('/.stepgate/session', stage.origin, lines)).status, 404);
    assert.equal((await ask('/home', stage.origin, lines, 'evil.example')).status, 421);
    assert.equal((await ask(`/${'a'.repeat(9_000)}`, stage.origin, lines)).status, 414);
    assert.equal((await ask('/home', stage.origin, [`Cookie: x=${'a'.repeat(13_000)}`])).status, 431);
  });

  const OTHERS: readonly [string, string, readonly string[]][] = [
    ['h2c', 'GET', ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA']],
    ['a POST', 'POST', [...UPGRADE, 'Content-Length: 0']],
    ['an old version', 'GET', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 8', KEY]],
    ['no key', 'GET', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']],
    [
      'a short key',
      'GET',
      ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: YQ=='],
    ],
    ['a body', 'GET', [...UPGRADE, 'Content-Length: 5']],
    ['two protocols', 'GET', ['Upgrade: websocket, h2c', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', KEY]],
    ['no Connection', 'GET', ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', KEY]],
    ['TLS', 'GET', ['Upgrade: TLS/1.2', 'Connection: Upgrade']],
  ];
  for (const [what, method, lines] of OTHERS) {
    it(`T154 an upgrade with ${what} is an ordinary request: judged as one, and nothing is upgraded`, async () => {
      const body = lines.includes('Content-Length: 5') ? 'hello' : '';
      const sent = async (target: string) => {
        const bytes = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`;
        return (await sendBytes(stage.port, bytes + body)).statuses;
      };
      const count = stage.upstream.received.length;
      assert.deepEqual(await sent('/admin'), [401]);
      assert.deepEqual(await sent('/open'), [200]);
      const seen = stage.upstream.received.slice(count);
      assert.deepEqual(
        seen.map((request) => [request.target, request.body]),
        [['/open', body]],
      );
      assert.equal(seen[0]?.headers.upgrade, undefined);
      assert.equal(seen[0]?.headers['http2-settings'], undefined);
    });
  }

  it('T154 bytes behind a refused upgrade are no request', async () => {
    const count = stage.upstream.received.length;
    const lines = [...UPGRADE, `Origin: ${stage.origin}`].join('\r\n');
    const bytes = `GET /admin HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n\r\nGET /static/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const { statuses, closed } = await sendBytes(stage.port, bytes);
    assert.deepEqual(statuses, [401]);
    assert.ok(closed);
    assert.equal(stage.upstream.received.length, count);
  });

  it('T154 an open one is closed when Alice signs out, and another person’s is not', async () => {
    const [carol, dave] = [stage.visitor(), stage.visitor()];
    await stage.signIn(carol);
    await stage.signIn(dave);
    const open = async (visitor: Visitor) => {
      const lines = cookieLines(visitor.jar);
      return (await askWebSocket(stage.port, '/home', { host, origin: stage.origin, lines })).socket;
    };
    const [hers, his] = [await open(carol), await open(dave)];
    const closing = once(hers, 'close');
    const page = await carol.open('/.stepgate/sign-out');
    const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: stage.origin };
    const reply = await carol.open('/.stepgate/sign-out', {
      method: 'POST',
      headers,
      body: `token=${encodeURIComponent(token)}`,
    });
    assert.equal(reply.status, 303);
    await closing;
    assert.equal(await echoed(his, 'still here'), 'still here');
    his.destroy();
  });
});

describe('an upstream that does not upgrade', () => {
  for (const [what, answer, status] of [
    ['answers 200', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 200],
    ['answers 426', 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n', 426],
    [
      'upgrades to something else',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
      502,
    ],
  ] as const) {
    it(`T154 but ${what} gives no tunnel: bytes behind the request reach nobody`, async () => {
      const scope = newScope();
      const seen: string[] = [];
      const upstream = await startScripted(scope, answer, seen);
      const stage = await startStage({
        gateway: (text) => text.replace(/upstream: .*/, `upstream: ${upstream.origin}`),
      });
      try {
        const { host } = new URL(stage.origin);
        const lines = [...UPGRADE, `Origin: ${stage.origin}`].join('\r\n');
        const bytes = `GET /static/a HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n\r\nGET /admin HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
        const { statuses, closed } = await sendBytes(stage.port, bytes);
        assert.deepEqual(statuses, [status]);
        assert.ok(closed);
        assert.equal(seen.length, 1);
        assert.doesNotMatch(seen.join(''), /admin/);
      } finally {
        await stage.stop();
        await scope.end();
      }
    });
  }
});
