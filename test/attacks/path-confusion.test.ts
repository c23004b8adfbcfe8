import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { NAVIGATION, type Visitor } from '../support/visitor.ts';

const PEOPLE = Object.entries(NAVIGATION).map(([name, value]) => `${name}: ${value}`);

/** The ways to /admin/**, which asks for mfa, of somebody who has proven a password only. */
const REFUSED: readonly [string, string, string][] = [
  ['T116', 'a dot segment', '/./admin'],
  ['T117', 'an encoded dot segment', '/%2e/admin'],
  ['T119', 'a fragment', '/admin#x'],
  ['T119', 'a fragment in the query', '/static?x#/../admin'],
  ['T120', 'a parent segment', '/static/../admin'],
  ['T121', 'an encoded parent segment', '/static/%2e%2e/admin'],
  ['T121', 'a half-encoded parent segment', '/static/.%2E/admin'],
  ['T122', 'an encoded slash behind a parent segment', '/static/..%2fadmin'],
  ['T122', 'an encoded slash alone', '/static%2F..%2Fadmin'],
  ['T123', 'a twice-encoded parent segment', '/static/%252e%252e/admin'],
  ['T123', 'a thrice-encoded parent segment', '/static/%25252e%25252e/admin'],
  ['T123', 'the other escape of a dot', '/static/%25u002e%25u002e/admin'],
  ['T125', 'an empty first segment', '//admin'],
  ['T125', 'an empty segment within', '/x//admin'],
  ['T125', 'an empty segment at the end', '/admin//'],
  ['T127', 'parameters', '/admin;a=b/x'],
  ['T127', 'parameters of a dot segment', '/static/..;/admin'],
  ['T127', 'parameters of an encoded dot segment', '/static/%2e%2e;x=1/admin'],
  ['T127', 'an encoded semicolon', '/admin%3Ba=b/x'],
  ['T128', 'an encoded slash', '/admin%2fx'],
  ['T128', 'a twice-encoded slash', '/admin%252fx'],
  ['T130', 'a null byte', '/admin%00'],
  ['T130', 'a null byte before a suffix', '/admin%00.css'],
  ['T130', 'a line feed', '/admin%0a'],
  ['T130', 'a tab', '/admin%09'],
  ['T130', 'a C1 control', '/admin%c2%85'],
  ['T134', 'an asterisk', '*'],
  ['T116', 'a backslash', '/.\\admin'],
  ['T116', 'a leading backslash', '/\\admin'],
  ['T117', 'an encoded backslash', '/admin%5cx'],
  ['T123', 'a twice-encoded backslash', '/admin%255cx'],
  ['T121', 'overlong UTF-8 of a dot', '/static/%c0%ae%c0%ae/admin'],
  ['T122', 'overlong UTF-8 of a slash', '/static%c0%afadmin'],
  ['T131', 'a lone surrogate', '/admin%ed%a0%80'],
  ['T131', 'a broken escape', '/admin%zz'],
  ['T131', 'a cut escape', '/admin%2'],
  ['T131', 'the %u escape', '/%u0061dmin'],
  ['T136', 'a question mark that is a letter, then a parent segment', '/static%3f/../admin'],
];

