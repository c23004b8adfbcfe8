import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { newestAssertion, newKey, startAssertedStage, unverified } from '../support/assertions.ts';
import { NOON } from '../support/besieged.ts';
import type { Received } from '../support/echo.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import type { Stage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const SECOND = 1000;

describe('the assertion that an upstream gets', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startAssertedStage(newKey());
    host = new URL(stage.origin).host;
  });
  beforeEach(async () => {
    alice = stage.visitor();
    await stage.signIn(alice, '/admin/x');
  });
  afterEach(() => mock.timers.setTime(NOON));
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  const assertionFor = async (target: string, by = alice): Promise<string> => {
    assert.equal((await by.open(target)).status, 200);
    return newestAssertion(stage);
  };

  /** Every assertion that came with a request, under whatever name an upstream could read as ours. */
  const assertionsIn = ({ rawHeaders }: Received): readonly string[] =>
    rawHeaders.filter((_, i) => i % 2 === 1 && /^x.auth.assertion$/i.test(rawHeaders[i - 1] ?? ''));

  const verified = async (assertion: string, audience: string): Promise<JWTPayload> => {
    const keys = (await alice.fetch('/.stepgate/jwks.json')).json() as unknown as JSONWebKeySet;
    const options = { algorithms: ['ES256'], typ: 'stepgate-assertion+jwt', issuer: stage.origin, audience };
    return (await jwtVerify(assertion, createLocalJWKSet(keys), options)).payload;
  };

  const FORGED = [
    ['T138', 'X-Auth-Assertion: FORGED'],
    ['T138', 'x-auth-ASSERTION: FORGED'],
    ['T139', 'X_Auth_Assertion: FORGED'],
    ['T139', 'X.Auth.Assertion: FORGED'],
    ['T140', 'Connection: X-Auth-Assertion'],
    ['T140', 'Connection: close, x-auth-assertion, x-auth-subject'],
  ] as const;

  for (const [number, line] of FORGED) {
    it(`${number} is ours alone though a client sends "${line}"`, async () => {
      const forged = line.replace('FORGED', await assertionFor('/wiki/page'));
      const bytes = requestBytes('/admin/x', { host, lines: [forged, ...cookieLines(alice.jar)] });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, 200);
      const newest = stage.upstream.received.at(-1);
      assert.ok(newest !== undefined);
      const [only, second] = assertionsIn(newest);
      assert.equal(second, undefined);
      assert.equal((await verified(only ?? '', 'payroll')).sub, 'alice');
    });
  }

  it('T142 is not there on a public path, not even for who is signed in, and a copy sent along is removed', async () => {
    const own = await assertionFor('/admin/x');
    for (const jar of [alice.jar, new Map<string, string>()]) {
      const lines = [`X-Auth-Assertion: ${own}`, `X_Auth_Assertion: ${own}`, ...cookieLines(jar)];
      const { reply } = await sendBytes(stage.port, requestBytes('/open/x', { host, lines }));
      assert.equal(reply.status, 200);
      const newest = stage.upstream.received.at(-1);
      assert.equal(newest?.target, '/open/x');
      assert.ok(!newest.rawHeaders.join('\n').includes(own));
    }
  });

  it('T141 comes with a WebSocket upgrade as well, and a copy sent along is removed', async () => {
    const forged = await assertionFor('/wiki/page');
    const lines = [`X-Auth-Assertion: ${forged}`, ...cookieLines(alice.jar)];
    assert.equal(await webSocketStatus(stage.port, '/admin/ws', { host, origin: stage.origin, lines }), 101);
    const newest = stage.upstream.received.at(-1);
    assert.ok(newest !== undefined);
    const [only, second] = assertionsIn(newest);
    assert.equal(second, undefined);
    assert.equal((await verified(only ?? '', 'payroll')).level, 'mfa');
  });

  it('T138 never comes back to the browser, whatever the application answers', async () => {
    stage.upstream.answer.headers = { 'x-auth-assertion': 'e30.e30.', x_auth_assertion: 'e30.e30.' };
    const reply = await alice.open('/admin/x');
    stage.upstream.answer.headers = {};
    assert.deepEqual(
      Object.keys(reply.headers).filter((name) => /assertion/.test(name)),
      [],
    );
  });

  it('T174 is for one app: its neighbour on the same origin gets another', async () => {
    const [payroll, wiki, again] = [
      await assertionFor('/home'),
      await assertionFor('/wiki/page'),
      await assertionFor('/home'),
    ];
    assert.equal((await verified(payroll, 'payroll')).aud, 'payroll');
    assert.equal((await verified(wiki, 'wiki')).aud, 'wiki');
    assert.equal(again, payroll, 'the two do not drive each other out of memory');
    await assert.rejects(verified(payroll, 'wiki'), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' });
  });

  it('T174 is of one person, though another signed in at the same moment', async () => {
    const carol = stage.visitor();
    stage.op.script.claims = (claims) => ({ ...claims, sub: 'carol' });
    await stage.signIn(carol, '/home');
    stage.op.script.claims = (claims) => claims;
    const [hers, his] = [await assertionFor('/home', carol), await assertionFor('/home')];
    assert.deepEqual([unverified(hers).claims.sub, unverified(his).claims.sub], ['carol', 'alice']);
  });

  it('T174 lives a minute, is sent along for half of it, and then is another', async () => {
    const first = await assertionFor('/home');
    const { iat, exp } = unverified(first).claims;
    assert.deepEqual([iat, exp], [NOON / SECOND, NOON / SECOND + 60]);
    mock.timers.setTime(NOON + 29 * SECOND);
    assert.equal(await assertionFor('/home'), first);
    mock.timers.setTime(NOON + 30 * SECOND);
    const second = await assertionFor('/home');
    assert.equal(unverified(second).claims.exp, NOON / SECOND + 90);
    assert.equal((await verified(second, 'payroll')).sub, 'alice');
  });

  it('T174 says at once that a level has lapsed', async () => {
    mock.timers.setTime(NOON + 3599 * SECOND);
    assert.equal(unverified(await assertionFor('/home')).claims.level, 'mfa');
    mock.timers.setTime(NOON + 3600 * SECOND);
    const { claims } = unverified(await assertionFor('/home'));
    assert.deepEqual([claims.level, claims.levels], ['password', ['password']]);
  });

  it('T174 is made anew after the clock was set back: nobody gets one from the future', async () => {
    mock.timers.setTime(NOON + 20 * SECOND);
    await assertionFor('/home');
    mock.timers.setTime(NOON + 10 * SECOND);
    assert.equal(unverified(await assertionFor('/home')).claims.iat, NOON / SECOND + 10);
  });

  it('T174 is in no log', async () => {
    const assertion = await assertionFor('/home');
    await stage.visitor().fetch('/home', { headers: { 'x-auth-assertion': assertion } });
    assert.ok(!JSON.stringify(stage.lines).includes(assertion.slice(0, 60)));
  });
});
