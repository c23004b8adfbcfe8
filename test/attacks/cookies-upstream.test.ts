import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newScope, startRaw } from '../proxy/harness.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { askWebSocket } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

/** What an upstream may try, by the name a browser would keep the cookie under. */
const STOLEN = [
  'stepgate-corp=evil',
  'stepgate-corp=; Max-Age=0',
  'stepgate-corp=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/',
  'stepgate-corp=x; Domain=example.com',
  'stepgate-corp-1=x',
  'stepgate-seen-corp=x',
  'stepgate-flow-0=x',
  'stepgate-flow-4=; Max-Age=0',
  'stepgate-device=x',
  'stepgate-browser=x',
  'stepgate=x',
  'stepgate-anything=x',
  '__Host-stepgate-corp=x; Secure; Path=/',
  '__host-stepgate-corp=x; Secure; Path=/',
  '__HOST-stepgate-corp=; Max-Age=0',
  '__Secure-stepgate-corp=x',
  '  stepgate-corp=x',
  '\tstepgate-corp=x',
  'stepgate-corp =x',
  'stepgate-corp\t=x',
  'stepgate-corp',
  '=stepgate-corp=x',
  ' = stepgate-corp=x',
  '=stepgate-corp',
  '; stepgate-corp=x',
];
const KEPT = ['app=1; HttpOnly', 'stepgatex=1', 'my-stepgate-corp=1', 'x=stepgate-corp=1', 'Stepgate=1'];

/** Without what separates nothing from nothing. */
const tidy = (cookie: string | undefined): string | undefined => cookie?.replace(/[;\s]+$/, '');