describe('no spelling of a protected path reaches the upstream unproven', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  before(async () => {
    stage = await startStage();
    host = new URL(stage.origin).host;
    alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/home')).status, 200);
  });
  after(() => stage.stop());

  /** What became of a request of Alice's, and how many reached the upstream for it. */
  async function attempt(target: string, method = 'GET', lines: readonly string[] = PEOPLE) {
    const before = stage.upstream.received.length;
    const bytes = requestBytes(target, { method, host, lines: [...lines, ...cookieLines(alice.jar)] });
    const { reply } = await sendBytes(stage.port, bytes);
    return { reply, passed: stage.upstream.received.slice(before) };
  }
  const webSocket = (target: string) =>
    webSocketStatus(stage.port, target, { host, origin: stage.origin, lines: cookieLines(alice.jar) });

  for (const [number, what, target] of REFUSED) {
    it(`${number} ${what} (${target}) is 400 ambiguous_request, for upgrades too, and nothing is forwarded`, async () => {
      const { reply, passed } = await attempt(target);
      assert.equal(reply.status, 400);
      assert.match(reply.body, /ambiguous_request/);
      assert.deepEqual(reply.values('set-cookie'), []);
      assert.equal(await webSocket(target), 400);
      assert.deepEqual(passed, []);
    });
  }

  it('T120 a refused path is in the audit log with its reason, and the session stays as it was', async () => {
    const count = stage.events('deny').length;
    await attempt('/static/../admin');
    const [event, ...more] = stage.events('deny').slice(count);
    assert.equal(event?.why, 'ambiguous_request');
    assert.deepEqual(more, []);
    const session = (await alice.fetch('/.stepgate/session')).json();
    assert.equal(session.level, 'password');
    assert.equal((await alice.open('/home')).status, 200);
  });

  const CHALLENGED: readonly [string, string, string][] = [
    ['T131', 'an encoded letter', '/%61dmin'],
    ['T131', 'every letter encoded', '/%61%64%6D%69%6e/x'],
    ['T116', 'a trailing slash', '/admin/'],
    ['T136', 'a public path in the query', '/admin?x=/static'],
    ['T136', 'a query with nothing in it', '/admin?'],
    ['T136', 'dot segments in the query of a protected path', '/admin/x?/../../static/a'],
    ['T131', 'an encoded letter below it', '/admin/%61.json'],
  ];
  for (const [number, what, target] of CHALLENGED) {
    it(`${number} ${what} (${target}) is still the protected path: challenged, also as an upgrade`, async () => {
      const { reply, passed } = await attempt(target);
      assert.equal(reply.status, 303);
      assert.ok(reply.values('location')[0]?.startsWith(stage.op.issuer));
      assert.equal(await webSocket(target), 401);
      assert.deepEqual(passed, []);
    });
  }

  it('T131 an encoded letter of a path that is allowed is forwarded decoded: what was judged', async () => {
    const { reply, passed } = await attempt('/%68ome/%7Ea?x=%61');
    assert.equal(reply.status, 200);
    assert.deepEqual(
      passed.map(({ target }) => target),
      ['/home/~a?x=%61'],
    );
  });

  it('T131 raw bytes over 127 are no request', async () => {
    const { reply, passed } = await attempt('/\xe1dmin');
    assert.equal(reply.status, 400);
    assert.deepEqual(passed, []);
  });

  it('T132 an absolute-form target of this host is judged by its path', async () => {
    const { reply, passed } = await attempt(`http://${host}/admin`);
    assert.equal(reply.status, 303);
    assert.deepEqual(passed, []);
    assert.equal((await attempt(`HTTP://${host.toUpperCase()}/home`)).reply.status, 200);
    assert.equal((await attempt(`http://${host}/./admin`)).reply.status, 400);
    assert.equal((await attempt(`http://${host}?/admin`)).passed[0]?.target, '/?/admin');
  });

  for (const [what, target] of [
    ['another host', 'http://evil.example/admin'],
    ['a public path of another host', 'http://evil.example/static/a'],
    ['this host behind user information', 'http://HOST@evil.example/home'],
    ['user information before this host', 'http://x@HOST/home'],
    ['no authority', 'http:///home'],
    ['another scheme', 'ftp://HOST/home'],
    ['a scheme without slashes', 'http:/home'],
    ['a backslash authority', 'http:\\\\HOST\\home'],
    ['no slash at all', 'admin'],
    ['a fragment behind this host', 'http://HOST/home#x'],
  ] as const) {
    it(`T132 an absolute-form target with ${what} is 400`, async () => {
      const { reply, passed } = await attempt(target.replace('HOST', host));
      assert.equal(reply.status, 400);
      assert.deepEqual(passed, []);
    });
  }

  it('T132 an upgrade is never asked for in absolute form', async () => {
    assert.equal(await webSocket(`http://${host}/home`), 400);
    assert.equal(await webSocket('http://evil.example/home'), 400);
  });

  it('T134 OPTIONS * and CONNECT never reach an upstream', async () => {
    const options = await attempt('*', 'OPTIONS');
    assert.equal(options.reply.status, 400);
    const tunnel = await attempt(host, 'CONNECT');
    assert.notEqual(tunnel.reply.status, 200);
    const trace = await attempt('/home', 'TRACE');
    assert.equal(trace.reply.status, 405);
    assert.deepEqual([...options.passed, ...tunnel.passed, ...trace.passed], []);
  });

  it('T136 dot segments in a query are letters: forwarded as they came, judged by the path', async () => {
    const { reply, passed } = await attempt('/static?/../admin');
    assert.equal(reply.status, 200);
    assert.deepEqual(
      passed.map(({ target }) => target),
      ['/static?/../admin'],
    );
  });
});
