import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import { type Echo, startEcho } from '../support/echo.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { postedBy, targetOf } from '../support/saml-stage.ts';
import { createVisitor, type Reply, type Visitor } from '../support/visitor.ts';
import { EXAMPLES, freePort, type Served, serveExample } from './served.ts';

const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

describe('the SAML example', () => {
  it('can be served as it is, with its metadata, without anything to remark', () => {
    const secret = randomBytes(32).toString('base64');
    const loaded = loadWorldFromDisk(join(EXAMPLES, 'saml/gateway.yaml'), { env: () => secret });
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(({ message }) => message).join('\n'));
    assert.deepEqual(loaded.notices, []);
    const corp = loaded.world.providers.get('corp');
    assert.ok(corp?.type === 'saml' && corp.metadata.kind === 'file');
    assert.equal(corp.metadata.idp?.entityId, corp.issuer);
  });
});

describe('the SAML example, before a provider of its own', () => {
  let idp: FakeIdp;
  let upstream: Echo;
  let served: Served;
  let origin: string;
  before(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    idp = await startFakeIdp();
    upstream = await startEcho();
    // What is marked there, with metadata at their URL, and where to listen: the test has no port 8080 of its own.
    const changes = [
      ['version: 1', `version: 1\nlisten: {host: 127.0.0.1, port: ${port}}`],
      ['metadata: idp-metadata.xml', `metadata: ${idp.origin}/metadata`],
      ['issuer: https://idp.example.com/idp', `issuer: ${idp.entityId}`],
      ['https://payroll.example.com"', `${origin}"`],
      ['http://127.0.0.1:9000', upstream.origin],
    ] as const;
    served = await serveExample('saml', port, changes, {});
  });
  after(async () => {
    assert.equal(await served.stop(), 0);
    await Promise.all([idp.stop(), upstream.stop()]);
  });

  /** Through the provider, across sites, and back for what was handed over. */
  const passProvider = async (person: Visitor, away: Reply): Promise<Reply> => {
    assert.equal(away.status, 303, away.text);
    const { acs, form } = await idp.visit(away.location ?? '');
    const body = new URLSearchParams(form).toString();
    const headers = postedBy(idp.origin);
    const posted = await createVisitor(origin).open(targetOf(acs), { method: 'POST', headers, body });
    assert.equal(posted.status, 303, posted.text);
    return person.open(targetOf(posted.location));
  };

  it('takes a person through sign-in and step-up', async () => {
    idp.script.person = { nameId: 'a1b2', attributes: { mail: ['alice@example.com'], groups: ['hr', 'all'] } };
    const alice = createVisitor(origin);
    const arrived = await passProvider(alice, await alice.open('/?page=2'));
    assert.equal(arrived.location, `${origin}/?page=2`);
    assert.equal((await alice.open('/?page=2')).status, 200);
    const told = () => upstream.received.at(-1)?.headers ?? {};
    assert.deepEqual(
      [told()['x-auth-subject'], told()['x-auth-email'], told()['x-auth-groups'], told()['x-auth-acr']],
      ['a1b2', 'alice@example.com', 'hr', PASSWORD],
    );
    const proven = await passProvider(alice, await alice.open('/people/7'));
    assert.equal(proven.location, `${origin}/people/7`);
    assert.equal((await alice.open('/people/7')).status, 200);
    assert.equal(told()['x-auth-level'], 'mfa');
  });

  it('stops a person without a second factor on a page, as its page says to try', async () => {
    const bob = createVisitor(origin);
    idp.script.person = { nameId: 'bob' };
    await passProvider(bob, await bob.open('/'));
    idp.script.classRef = PASSWORD;
    const ended = await passProvider(bob, await bob.open('/payslips/7'));
    assert.equal(ended.status, 403);
    const { failure, detail } = served.events('step_up_failed').at(-1) ?? {};
    assert.deepEqual([failure, detail], ['level_not_met', `identity_or_level acr="${PASSWORD}"`]);
    assert.equal((await bob.open('/')).status, 200);
  });
});
