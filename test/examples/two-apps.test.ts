import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Echo, startEcho } from '../support/echo.ts';
import { type RealOp, startOidcProvider } from '../support/oidc-provider.ts';
import { createVisitor, type Reply, type Visitor } from '../support/visitor.ts';
import { EXAMPLES, freePort, type Served, serveExample } from './served.ts';

const PAYROLL = 'payroll.example.com';
const WIKI = 'wiki.example.com';
const MFA = { accountId: 'alice', acr: 'urn:example:mfa', amr: ['pwd', 'otp', 'mfa'] };

describe('the example of two applications, with the test as its balancer', () => {
  let op: RealOp;
  let payroll: Echo;
  let wiki: Echo;
  let served: Served;
  before(async () => {
    const port = await freePort();
    op = await startOidcProvider({
      clientId: 'stepgate',
      clientSecret: 'shared',
      clientAuth: 'client_secret_basic',
      redirectUri: [PAYROLL, WIKI].map((host) => `https://${host}/.stepgate/callback/corp`),
    });
    [payroll, wiki] = await Promise.all([startEcho(), startEcho()]);
    const changes = [
      ['host: 0.0.0.0, port: 8080', `host: 127.0.0.1, port: ${port}`],
      ['[10.0.0.0/28]', '[127.0.0.1]'],
      ['https://id.example.com', op.issuer],
      [`\${file:secrets/corp-client}`, `\${env:CLIENT_SECRET}`],
      // A scope that the test's provider does not know.
      [', groups]', ']'],
      ['http://10.0.1.10:8080', payroll.origin],
      ['http://10.0.1.20:3000', wiki.origin],
    ] as const;
    served = await serveExample('two-apps', port, changes, { CLIENT_SECRET: 'shared' });
  });
  after(async () => {
    assert.equal(await served.stop(), 0);
    await Promise.all([op.stop(), payroll.stop(), wiki.stop()]);
  });

  /** A browser that reaches one host by the balancer. */
  const browserAt = (host: string): Visitor => {
    const visitor = createVisitor(`http://${served.address}`);
    const headers = { host, 'x-forwarded-for': '203.0.113.7' };
    return { ...visitor, open: (target, sending) => visitor.open(target, { ...sending, headers }) };
  };
  const passProvider = async (visitor: Visitor, host: string, away: Reply): Promise<Reply> => {
    assert.equal(away.status, 303, away.text);
    const back = await op.visit(away.location ?? '', { login: MFA });
    assert.equal(back.host, host);
    return visitor.open(back.pathname + back.search);
  };

  it('signs a person in to one host, with cookies that are for https and for that host', async () => {
    const person = browserAt(PAYROLL);
    const arrived = await passProvider(person, PAYROLL, await person.open('/slips/2026'));
    assert.equal(arrived.location, `https://${PAYROLL}/slips/2026`);
    assert.ok(arrived.setCookies.some((cookie) => /^__Host-stepgate-corp=.*; Secure/.test(cookie)));
    assert.equal((await person.open('/slips/2026')).status, 200);
    const seen = payroll.received.at(-1)?.headers;
    assert.deepEqual(
      [seen?.['x-auth-subject'], seen?.['x-auth-level'], seen?.['x-forwarded-for'], seen?.['x-forwarded-proto']],
      ['alice', 'mfa', '203.0.113.7, 127.0.0.1', 'https'],
    );
    assert.equal(served.events('sign_in').at(-1)?.client_ip, '203.0.113.7');
  });

  it('signs the same person in to the other host by its own redirect URI, and takes no cookie of the first', async () => {
    const first = browserAt(PAYROLL);
    await passProvider(first, PAYROLL, await first.open('/slips'));
    const person = browserAt(WIKI);
    for (const [name, value] of first.jar) person.jar.set(name, value);
    const away = await person.open('/admin/users');
    assert.equal((await passProvider(person, WIKI, away)).location, `https://${WIKI}/admin/users`);
    assert.equal((await person.open('/admin/users')).status, 200);
    assert.equal(wiki.received.at(-1)?.headers['x-auth-groups'], undefined);
  });

  it('leads every host to its own application, and no other host anywhere', async () => {
    const before = [payroll.received.length, wiki.received.length];
    assert.equal((await browserAt(PAYROLL).open('/assets/a.css')).status, 200);
    assert.equal((await browserAt(WIKI).open('/static/a.css')).status, 200);
    assert.equal((await browserAt(WIKI).open('/assets/a.css')).status, 303);
    assert.equal((await browserAt('other.example.com').open('/static/a.css')).status, 421);
    assert.equal((await browserAt(WIKI).open('/api/v1/pages')).status, 403);
    assert.deepEqual(
      [payroll.received.length, wiki.received.length],
      before.map((count) => count + 1),
    );
  });

  it('comes with a balancer that passes on what the gateway relies on', () => {
    const nginx = readFileSync(join(EXAMPLES, 'two-apps/nginx.conf'), 'utf8');
    for (const line of [
      `server_name ${PAYROLL} ${WIKI};`,
      'proxy_pass http://stepgate;',
      'proxy_set_header Host $host;',
      'proxy_set_header X-Forwarded-For $remote_addr;',
      'proxy_next_upstream off;',
    ])
      assert.ok(nginx.includes(line), line);
  });
});
