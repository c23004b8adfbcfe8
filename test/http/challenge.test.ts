import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';
import { NAVIGATION } from '../support/visitor.ts';

describe('a challenge is told in the form its client can use', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  it('to a fetch(): 401, RFC 9470, a body with the step-up URL, and no cookie', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const reply = await visitor.fetch('/fresh/x', { headers: { referer: `${stage.origin}/list?page=2` } });
    assert.equal(reply.status, 401);
    assert.equal(
      reply.headers['www-authenticate'],
      'Bearer realm="payroll", error="insufficient_user_authentication", ' +
        'error_description="Two-step verification used in the last 2 minutes is required", acr_values="mfa", max_age=120',
    );
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.equal(reply.headers['cache-control'], 'no-store');
    assert.deepEqual(reply.setCookies, []);
    const body = reply.json();
    assert.equal(body.type, 'urn:stepgate:insufficient_level');
    assert.equal(body.why, 'insufficient_level');
    assert.equal(body.rule, 'payroll/fresh');
    assert.equal(body.level, 'mfa');
    assert.equal(body.max_age, 120);

    const url = new URL(String(body.step_up_url));
    assert.equal(url.origin, stage.origin);
    const back = await stage.passProvider(visitor, await visitor.open(`${url.pathname}${url.search}`));
    assert.equal(back.location, `${stage.origin}/list?page=2`, 'returns to the page that called');
    assert.equal((await visitor.fetch('/fresh/x')).status, 200);
  });

  it('to an anonymous client: no_session, by the same form', async () => {
    const reply = await stage.visitor().fetch('/home');
    assert.equal(reply.status, 401);
    assert.equal(reply.json().why, 'no_session');
    assert.match(String(reply.headers['www-authenticate']), /acr_values="password"$/);
  });

  it('to curl, which accepts anything: 401, not a redirect', async () => {
    const reply = await stage.visitor().send('/home', { headers: { accept: '*/*' } });
    assert.equal(reply.status, 401);
  });

  it('to an old browser without Fetch Metadata: a redirect', async () => {
    const reply = await stage.visitor().send('/home', { headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.equal(reply.status, 303);
    assert.equal(reply.headers['cache-control'], 'no-store');
  });

  it('to a prefetch: no flow', async () => {
    const reply = await stage.visitor().open('/home', { headers: { 'sec-purpose': 'prefetch;prerender' } });
    assert.equal(reply.status, 401);
    assert.deepEqual(reply.setCookies, []);
  });

  it('inside a frame: a page that only this origin may frame, with one link for the whole window', async () => {
    const reply = await stage.visitor().open('/home', { headers: { 'sec-fetch-dest': 'iframe' } });
    assert.equal(reply.status, 401);
    assert.match(String(reply.headers['content-security-policy']), /frame-ancestors 'self'/);
    assert.deepEqual([...reply.text.matchAll(/<a /g)].length, 1);
    assert.match(reply.text, /target="_top"/);
    assert.deepEqual(reply.setCookies, []);
  });

  it('to a submitted form: a page, nothing forwarded, a link to the step-up', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const before = stage.upstream.received.length;
    const reply = await visitor.open('/admin/pay', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        referer: `${stage.origin}/form`,
        origin: stage.origin,
      },
      body: 'amount=12',
    });
    assert.equal(reply.status, 401);
    assert.match(reply.text, /\/\.stepgate\/step-up\?t=/);
    assert.match(reply.text, /href="\/form"/);
    assert.equal(stage.upstream.received.length, before);
  });

  it('a step-up URL is only opened by a navigation of its own', async () => {
    const visitor = stage.visitor();
    const reply = await visitor.fetch('/home');
    const url = new URL(String(reply.json().step_up_url));
    const target = `${url.pathname}${url.search}`;
    assert.equal((await visitor.fetch(target)).status, 403);
    assert.equal((await visitor.open(target, { headers: { 'sec-fetch-dest': 'iframe' } })).status, 403);
    assert.equal((await visitor.open(target)).status, 303);
  });
});

describe('a request that is refused', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  const cases: readonly [string, string, number, string][] = [
    ['a closed path', '/legacy/old', 403, 'forbidden'],
    ['an ambiguous path', '/a%2fb', 400, 'ambiguous_request'],
    ['an unknown own route', '/.stepgate/nothing', 404, 'not_found'],
    ['an own route spelt otherwise', '/%2Estepgate/%6eothing', 404, 'not_found'],
    ['a URL over 8 kB', `/${'a'.repeat(9000)}`, 414, 'url_too_long'],
    ['a broken escape', '/%E9', 400, 'ambiguous_request'],
  ];
  for (const [what, target, status, code] of cases) {
    it(`${what} is a page for people and a problem document for programs`, async () => {
      const page = await stage.visitor().open(target);
      assert.equal(page.status, status);
      assert.match(String(page.headers['content-type']), /text\/html/);
      assert.match(page.text, new RegExp(code));
      const program = await stage.visitor().fetch(target);
      assert.equal(program.status, status);
      assert.equal(program.json().type, `urn:stepgate:${code}`);
    });
  }

  it('an unknown host is 421', async () => {
    assert.equal((await stage.visitor().open('/', { headers: { host: 'evil.example' } })).status, 421);
  });

  it('a Cookie header over 12 kB is 431 and heals the browser', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const ours = [...visitor.jar.keys()];
    visitor.jar.set('theirs', 'x'.repeat(13_000));
    const reply = await visitor.open('/home');
    assert.equal(reply.status, 431);
    assert.ok(ours.length > 0);
    for (const name of ours) assert.equal(visitor.jar.has(name), false, name);
    assert.equal(visitor.jar.has('theirs'), true);
  });

  it('another method smuggled in is refused where rules look at methods', async () => {
    const reply = await stage
      .visitor()
      .open('/open', { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } });
    assert.equal(reply.status, 400);
    assert.equal(
      (await stage.visitor().open('/open?a=1&%5Fmethod=DELETE', { headers: { ...NAVIGATION } })).status,
      400,
    );
  });
});

describe('a request that could be read in two ways', () => {
  it('is in the audit with the check that found it, wherever that stands', async () => {
    const stage = await startStage();
    for (const target of ['/a%2fb', '/%E9', '/a;b']) await stage.visitor().open(target);
    assert.deepEqual(
      stage.events('deny').map(({ why, detail }) => `${why} ${detail}`),
      ['encoded_slash', 'bad_encoding', 'parameters'].map((detail) => `ambiguous_request ${detail}`),
    );
    await stage.stop();
  });
});
