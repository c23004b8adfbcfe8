import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Received } from '../support/echo.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

/** Number and header line of somebody who would like to be somebody else. */
const FORGED: readonly [string, string][] = [
  ['T138', 'X-Auth-Level: hw'],
  ['T138', 'x-auth-level: hw'],
  ['T138', 'X-AUTH-LEVELS: password,mfa,hw'],
  ['T138', 'X-Auth-Subject: root'],
  ['T138', 'X-Auth-Assertion: e30.e30.'],
  ['T138', 'X-Auth-Anything: hw'],
  ['T139', 'X_Auth_Level: hw'],
  ['T139', 'x-auth_level: hw'],
  ['T139', 'X_AUTH_SUBJECT: root'],
  ['T139', 'X.Auth.Level: hw'],
  ['T139', 'x~auth-level: hw'],
  ['T139', "X'Auth'Level: hw"],
  ['T138', 'Remote-User: root'],
  ['T138', 'X-Remote-User: root'],
  ['T138', 'X-Forwarded-User: root'],
  ['T138', 'X-Forwarded-Email: root@example.com'],
  ['T138', 'X-Forwarded-Access-Token: hw'],
  ['T138', 'X-Pomerium-Jwt-Assertion: e30.e30.'],
  ['T138', 'X-Goog-IAP-JWT-Assertion: e30.e30.'],
  ['T138', 'Tailscale-User-Login: root'],
  ['T138', 'X-Stepgate-Level: hw'],
  ['T139', 'REMOTE_USER: root'],
  ['T138', 'Proxy: http://evil.example'],
  ['T138', 'X-Original-URL: /admin'],
  ['T138', 'X-Rewrite-URL: /admin'],
  ['T138', 'X-Forwarded-Prefix: /admin'],
];

/** Names and values that reached the upstream, as one text. */
const told = ({ rawHeaders }: Received): string => rawHeaders.join('\n');

describe('an upstream believes only what the gateway says about a person', () => {
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

  async function send(target: string, lines: readonly string[], jar: ReadonlyMap<string, string>) {
    const count = stage.upstream.received.length;
    const { reply } = await sendBytes(
      stage.port,
      requestBytes(target, { host, lines: [...lines, ...cookieLines(jar)] }),
    );
    assert.equal(reply.status, 200);
    assert.equal(stage.upstream.received.length, count + 1);
    return stage.upstream.received[count] as Received;
  }
  async function upgrade(target: string, lines: readonly string[], jar: ReadonlyMap<string, string>) {
    const count = stage.upstream.received.length;
    const ask = { host, origin: stage.origin, lines: [...lines, ...cookieLines(jar)] };
    assert.equal(await webSocketStatus(stage.port, target, ask), 101);
    return stage.upstream.received[count] as Received;
  }

  for (const [number, line] of FORGED) {
    const value = line.slice(line.indexOf(':') + 2);
    it(`${number} T141 T142 "${line}" reaches nobody: signed in, on a public path, or in an upgrade`, async () => {
      for (const seen of [
        await send('/home', [line], alice.jar),
        await send('/static/a', [line], new Map()),
        await upgrade('/home', [line], alice.jar),
        await upgrade('/static/a', [line], new Map()),
      ]) {
        assert.equal(told(seen).split('\n').includes(value), false, told(seen));
      }
    });
  }

  it('T138 a forged header beside ours leaves one, and it is ours', async () => {
    const forged = ['x-auth-subject: root', 'X-Auth-Level: hw', 'X-AUTH-LEVEL: hw', 'X_Auth_Level: hw'];
    for (const seen of [await send('/home', forged, alice.jar), await upgrade('/home', forged, alice.jar)]) {
      const names = seen.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
      assert.equal(seen.headers['x-auth-subject'], 'alice');
      assert.equal(seen.headers['x-auth-level'], 'password');
      assert.equal(names.filter((name) => name.replaceAll('_', '-') === 'x-auth-level').length, 1);
      assert.equal(new Set(names).size, names.length, 'no name twice');
    }
  });

  for (const line of [
    'Connection: x-auth-level',
    'Connection: close, X-Auth-Level, x-auth-subject',
    'connection: x-auth-level,x-forwarded-for,x-forwarded-proto,host,forwarded,x-real-ip',
    'Connection: x_auth_level',
    'Proxy-Connection: x-auth-level',
    'Keep-Alive: x-auth-level',
  ]) {
    it(`T140 "${line}" takes none of ours away`, async () => {
      const seen = await send('/home', [line], alice.jar);
      assert.equal(seen.headers['x-auth-level'], 'password');
      assert.equal(seen.headers['x-auth-subject'], 'alice');
      assert.equal(seen.headers['x-forwarded-proto'], 'http');
      assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(seen.headers.host, host);
    });
  }

  it('T140 T141 nor does Connection of an upgrade', async () => {
    const lines = ['Connection: x-auth-level, x-auth-subject, host'];
    const seen = await upgrade('/home', lines, alice.jar);
    assert.equal(seen.headers['x-auth-level'], 'password');
    assert.equal(seen.headers['x-auth-subject'], 'alice');
    assert.equal(seen.headers.host, host);
  });

  it('T140 what Connection names is what was received: the gate still sees it, the upstream does not', async () => {
    const lines = ['Connection: cookie, x-http-method-override', 'X-Http-Method-Override: DELETE', 'X-Kept: 1'];
    const { reply } = await sendBytes(stage.port, requestBytes('/static/a', { host, lines }));
    assert.equal(reply.status, 400, 'a method override counts also when Connection names it');
    const seen = await send('/home', ['Connection: cookie, x-mine', 'X-Mine: 1', 'X-Kept: 1'], alice.jar);
    assert.equal(seen.headers['x-mine'], undefined);
    assert.equal(seen.headers['x-kept'], '1');
    assert.equal(seen.headers.cookie, undefined);
    assert.equal(seen.headers['x-auth-subject'], 'alice');
  });

  it('T142 on a public path nobody is told about, whoever is signed in', async () => {
    const seen = await send('/static/a', [], alice.jar);
    assert.equal(told(seen).toLowerCase().includes('x-auth-'), false);
  });
});

