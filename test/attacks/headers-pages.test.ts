import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { FETCH, NAVIGATION, type Reply, type Sending, type Visitor } from '../support/visitor.ts';

/** No page of ours runs a script, loads anything, posts elsewhere or can be framed by others. */
function assertPage(reply: Reply, ancestors: "'none'" | "'self'" = "'none'"): void {
  assert.match(String(reply.headers['content-type']), /^text\/html; charset=utf-8$/);
  const policy = new Map(
    String(reply.headers['content-security-policy'])
      .split('; ')
      .map((directive): [string, string] => {
        const [name = '', ...values] = directive.split(' ');
        return [name, values.join(' ')];
      }),
  );
  assert.equal(policy.get('default-src'), "'none'");
  assert.equal(policy.get('script-src'), undefined);
  assert.match(policy.get('style-src') ?? '', /^'sha256-[\w+/=]+'$/);
  assert.equal(policy.get('form-action'), "'self'");
  assert.equal(policy.get('base-uri'), "'none'");
  assert.equal(policy.get('frame-ancestors'), ancestors);
  assert.equal(reply.headers['x-frame-options'], ancestors === "'none'" ? 'DENY' : 'SAMEORIGIN');
  assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  assert.match(String(reply.headers['referrer-policy']), /^(?:no-referrer|same-origin)$/);
  assert.equal(reply.headers['cross-origin-opener-policy'], 'noopener-allow-popups');
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.doesNotMatch(reply.text, /<script|\son\w+=|javascript:/i);
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const IFRAME = { 'sec-fetch-dest': 'iframe' };

describe('every answer of ours protects itself', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  const PAGES: readonly [string, string, number, Sending?][] = [
    ['a closed page', '/legacy/x', 403],
    ['an ambiguous address', '/a%2fb', 400],
    ['an address that the router refuses', '/%E9', 400],
    ['an unknown route of ours', '/.stepgate/x', 404],
    ['an address over 8 kB', `/${'a'.repeat(9_000)}`, 414],
    ['another host', '/', 421, { headers: { host: 'evil.example' } }],
    ['too many cookies', '/home', 431, { headers: { cookie: `x=${'a'.repeat(13_000)}` } }],
    ['the question whether to sign out', '/.stepgate/sign-out', 200],
    ['the page after signing out', '/.stepgate/signed-out', 200],
    [
      'a sign-out of another site',
      '/.stepgate/sign-out',
      403,
      { method: 'POST', headers: { ...FORM, origin: 'https://evil.example' }, body: '' },
    ],
    ['a sign-out without its token', '/.stepgate/sign-out', 400, { method: 'POST', headers: FORM, body: 'token=x' }],
    [
      'a sign-out that is too large',
      '/.stepgate/sign-out',
      413,
      { method: 'POST', headers: FORM, body: 'x'.repeat(5_000) },
    ],
    ['a step-up link that is altered', '/.stepgate/step-up?t=x', 400],
    ['a callback without state', '/.stepgate/callback/corp', 400],
    ['a callback with a foreign state', '/.stepgate/callback/corp?state=x&code=y', 400],
    ['a callback of an unknown provider', '/.stepgate/callback/nobody?state=x', 400],
    ['a form that needs a step-up', '/admin', 401, { method: 'POST', headers: FORM, body: 'a=1' }],
  ];
  for (const [what, target, status, sending] of PAGES) {
    it(`T166 ${what} cannot be framed, scripted or kept`, async () => {
      const reply = await alice.open(target, sending);
      assert.equal(reply.status, status, reply.text);
      assertPage(reply);
    });
  }

  it('T166 the page for a frame can be framed by its own origin, and by no other', async () => {
    const reply = await alice.open('/admin', { headers: { ...IFRAME, 'sec-fetch-site': 'cross-site' } });
    assert.equal(reply.status, 401);
    assertPage(reply, "'self'");
    assert.deepEqual(reply.setCookies, []);
  });

  it('T166 inside a frame every other page refuses to be framed as well', async () => {
    for (const [target, status] of [
      ['/legacy/x', 403],
      ['/.stepgate/sign-out', 200],
      ['/.stepgate/signed-out', 200],
      ['/.stepgate/step-up?t=x', 403],
      ['/.stepgate/callback/corp?state=x', 403],
    ] as const) {
      const reply = await alice.open(target, { headers: IFRAME });
      assert.equal(reply.status, status, target);
      assertPage(reply);
    }
  });

  it('T166 what a request brings is shown as text', async () => {
    stage.op.script.answer = (parameters) => {
      parameters.set('error', 'access_denied');
      parameters.set('error_description', '<img src=x onerror=alert(1)>');
      parameters.delete('code');
      return parameters;
    };
    const target = '/admin/%22%3E%3Cscript%3Ealert(1)%3C/script%3E?%22%3E%3Cimg%20src=x%3E';
    const reply = await stage.passProvider(alice, await alice.open(target));
    stage.op.script.answer = (parameters) => parameters;
    assert.equal(reply.status, 403);
    assertPage(reply);
    assert.doesNotMatch(reply.text, /<img|<script|onerror/);
  });

  const UNKEPT: readonly [string, string, number, Sending][] = [
    ['a redirect to the provider', '/admin', 303, { headers: NAVIGATION }],
    ['a challenge', '/admin', 401, { headers: FETCH }],
    ['a refusal', '/legacy/x', 403, { headers: FETCH }],
    ['a bad request', '/a%2fb', 400, { headers: FETCH }],
    ['an address that the router refuses', '/%', 400, { headers: FETCH }],
    ['a missing route', '/.stepgate/x', 404, { headers: FETCH }],
    ['a trace', '/home', 405, { method: 'TRACE', headers: FETCH }],
    ['the session', '/.stepgate/session', 200, { headers: FETCH }],
    [
      'the session for another site',
      '/.stepgate/session',
      403,
      { headers: { ...FETCH, 'sec-fetch-site': 'cross-site' } },
    ],
    ['health', '/.stepgate/healthz', 200, {}],
    ['readiness', '/.stepgate/readyz', 200, {}],
  ];
  for (const [what, target, status, sending] of UNKEPT) {
    it(`T166 ${what} is not kept by any cache, and never CORS`, async () => {
      const origin = { origin: 'https://evil.example' };
      const reply = await alice.send(target, { ...sending, headers: { ...sending.headers, ...origin } });
      assert.equal(reply.status, status);
      assert.equal(reply.headers['cache-control'], 'no-store');
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
      assert.ok(status === 303 || reply.headers['x-content-type-options'] === 'nosniff');
      if (status === 303) assert.equal(reply.headers['referrer-policy'], 'no-referrer');
    });
  }

  it('T166 the redirect back to the page is not kept either, nor is the page itself by a shared cache', async () => {
    const bob = stage.visitor();
    stage.upstream.answer.headers = {
      'Cache-Control': 'public, max-age=600, s-maxage=600',
      'Surrogate-Control': 'max-age=9',
    };
    const back = await stage.signIn(bob);
    const page = await bob.open('/home');
    stage.upstream.answer.headers = {};
    assert.equal(back.status, 303);
    assert.equal(back.headers['cache-control'], 'no-store');
    assert.equal(page.headers['cache-control'], 'max-age=600, private');
    assert.equal(page.headers['surrogate-control'], undefined);
  });

  for (const method of ['HEAD', 'GET']) {
    it(`T168 ${method} of a protected page is challenged, never passed`, async () => {
      const count = stage.upstream.received.length;
      assert.equal((await alice.open('/admin', { method })).status, 303);
      assert.equal((await alice.fetch('/admin', { method })).status, 401);
      assert.equal((await alice.open('/legacy', { method })).status, 403);
      assert.equal((await stage.visitor().fetch('/home', { method })).status, 401);
      assert.equal(stage.upstream.received.length, count);
    });
  }

  it('T168 every other method of a protected page is challenged as well', async () => {
    const host = new URL(stage.origin).host;
    const count = stage.upstream.received.length;
    for (const method of [
      'OPTIONS',
      'PUT',
      'PATCH',
      'DELETE',
      'PROPFIND',
      'MOVE',
      'QUERY',
      'LOCK',
      'SUBSCRIBE',
      'M-SEARCH',
    ]) {
      const preflight = ['Origin: https://evil.example', 'Access-Control-Request-Method: POST'];
      const { reply } = await sendBytes(stage.port, requestBytes('/admin', { method, host, lines: preflight }));
      assert.equal(reply.status, 401, method);
    }
    assert.equal(stage.upstream.received.length, count);
  });

  it('T168 a public rule for GET is one for HEAD, and for nothing else', async () => {
    assert.equal((await stage.visitor().fetch('/static/a', { method: 'HEAD' })).status, 200);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      assert.equal((await stage.visitor().fetch('/static/a', { method })).status, 401, method);
    }
  });

  const OVERRIDES: readonly Sending['headers'][] = [
    { 'x-http-method-override': 'DELETE' },
    { 'X-HTTP-Method': 'DELETE' },
    { 'X-Method-Override': 'DELETE' },
  ];
  for (const headers of OVERRIDES) {
    it(`T168 ${Object.keys(headers ?? {})[0]} is refused where rules look at the method`, async () => {
      const count = stage.upstream.received.length;
      for (const method of ['GET', 'POST']) {
        assert.equal((await alice.fetch('/open', { method, headers: { ...headers } })).status, 400);
      }
      assert.equal(stage.upstream.received.length, count);
    });
  }

  for (const query of [
    '_method=DELETE',
    'a=1&_METHOD=delete',
    '%5fmethod=DELETE',
    'a;_method=x',
    '_method[]=DELETE',
    '_method',
  ]) {
    it(`T168 so is ?${query}`, async () => {
      assert.equal((await alice.fetch(`/open?${query}`)).status, 400);
    });
  }
});
