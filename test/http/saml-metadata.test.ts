import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NS } from '../../src/saml/names.ts';
import { attribute, readXml } from '../../src/saml/xml.ts';
import { type SamlStage, startSamlStage } from '../support/saml-stage.ts';
import { POLICIES } from '../support/stage.ts';

const METADATA = '/.stepgate/saml/corp/metadata';

describe('our SAML metadata', () => {
  let stage: SamlStage;
  before(async () => {
    // A second app of the same provider on an origin of its own, and a provider that no app names.
    stage = await startSamlStage({
      policies: POLICIES.replace('apps:\n', 'apps:\n  wiki: {}\n'),
      gateway: (text) =>
        `${text.replace('\napps:\n', '  spare: {type: saml, metadata: idp.xml, entity_id: "urn:spare", unmarked: password}\n\napps:\n')}
  wiki:
    origins: ["https://wiki.example.com", "https://wiki.example.org"]
    upstream: http://127.0.0.1:9
    provider: corp
`,
    });
  });
  after(() => stage.stop());

  it('are told to whoever asks, on every origin, and never kept', async () => {
    const reply = await stage.visitor().open(METADATA);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/samlmetadata+xml');
    assert.equal(reply.headers['cache-control'], 'no-store');
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.deepEqual(reply.setCookies, []);
    const elsewhere = await stage.visitor().open(METADATA, { headers: { host: 'wiki.example.com' } });
    assert.equal(elsewhere.text.replace(/validUntil="[^"]*"/, ''), reply.text.replace(/validUntil="[^"]*"/, ''));
  });

  it('have a place for answers, and one to sign out, on each origin of the apps that name the provider', async () => {
    const root = readXml((await stage.visitor().open(METADATA)).text);
    assert.ok(root !== null);
    const locations = (service: string): readonly (string | null)[] => [
      ...new Set(Array.from(root.getElementsByTagNameNS(NS.metadata, service), (one) => attribute(one, 'Location'))),
    ];
    const origins = [stage.origin, 'https://wiki.example.com', 'https://wiki.example.org'];
    assert.deepEqual(
      locations('AssertionConsumerService'),
      origins.map((origin) => `${origin}/.stepgate/saml/corp/acs`),
    );
    assert.deepEqual(
      locations('SingleLogoutService'),
      origins.map((origin) => `${origin}/.stepgate/saml/corp/slo`),
    );
  });

  for (const [what, target, host, status] of [
    ['a provider that no app names', '/.stepgate/saml/spare/metadata', undefined, 404],
    ['a provider that is not there', '/.stepgate/saml/none/metadata', undefined, 404],
    ['a host that is none of ours', METADATA, 'evil.example', 421],
  ] as const) {
    it(`are not there for ${what}`, async () => {
      const reply = await stage.visitor().open(target, host === undefined ? {} : { headers: { host } });
      assert.equal(reply.status, status);
      assert.doesNotMatch(reply.text, /EntityDescriptor/);
    });
  }

  it('are not there for a provider that speaks OpenID Connect', async () => {
    const other = (text: string): string =>
      text.replace(
        '\napps:\n',
        '  oidc: {type: oidc, issuer: "https://id.example.com", client_id: x, client_secret: x, unmarked: password}\n\napps:\n',
      );
    assert.ok(await stage.reload({ policies: POLICIES, gateway: other }));
    assert.equal((await stage.visitor().open('/.stepgate/saml/oidc/metadata')).status, 404);
  });
});