describe('a name or group is text, whatever is in it', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  async function headersOf(person: Record<string, unknown>): Promise<Received['headers']> {
    stage.op.script.person = { sub: 'zoe', ...person };
    const zoe = stage.visitor();
    await stage.signIn(zoe);
    const reply = await zoe.open('/home');
    assert.equal(reply.status, 200, reply.text);
    return stage.upstream.received.at(-1)?.headers ?? {};
  }

  it('T145 a display name with a line break starts no header', async () => {
    const headers = await headersOf({ name: 'Zoë\r\nX-Auth-Level: hw' });
    assert.equal(headers['x-auth-name'], 'Zo%C3%AB%0D%0AX-Auth-Level: hw');
    assert.equal(headers['x-auth-level'], 'password');
  });

  it('T145 nor does a subject or address, and decoding gives the very text back', async () => {
    const sub = 'a\nX-Auth-Level: hw\0 100% \u{1f511}';
    const email = 'zoë@example.com\r\n\r\nGET /admin HTTP/1.1';
    const headers = await headersOf({ sub, email, email_verified: true });
    assert.equal(decodeURIComponent(String(headers['x-auth-subject'])), sub);
    assert.equal(decodeURIComponent(String(headers['x-auth-email'])), email);
    assert.equal(headers['x-auth-level'], 'password');
  });

  it('T145 an address that the provider did not verify is not told', async () => {
    const headers = await headersOf({ email: 'root@example.com', email_verified: false });
    assert.equal(headers['x-auth-email'], undefined);
  });
});

describe('a group is one group', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ provider: '    claims: {groups: groups}\n' });
  });
  after(() => stage.stop());

  it('T146 a comma in its name makes no second one', async () => {
    const groups = ['a,admin', 'b%2Cadmin', 'c d', 'e\r\nX-Auth-Level: hw'];
    stage.op.script.person = { sub: 'alice', groups };
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/home')).status, 200);
    const told = String(stage.upstream.received.at(-1)?.headers['x-auth-groups']);
    assert.deepEqual(told.split(',').map(decodeURIComponent), groups);
  });

  for (const [what, groups, told] of [
    ['a text', 'admin', 'admin'],
    ['a list with a number', ['admin', 1], undefined],
    ['a map', { admin: true }, undefined],
    ['a list of lists', [['admin']], undefined],
    ['nothing', null, undefined],
  ] as const) {
    it(`T146 a groups claim that is ${what} comes to ${told ?? 'no group'}`, async () => {
      stage.op.script.person = { sub: 'alice', groups };
      const alice = stage.visitor();
      await stage.signIn(alice);
      assert.equal((await alice.open('/home')).status, 200);
      assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups'], told);
    });
  }
});
