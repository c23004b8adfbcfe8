import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SamlProviderConfig } from '../../../src/config/world.ts';
import type { ServicePlaces } from '../../../src/ports.ts';
import { serviceMetadata } from '../../../src/providers/saml/service-metadata.ts';
import { NS } from '../../../src/saml/names.ts';
import { attribute, childrenOf, type Element, elementsIn, readXml, textOf } from '../../../src/saml/xml.ts';
import { makePair } from '../../support/fake-idp.ts';

const ENC = 'http://www.w3.org/2001/04/xmlenc#';
const ENC11 = 'http://www.w3.org/2009/xmlenc11#';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:';
const NOW = Date.parse('2026-11-23T12:00:00Z') / 1000;

const CONFIG: SamlProviderConfig = {
  type: 'saml',
  name: 'corp',
  metadata: { kind: 'url', url: 'https://idp.example/metadata', certificate: null },
  issuer: null,
  entityId: 'https://apps.example.com/stepgate',
  evidence: { marks: [], unmarked: null },
  signed: 'both',
  sign: null,
  decrypt: null,
  subject: null,
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  comparison: 'exact',
  claims: { email: null, name: null, groups: null },
  claimsKept: [],
  sought: '',
  allowLegacyEncryptionCbc: false,
  logout: 'local',
  logoutScope: 'session',
  clockTolerance: 60,
  timeout: 5,
  keepsGroup: () => false,
  namesGroup: () => false,
};

const at = (origin: string): ServicePlaces => ({
  acs: `${origin}/.stepgate/saml/corp/acs`,
  slo: `${origin}/.stepgate/saml/corp/slo`,
});
const HERE = at('https://payroll.example.com');
const CURRENT = makePair('current');
const NEXT = makePair('next');
const OTHER = makePair('other');

/** As a provider reads them: by namespaces, and by nothing that is written in another way. */
function read(config: Partial<SamlProviderConfig> = {}, places: readonly ServicePlaces[] = [HERE]) {
  const xml = serviceMetadata({ ...CONFIG, ...config }, places, NOW);
  const entity = readXml(xml);
  assert.ok(entity !== null);
  assert.deepEqual([entity.namespaceURI, entity.localName], [NS.metadata, 'EntityDescriptor']);
  const [role, ...more] = elementsIn(entity);
  assert.ok(role !== undefined && more.length === 0);
  assert.deepEqual([role.namespaceURI, role.localName], [NS.metadata, 'SPSSODescriptor']);
  const all = (name: string): readonly Element[] => childrenOf(role, NS.metadata, name);
  return { xml, entity, role, all };
}

const attributesOf = (element: Element): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from(element.attributes, ({ name, value }) => [name, value]));

const pemOf = (key: Element): string => {
  const certificate = key.getElementsByTagNameNS(NS.signature, 'X509Certificate')[0] ?? null;
  return (textOf(certificate) ?? '').match(/.{1,64}/g)?.join('\n') ?? '';
};
const bare = (pem: string): string => pem.replace(/-----[^-]+-----/g, '').trim();
const encryptionOf = (key: Element): readonly (string | null)[] =>
  childrenOf(key, NS.metadata, 'EncryptionMethod').map((method) => attribute(method, 'Algorithm'));

