import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { loadFromDiskWithoutSecrets, loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import { recordingReads } from '../../src/live/sources.ts';
import { GATEWAY, KEY, POLICIES } from '../config/fixture.ts';
import { type FakeIdp, makePair, startFakeIdp } from '../support/fake-idp.ts';
import { ENTITY_ID, metadata, PAIR, signedMetadata } from '../support/fake-metadata.ts';
import { MFA_CLASS, PASSWORD_CLASS, postedBy, targetOf } from '../support/saml-stage.ts';
import { type Stage, startStage } from '../support/stage.ts';

describe('the files of a SAML provider', () => {
  const corp = `  corp:
    type: saml
    metadata: saml/idp.xml
    metadata_cert: saml/idp.crt
    entity_id: urn:stepgate
    levels: {password: {class_ref: "${PASSWORD_CLASS}"}, mfa: {class_ref: "${MFA_CLASS}"}}
    sign: {key: saml/sp.key, cert: saml/sp.crt, next_key: saml/next.key, next_cert: saml/next.crt}
    decrypt: {key: saml/sp.key, cert: saml/sp.crt}
`;
  const [sp, next] = [makePair('sp'), makePair('next')];
  const files: Readonly<Record<string, string>> = {
    '/etc/gate/gateway.yaml': GATEWAY.replace(/ {2}corp:\n[\s\S]*?(?= {2}partner:)/, () => corp),
    '/etc/gate/policies.yaml': POLICIES,
    '/etc/gate/saml/idp.xml': signedMetadata(metadata(), PAIR),
    '/etc/gate/saml/idp.crt': PAIR.certificate,
    '/etc/gate/saml/sp.key': sp.key,
    '/etc/gate/saml/sp.crt': sp.certificate,
    '/etc/gate/saml/next.key': next.key,
    '/etc/gate/saml/next.crt': next.certificate,
  };
  const read = (path: string): Buffer => {
    const text = files[path];
    if (text === undefined) throw new Error(`no file ${path}`);
    return Buffer.from(text);
  };
  const env = (name: string): string => (name === 'KEY' ? KEY : 'a-client-secret');

  it('are all read where changes are noticed, relative to gateway.yaml', () => {
    const { readFile, sources } = recordingReads(read);
    const loaded = loadWorldFromDisk('/etc/gate/gateway.yaml', { env, readFile });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.deepEqual([...sources.keys()].toSorted(), Object.keys(files).toSorted());
  });

  it('are left unread where nothing is to be served', () => {
    const { readFile, sources } = recordingReads(read);
    const loaded = loadFromDiskWithoutSecrets('/etc/gate/gateway.yaml', { readFile });
    assert.ok(loaded.ok);
    assert.deepEqual([...sources.keys()], ['/etc/gate/gateway.yaml', '/etc/gate/policies.yaml']);
    const provider = loaded.world.providers.get('corp');
    assert.ok(provider?.type === 'saml' && provider.metadata.kind === 'file');
    assert.equal(provider.metadata.idp, null);
    assert.ok(!('sign' in provider) && !('decrypt' in provider));
  });
});

describe('what is known of a SAML provider by its metadata URL', () => {
  let idp: FakeIdp;
  let stage: Stage;
  let url = '';
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(idp.metadata);
  });
  const overSaml =
    (more = '') =>
    (text: string): string =>
      text.replace(
        / {2}corp:[\s\S]*?(?=\napps:)/,
        `  corp:
    type: saml
    metadata: ${url}
    entity_id: urn:stepgate
    levels: {password: {class_ref: "${PASSWORD_CLASS}"}, mfa: {class_ref: "${MFA_CLASS}"}}
${more}`,
      );

  before(async () => {
    idp = await startFakeIdp();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
    stage = await startStage({ gateway: overSaml() });
  });
  after(async () => {
    await stage.stop();
    await idp.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A whole trip of somebody new. */
  async function signIn(): Promise<number> {
    const visitor = stage.visitor();
    const redirect = await visitor.open('/home');
    if (redirect.status !== 303) return redirect.status;
    const posted = await idp.visit(redirect.location ?? '');
    const body = new URLSearchParams(posted.form).toString();
    const handed = await stage.visitor().open('/.stepgate/saml/corp/acs', {
      method: 'POST',
      headers: { ...postedBy(idp.origin) },
      body,
    });
    await visitor.open(targetOf(handed.location));
    return (await visitor.open('/home')).status;
  }

  it('is asked for once, and outlives reloads that change nothing about that', async () => {
    assert.equal(await signIn(), 200);
    assert.deepEqual(asked, ['/metadata']);
    for (const more of [
      '    unmarked: password',
      '    signed: both',
      '    claims: {email: mail}',
      '    clock_tolerance: 5s',
    ]) {
      assert.ok(await stage.reload({ gateway: overSaml(more) }));
    }
    assert.equal(await signIn(), 200);
    assert.deepEqual(asked, ['/metadata']);
  });

  for (const [what, more] of [
    ['issuer', () => `    issuer: ${idp.entityId}`],
    ['timeout', () => '    timeout: 6s'],
  ] as const) {
    it(`is asked for anew with another ${what}`, async () => {
      const before = asked.length;
      assert.ok(await stage.reload({ gateway: overSaml(more()) }));
      assert.equal(await signIn(), 200);
      assert.equal(asked.length, before + 1);
    });
  }

  it('is not what is believed once another issuer is configured', async () => {
    assert.ok(await stage.reload({ gateway: overSaml(`    issuer: ${ENTITY_ID}`) }));
    assert.equal(await signIn(), 503);
    assert.ok(
      stage.lines.some(
        ({ msg, level, detail }) =>
          msg === 'provider_metadata_failed' && level === 'warn' && /issuer/.test(String(detail)),
      ),
    );
    assert.ok(await stage.reload({ gateway: overSaml() }));
    assert.equal(await signIn(), 200);
  });
});
