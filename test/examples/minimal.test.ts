import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Echo, startEcho } from '../support/echo.ts';
import { type RealOp, startOidcProvider } from '../support/oidc-provider.ts';
import { createVisitor } from '../support/visitor.ts';
import { freePort, type Served, serveExample } from './served.ts';

const CLIENT_SECRET = 'what the provider gave';

describe('the minimal example, before a provider of its own', () => {
  let op: RealOp;
  let upstream: Echo;
  let served: Served;
  let origin: string;
  before(async () => {
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    op = await startOidcProvider({
      clientId: 'stepgate',
      clientSecret: CLIENT_SECRET,
      clientAuth: 'client_secret_basic',
      redirectUri: `${origin}/.stepgate/callback/corp`,
    });
    upstream = await startEcho();
    // What README.md says to change, and where to listen: the test has no port 8080 of its own.
    const changes = [
      ['version: 1', `version: 1\nlisten: {host: 127.0.0.1, port: ${port}}`],
      ['https://id.example.com', op.issuer],
      ['http://localhost:8080', origin],
      ['http://127.0.0.1:9000', upstream.origin],
    ] as const;
    served = await serveExample('minimal', port, changes, { STEPGATE_CLIENT_SECRET: CLIENT_SECRET });
  });
  after(async () => {
    assert.equal(await served.stop(), 0);
    await Promise.all([op.stop(), upstream.stop()]);
  });

  it('takes a person through sign-in, step-up and sign-out', async () => {
    const person = createVisitor(origin);
    const away = await person.open('/orders?page=2');
    assert.equal(away.status, 303);
    const password = { accountId: 'alice', acr: 'urn:example:password', amr: ['pwd'] };
    const back = await op.visit(away.location ?? '', { login: password });
    const arrived = await person.open(back.pathname + back.search);
    assert.equal(arrived.location, `${origin}/orders?page=2`);
    const page = await person.open('/orders?page=2');
    assert.equal(page.status, 200);
    assert.equal(upstream.received.at(-1)?.headers['x-auth-subject'], 'alice');
    assert.equal(upstream.received.at(-1)?.headers['x-auth-level'], 'password');

    const up = await person.open('/settings/mail');
    assert.equal(up.status, 303);
    const mfa = { accountId: 'alice', acr: 'urn:example:mfa', amr: ['pwd', 'otp', 'mfa'] };
    const proven = await op.visit(up.location ?? '', { login: mfa });
    assert.equal((await person.open(proven.pathname + proven.search)).location, `${origin}/settings/mail`);
    assert.equal((await person.open('/settings/mail')).status, 200);
    assert.equal(upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');

    const ask = await person.open('/.stepgate/sign-out');
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(ask.text) ?? [];
    const body = new URLSearchParams({ token }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin };
    const out = await person.open('/.stepgate/sign-out', { method: 'POST', headers, body });
    assert.equal(out.location, `${origin}/.stepgate/signed-out`);
    assert.equal((await person.open('/orders')).status, 303);
  });

  it('stops a person without a second factor on a page, and keeps them signed in', async () => {
    const person = createVisitor(origin);
    const login = { accountId: 'bob', acr: 'urn:example:password', amr: ['pwd'] };
    for (const path of ['/', '/settings']) {
      const away = await person.open(path);
      const back = await op.visit(away.location ?? '', path === '/' ? { login } : { error: 'access_denied' });
      const answer = await person.open(back.pathname + back.search);
      assert.equal(answer.status, path === '/' ? 303 : 403);
    }
    assert.equal((await person.open('/')).status, 200);
  });

  it('lets everybody have the assets', async () => {
    assert.equal((await createVisitor(origin).open('/static/app.css')).status, 200);
  });
});