describe('our metadata', () => {
  it('say who we are, for a week, and what we ask of the provider', () => {
    const { entity, role } = read();
    assert.equal(attribute(entity, 'entityID'), CONFIG.entityId);
    assert.equal(attribute(entity, 'validUntil'), '2026-11-30T12:00:00.000Z');
    assert.deepEqual(attributesOf(role), {
      AuthnRequestsSigned: 'false',
      WantAssertionsSigned: 'true',
      protocolSupportEnumeration: NS.protocol,
    });
  });

  for (const [signed, wants] of [
    ['both', 'true'],
    ['assertion', 'true'],
    ['response', 'false'],
  ] as const) {
    it(`want signed assertions where the configuration wants ${signed} signed: ${wants}`, () => {
      assert.equal(attribute(read({ signed }).role, 'WantAssertionsSigned'), wants);
    });
  }

  it('have places on every origin, the first of them the default', () => {
    const { all } = read({}, [HERE, at('https://wiki.example.com')]);
    assert.deepEqual(all('AssertionConsumerService').map(attributesOf), [
      { Binding: `${BINDINGS}HTTP-POST`, Location: HERE.acs, index: '0', isDefault: 'true' },
      {
        Binding: `${BINDINGS}HTTP-POST`,
        Location: 'https://wiki.example.com/.stepgate/saml/corp/acs',
        index: '1',
        isDefault: 'false',
      },
    ]);
    assert.deepEqual(
      all('SingleLogoutService').map(attributesOf),
      [HERE.slo, 'https://wiki.example.com/.stepgate/saml/corp/slo'].flatMap((slo) => [
        { Binding: `${BINDINGS}HTTP-Redirect`, Location: slo },
        { Binding: `${BINDINGS}HTTP-POST`, Location: slo },
      ]),
    );
  });

  it('have the keys in use before those that follow', () => {
    const sign = { current: CURRENT, next: NEXT };
    const decrypt = { current: OTHER, next: NEXT };
    const keys = read({ sign, decrypt }).all('KeyDescriptor');
    assert.deepEqual(
      keys.map((key) => [attribute(key, 'use'), pemOf(key)]),
      [
        ['signing', bare(CURRENT.certificate)],
        ['signing', bare(NEXT.certificate)],
        ['encryption', bare(OTHER.certificate)],
        ['encryption', bare(NEXT.certificate)],
      ],
    );
    assert.equal(attribute(read({ sign }).role, 'AuthnRequestsSigned'), 'true');
  });

  it('say how to encrypt for us: by what notices changes alone', () => {
    const decrypt = { current: CURRENT, next: null };
    const [key] = read({ decrypt }).all('KeyDescriptor');
    assert.ok(key);
    assert.deepEqual(encryptionOf(key), [`${ENC11}aes256-gcm`, `${ENC11}aes128-gcm`, `${ENC}rsa-oaep-mgf1p`]);
    const [signing] = read({ sign: decrypt }).all('KeyDescriptor');
    assert.ok(signing);
    assert.deepEqual(encryptionOf(signing), []);
  });

  it('offer CBC last, and only where the switch says so', () => {
    const decrypt = { current: CURRENT, next: null };
    const [key] = read({ decrypt, allowLegacyEncryptionCbc: true }).all('KeyDescriptor');
    assert.ok(key);
    assert.deepEqual(encryptionOf(key), [
      `${ENC11}aes256-gcm`,
      `${ENC11}aes128-gcm`,
      `${ENC}aes256-cbc`,
      `${ENC}aes128-cbc`,
      `${ENC}rsa-oaep-mgf1p`,
    ]);
  });

  it('never have a private key in them', () => {
    const { xml } = read({ sign: { current: CURRENT, next: NEXT }, decrypt: { current: OTHER, next: null } });
    assert.doesNotMatch(xml, /PRIVATE/);
    for (const { key } of [CURRENT, NEXT, OTHER]) assert.ok(!xml.includes(bare(key).slice(0, 60)));
  });

  it('name the format of names that is asked for, or none', () => {
    assert.deepEqual(read().all('NameIDFormat').map(textOf), [CONFIG.nameIdFormat]);
    assert.deepEqual(read({ nameIdFormat: null }).all('NameIDFormat'), []);
  });

  it('stand in the order that the schema wants', () => {
    const pairs = { current: CURRENT, next: NEXT };
    const { role } = read({ sign: pairs, decrypt: pairs }, [HERE, at('https://wiki.example.com')]);
    const order = ['KeyDescriptor', 'SingleLogoutService', 'NameIDFormat', 'AssertionConsumerService'];
    const places = elementsIn(role).map(({ localName }) => order.indexOf(localName ?? ''));
    assert.equal(places.length, 4 + 4 + 1 + 2);
    assert.deepEqual(places, places.toSorted());
  });

  it('are XML whatever we are called', () => {
    const entityId = 'urn:x:"<&>\'';
    assert.equal(attribute(read({ entityId }).entity, 'entityID'), entityId);
  });
});
