import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { REVOCATION_MARGIN } from '../../src/ports.ts';
import { NOON, postSignOut, signOutToken } from '../support/besieged.ts';
import { cookieLines } from '../support/raw-http.ts';
import { askWebSocket, echoed } from '../support/raw-websocket.ts';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const MINUTE = 60_000;
const LIVE = `${POLICIES}      - {id: feed, path: /live/**, require: mfa}\n`;

describe('an open WebSocket', () => {
  let stage: Stage;
  let ada: Visitor;
  const sockets: Socket[] = [];
  before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
  after(() => mock.timers.reset());
  beforeEach(async () => {
    mock.timers.setTime(NOON);
    stage = await startStage({ policies: LIVE });
    ada = stage.visitor();
    await stage.signIn(ada, '/admin/people');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await stage.stop();
  });

  const open = async (target: string, who: Visitor = ada): Promise<Socket> => {
    const ask = { host: new URL(stage.origin).host, origin: stage.origin, lines: cookieLines(who.jar) };
    const { status, socket } = await askWebSocket(stage.port, target, ask);
    assert.equal(status, 101);
    sockets.push(socket);
    return socket;
  };
  /** Why the gateway ended it, now. */
  const ended = async (socket: Socket): Promise<unknown> => {
    const closed = socket.closed ? null : once(socket.resume(), 'close');
    stage.gateway.endLapsedTunnels();
    const why = stage.lines.findLast(({ msg }) => msg === 'tunnel_ended')?.why;
    await closed;
    return why;
  };
  /** Still carries bytes after it was judged again. */
  const stays = async (socket: Socket): Promise<void> => {
    stage.gateway.endLapsedTunnels();
    for (const bytes of ['ping', 'pong']) {
      assert.equal(await echoed(socket, bytes), bytes);
      socket.removeAllListeners('data');
    }
  };

  it('T152 ends when the level that it needed lapses, and another one that needs less does not', async () => {
    const feed = await open('/live/feed');
    const plain = await open('/chat');
    for (let minute = 0; minute < 59; minute += 10) {
      mock.timers.setTime(NOON + minute * MINUTE);
      await ada.fetch('/home');
    }
    mock.timers.setTime(NOON + 59 * MINUTE);
    await stays(feed);
    mock.timers.setTime(NOON + 60 * MINUTE);
    // Nobody asks for it: the gateway looks by itself.
    await once(feed.resume(), 'close');
    assert.equal(stage.lines.findLast(({ msg }) => msg === 'tunnel_ended')?.why, 'stale_authentication');
    await stays(plain);
  });

  it('ends when its person signs out', async () => {
    const socket = await open('/chat');
    await postSignOut(stage, ada, await signOutToken(ada));
    await once(socket.resume(), 'close');
    assert.equal(stage.events('sign_out').length, 1);
  });

  it('ends when the person signs out in another process, or is revoked there', async () => {
    const session = await ada.fetch('/.stepgate/session');
    assert.equal(session.status, 200);
    const one = await open('/chat');
    // What another process writes is in the ledger; nothing in this one is told.
    await stage.ledger.voidSubject(stage.op.issuer, 'alice', Math.floor(Date.now() / 1000), 2_000_000_000);
    assert.equal(await ended(one), 'no_session');

    mock.timers.setTime(NOON + MINUTE);
    const bob = stage.visitor();
    stage.op.script.person = { sub: 'bob' };
    await stage.signIn(bob);
    const two = await open('/chat', bob);
    await stage.ledger.voidAll(Math.floor(Date.now() / 1000), 2_000_000_000 + REVOCATION_MARGIN);
    assert.equal(await ended(two), 'no_session');
  });

  it('outlives a step-up, which supersedes the cookie that it was opened with', async () => {
    const bob = stage.visitor();
    await stage.signIn(bob);
    const socket = await open('/chat', bob);
    await stage.passProvider(bob, await bob.open('/admin/people'));
    mock.timers.setTime(NOON + MINUTE);
    await stays(socket);
  });

  it('ends with the idle time: what it carries is no activity of a person', async () => {
    const socket = await open('/chat');
    mock.timers.setTime(NOON + 59 * MINUTE);
    await stays(socket);
    mock.timers.setTime(NOON + 60 * MINUTE);
    assert.equal(await ended(socket), 'no_session');
  });

  it('outlives the idle time of its own request where the person does something elsewhere', async () => {
    const socket = await open('/chat');
    mock.timers.setTime(NOON + 59 * MINUTE);
    assert.equal((await ada.fetch('/home')).status, 200);
    mock.timers.setTime(NOON + 118 * MINUTE);
    await stays(socket);
    mock.timers.setTime(NOON + 119 * MINUTE);
    assert.equal(await ended(socket), 'no_session');
  });

  it('is not kept open by another person who does something, nor by a background request', async () => {
    assert.ok(await stage.reload({ policies: LIVE, gateway: (text) => `${text}    background: [/poll/**]\n` }));
    const socket = await open('/chat');
    const bob = stage.visitor();
    stage.op.script.person = { sub: 'bob' };
    await stage.signIn(bob);
    mock.timers.setTime(NOON + 59 * MINUTE);
    assert.equal((await bob.fetch('/home')).status, 200);
    assert.equal((await ada.fetch('/poll/mail')).status, 200);
    mock.timers.setTime(NOON + 60 * MINUTE);
    assert.equal(await ended(socket), 'no_session');
  });

  const denying: Readonly<Record<string, [Parameters<Stage['reload']>[0], string]>> = {
    'wants a higher level': [
      {
        policies: `${LIVE}      - {id: chat, path: /chat/**, require: mfa, max_age: 30s}\n`,
      },
      'stale_authentication',
    ],
    'closes its path': [{ policies: `${LIVE}      - {id: chat, path: /chat/**, deny: true}\n` }, 'forbidden'],
    'takes the level from its acr': [
      { policies: LIVE, gateway: (text) => text.replace('{acr: pwd}', '{acr: x}').replace('{acr: mfa}', '{acr: y}') },
      'insufficient_level',
    ],
    'removes the secret of its cookie': [
      { policies: LIVE, gateway: (text) => text.replace('env:SECRET}', 'env:NEW}') },
      'no_session',
    ],
    'names another issuer': [
      { policies: LIVE, gateway: (text) => text.replace(/issuer: .*/, 'issuer: https://id.example.com') },
      'no_session',
    ],
    'serves another host': [
      { policies: LIVE, gateway: (text) => text.replace(/origins: .*/, 'origins: ["https://wages.example.com"]') },
      'unknown_host',
    ],
    'moves the application': [
      { policies: LIVE, gateway: (text) => text.replace(/upstream: .*/, 'upstream: http://127.0.0.1:9') },
      'moved',
    ],
    'shortens the lifetime': [
      { policies: LIVE, gateway: (text) => `${text}session: {lifetime: 1m, idle: 1m}\n` },
      'no_session',
    ],
  };
  for (const [what, [rewritten, why]] of Object.entries(denying)) {
    it(`ends at once at a reload that ${what}`, async () => {
      stage.env.NEW = randomBytes(32).toString('base64');
      mock.timers.setTime(NOON + MINUTE);
      const socket = await open('/chat');
      const closed = once(socket.resume(), 'close');
      assert.ok(await stage.reload(rewritten));
      assert.equal(stage.lines.findLast(({ msg }) => msg === 'tunnel_ended')?.why, why);
      await closed;
    });
  }

  it('ends when the proxy that vouched for its host is trusted no longer', async () => {
    const trusting = (text: string): string => `${text}trusted_proxies: [127.0.0.1]\n`;
    assert.ok(await stage.reload({ policies: LIVE, gateway: trusting }));
    const lines = [...cookieLines(ada.jar), `X-Forwarded-Host: ${new URL(stage.origin).host}`];
    const { status, socket } = await askWebSocket(stage.port, '/chat', { host: 'inner', origin: stage.origin, lines });
    assert.equal(status, 101);
    sockets.push(socket);
    await stays(socket);
    assert.ok(await stage.reload({ policies: LIVE }));
    assert.equal(await ended(socket), 'unknown_host');
  });

  it('outlives a reload that still allows it, and one that is refused', async () => {
    const socket = await open('/live/feed');
    assert.ok(await stage.reload({ policies: LIVE.replace('8h', '9h') }));
    assert.equal(await stage.reload({ policies: '' }), false);
    await stays(socket);
  });

  it('of nobody on a public path ends when the path is public no longer', async () => {
    const socket = await open('/static/feed', stage.visitor());
    assert.ok(await stage.reload({ policies: LIVE.replace('path: /static/**, public', 'path: /other/**, public') }));
    assert.equal(await ended(socket), 'no_session');
  });

  it('that the upstream has not answered yet when the world changes is never joined', async () => {
    const slow = createServer();
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const gateway = (text: string): string => text.replace(/upstream: .*/, `upstream: http://127.0.0.1:${port}`);
    assert.ok(await stage.reload({ policies: LIVE, gateway }));
    const asked = once(slow, 'connection') as Promise<[Socket]>;
    const opening = open('/chat').catch((error: Error) => error.message);
    const [upstream] = await asked;
    await once(
      upstream.on('error', () => {}),
      'data',
    );
    assert.ok(await stage.reload({ policies: `${LIVE}      - {id: chat, path: /chat/**, deny: true}\n`, gateway }));
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    assert.equal(await opening, 'closed after ""');
    upstream.destroy();
    await new Promise((resolve) => slow.close(resolve));
  });
});