describe('our cookies cross neither to nor from an upstream', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  before(async () => {
    stage = await startStage();
    host = new URL(stage.origin).host;
    alice = stage.visitor();
    await stage.signIn(alice);
    // A second trip, left under way: there is a flow cookie too.
    await alice.open('/admin');
    assert.deepEqual([...alice.jar.keys()].map((name) => name.replace(/\d/, 'N')).sort(), [
      'stepgate-browser',
      'stepgate-corp',
      'stepgate-flow-N',
      'stepgate-seen-corp',
    ]);
  });
  after(() => stage.stop());

  for (const cookie of STOLEN) {
    it(`T149 an upstream's Set-Cookie ${JSON.stringify(cookie)} is dropped, signed in or not`, async () => {
      stage.upstream.answer.headers = { 'Set-Cookie': [cookie, 'app=1'], 'SET-COOKIE': cookie };
      const page = await alice.open('/home');
      const open = await stage.visitor().open('/static/a');
      stage.upstream.answer.headers = {};
      assert.deepEqual(page.setCookies, ['app=1']);
      assert.deepEqual(open.setCookies, ['app=1']);
    });
  }

  it('T149 the session is there after all of it', async () => {
    assert.equal((await alice.open('/home')).status, 200);
  });

  it("T149 the app's own cookies pass as they are, and so do names that only resemble ours", async () => {
    stage.upstream.answer.headers = { 'set-cookie': KEPT };
    const page = await alice.open('/home');
    stage.upstream.answer.headers = {};
    assert.deepEqual(page.setCookies, KEPT);
    for (const cookie of KEPT) alice.jar.delete(cookie.slice(0, cookie.indexOf('=')));
  });

  for (const value of ['"*"', '"cookies"', '"cookies", "storage"', '"cache", "executionContexts"', 'cookies']) {
    it(`T149 Clear-Site-Data: ${value} of an upstream is dropped on every path`, async () => {
      stage.upstream.answer.headers = { 'Clear-Site-Data': value };
      const page = await alice.open('/home');
      const open = await stage.visitor().open('/static/a');
      stage.upstream.answer.headers = {};
      assert.equal(page.headers['clear-site-data'], undefined);
      assert.equal(open.headers['clear-site-data'], undefined);
    });
  }

  it('T149 an upstream cannot name our cookies in Connection, or answer with our headers', async () => {
    stage.upstream.answer.headers = { 'X-Auth-Level': 'hw', X_Auth_Subject: 'root', 'X-Stepgate-X': '1', 'X-App': '1' };
    const { headers } = await alice.open('/home');
    stage.upstream.answer.headers = {};
    assert.equal(headers['x-app'], '1');
    assert.deepEqual(
      Object.keys(headers).filter((name) => /auth|stepgate/.test(name)),
      [],
    );
  });

  it('T149 an answer that is no 200 is cleaned as well', async () => {
    for (const status of [204, 302, 304, 401, 404, 500, 503]) {
      stage.upstream.answer.status = status;
      stage.upstream.answer.headers = { 'Set-Cookie': 'stepgate-corp=', 'Clear-Site-Data': '"*"' };
      const reply = await alice.open('/home');
      stage.upstream.answer.status = 200;
      stage.upstream.answer.headers = {};
      assert.equal(reply.status, status);
      assert.deepEqual(reply.setCookies, []);
      assert.equal(reply.headers['clear-site-data'], undefined);
    }
  });

  const SENT: readonly [string, (ours: string) => readonly string[], string | undefined][] = [
    ['alone', (ours) => [`Cookie: ${ours}`], undefined],
    ['before the app’s', (ours) => [`Cookie: ${ours}; app=1`], 'app=1'],
    ['between the app’s', (ours) => [`Cookie: a=1; ${ours}; b=2`], 'a=1; b=2'],
    ['in a field of their own', (ours) => ['Cookie: app=1', `Cookie: ${ours}`], 'app=1'],
    ['without spaces', (ours) => [`Cookie: app=1;${ours.replaceAll('; ', ';')}`], 'app=1'],
    ['with odd spaces', (ours) => [`Cookie: app=1 ;\t ${ours}  ; `], 'app=1'],
    [
      'under names we do not use yet',
      () => ['Cookie: stepgate-x=S; __Host-stepgate=S; __secure-stepgate-y=S; app=1'],
      'app=1',
    ],
    ['without a value', () => ['Cookie: stepgate-corp; stepgate; app=1'], 'app=1'],
    ['inside quotes', (ours) => [`Cookie: app="x; ${ours}; y"`], 'app="x; y"'],
    ['in a field written otherwise', (ours) => [`COOKIE: ${ours}`, 'cookie: app=1'], 'app=1'],
  ];
  for (const [what, lines, left] of SENT) {
    it(`T150 ours are cut out of a request that sends them ${what}, and out of an upgrade`, async () => {
      const sent = lines([...alice.jar].map((pair) => pair.join('=')).join('; '));
      const bytes = requestBytes('/static/a', { host, lines: sent });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, 200);
      assert.equal(tidy(stage.upstream.received.at(-1)?.headers.cookie), left);
      const { status, socket } = await askWebSocket(stage.port, '/static/a', {
        host,
        origin: stage.origin,
        lines: sent,
      });
      socket.destroy();
      assert.equal(status, 101);
      assert.equal(tidy(stage.upstream.received.at(-1)?.headers.cookie), left);
    });
  }

  it('T150 nothing of ours is anywhere in what a signed-in request or upgrade brings to the upstream', async () => {
    const lines = cookieLines(alice.jar);
    await sendBytes(stage.port, requestBytes('/home', { host, lines: [...lines, 'Cookie2: $Version=1'] }));
    const { socket } = await askWebSocket(stage.port, '/home', { host, origin: stage.origin, lines });
    socket.destroy();
    for (const seen of stage.upstream.received.slice(-2)) {
      assert.equal(seen.headers['x-auth-subject'], 'alice');
      for (const value of alice.jar.values()) assert.equal(seen.rawHeaders.join('\n').includes(value), false);
    }
  });
});

describe('our cookies do not cross in the answer to an upgrade', () => {
  it('T149 a 101 with Set-Cookie of our name, Clear-Site-Data or identity headers loses them', async () => {
    const scope = newScope();
    const answer = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Set-Cookie: stepgate-corp=',
      'Set-Cookie: __Host-stepgate-corp=; Max-Age=0',
      'Set-Cookie: app=1',
      'Clear-Site-Data: "*"',
      'X-Auth-Level: hw',
    ];
    const upstream = await startRaw(scope, (socket) => {
      socket.once('data', () => socket.write(`${answer.join('\r\n')}\r\n\r\n`));
    });
    const stage = await startStage({
      gateway: (text) => text.replace(/upstream: .*/, `upstream: ${upstream.origin}`),
    });
    try {
      const ask = { host: new URL(stage.origin).host, origin: stage.origin };
      const { status, lines, socket } = await askWebSocket(stage.port, '/static/a', ask);
      socket.destroy();
      assert.equal(status, 101);
      assert.deepEqual(lines, ['Upgrade: websocket', 'Connection: Upgrade', 'Set-Cookie: app=1']);
    } finally {
      await stage.stop();
      await scope.end();
    }
  });
});
