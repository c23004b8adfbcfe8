import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type IdpMetadata, readMetadata, type WantedMetadata } from '../../src/saml/metadata.ts';
import { readSpan } from '../../src/saml/span.ts';
import { makePair } from '../support/fake-idp.ts';
import {
  aggregate,
  ENTITY_ID,
  endpoint,
  key,
  metadata,
  PAIR,
  pairOf,
  role,
  signedMetadata,
  type WrittenMetadata,
  x509,
} from '../support/fake-metadata.ts';

const WANTED: WantedMetadata = { issuer: null, certificate: null, plainLoopback: () => false };

function read(xml: string, wanted: Partial<WantedMetadata> = {}): IdpMetadata {
  const found = readMetadata(xml, { ...WANTED, ...wanted });
  assert.ok(!('problem' in found), 'problem' in found ? found.problem : '');
  return found;
}

function problem(xml: string, wanted: Partial<WantedMetadata> = {}): string {
  const found = readMetadata(xml, { ...WANTED, ...wanted });
  return 'problem' in found ? `${found.problem}${found.hint === undefined ? '' : ` (${found.hint})`}` : 'none';
}

const NEXT = makePair('next');
const SHA1 = {
  signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
};
const trimmed = (pem: string): string => pem.trim();

describe('metadata of one provider', () => {
  it('say who it is, where people go, and by which keys it is believed', () => {
    const services =
      endpoint('SingleLogoutService', 'HTTP-POST', 'https://idp.example/slo') +
      '<md:NameIDFormat> urn:oasis:names:tc:SAML:2.0:nameid-format:persistent </md:NameIDFormat>' +
      endpoint('SingleSignOnService', 'SOAP', 'https://idp.example/soap') +
      endpoint('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example/sso') +
      endpoint('SingleSignOnService', 'HTTP-POST', 'https://idp.example/post');
    const found = read(`\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<!-- ours -->${metadata({ services })}\n`);
    assert.deepEqual(
      { ...found, signingCertificates: found.signingCertificates.map(trimmed) },
      {
        entityId: ENTITY_ID,
        signingCertificates: [trimmed(PAIR.certificate)],
        unusedKeys: 0,
        singleSignOn: { redirect: 'https://idp.example/sso', post: 'https://idp.example/post' },
        singleLogout: { redirect: null, post: 'https://idp.example/slo' },
        singleLogoutResponse: { redirect: null, post: 'https://idp.example/slo' },
        nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
        wantsSignedRequests: false,
        validUntil: null,
        cacheDuration: null,
      },
    );
  });

  it('may have another place for answers about signing out', () => {
    const services = `${endpoint('SingleSignOnService', 'HTTP-POST', 'https://idp.example/sso')}${endpoint('SingleLogoutService', 'HTTP-POST', 'https://idp.example/slo').replace('/>', ' ResponseLocation="https://idp.example/slo/done"/>')}`;
    const { singleLogout, singleLogoutResponse } = read(metadata({ services }));
    assert.deepEqual(
      [singleLogout.post, singleLogoutResponse.post],
      ['https://idp.example/slo', 'https://idp.example/slo/done'],
    );
  });

  for (const [written, wants] of [
    ['WantAuthnRequestsSigned="true"', true],
    ['WantAuthnRequestsSigned="1"', true],
    ['WantAuthnRequestsSigned="false"', false],
  ] as const) {
    it(`say with ${written} whether it wants signed requests`, () => {
      assert.equal(read(metadata({ role: written })).wantsSignedRequests, wants);
    });
  }
});

describe('the keys of a provider', () => {
  const certificatesOf = (written: WrittenMetadata): readonly string[] =>
    read(metadata(written)).signingCertificates.map(trimmed);

  it('are all that sign or say nothing of their use, each once', () => {
    const encrypting = makePair('encrypting').certificate;
    const keys =
      key(PAIR.certificate) + key(NEXT.certificate, null) + key(encrypting, 'encryption') + key(PAIR.certificate);
    assert.deepEqual(certificatesOf({ keys }), [trimmed(PAIR.certificate), trimmed(NEXT.certificate)]);
  });

  it('may be broken into lines', () => {
    const folded = key(PAIR.certificate).replace(/[A-Za-z0-9+/=]{64}/g, '\n      $&\r\n');
    assert.deepEqual(certificatesOf({ keys: folded }), [trimmed(PAIR.certificate)]);
  });

  const odd: readonly (readonly [what: string, keys: string])[] = [
    ['an RSA key of 1024 bits', key(pairOf('rsa:1024').certificate)],
    ['an elliptic curve', key(pairOf('ec', '-pkeyopt', 'ec_paramgen_curve:P-256').certificate)],
    ['what is no certificate', key('AAAA')],
    [
      'a name alone',
      '<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyName>k</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>',
    ],
  ];
  for (const [what, keys] of odd) {
    it(`are counted and not believed where they are ${what}`, () => {
      assert.match(problem(metadata({ keys })), /^it has no signing certificate with an RSA key of 2048 bits/);
      const found = read(metadata({ keys: keys + key(PAIR.certificate) }));
      assert.deepEqual([found.signingCertificates.map(trimmed), found.unusedKeys], [[trimmed(PAIR.certificate)], 1]);
    });
  }

  it('are none where a chain stands for one of them', () => {
    const chain = `<md:KeyDescriptor use="signing">${x509(PAIR.certificate, NEXT.certificate)}</md:KeyDescriptor>`;
    assert.match(problem(metadata({ keys: chain })), /several certificates/);
  });

  it('are not those that stand elsewhere in the document', () => {
    const other = `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${key(NEXT.certificate)}</md:SPSSODescriptor>`;
    const hidden = `<md:Extensions>${key(NEXT.certificate)}</md:Extensions>`;
    const found = read(metadata({ roles: other + role({ keys: hidden + key(PAIR.certificate) }) }));
    assert.deepEqual(found.signingCertificates.map(trimmed), [trimmed(PAIR.certificate)]);
  });
});

describe('the places of a provider', () => {
  const at = (location: string): string =>
    metadata({ services: endpoint('SingleSignOnService', 'HTTP-Redirect', location) });
  const onlyHere = { plainLoopback: (url: URL) => url.hostname === '127.0.0.1' };

  for (const location of ['http://idp.example/sso', 'javascript:alert(1)', 'ftp://idp.example/', '/sso', '']) {
    it(`are none where they are "${location}"`, () => {
      assert.match(problem(at(location), onlyHere), /no SingleSignOnService by HTTP-Redirect or HTTP-POST on https/);
    });
  }

  it('may be plain http on this machine alone, and only where that is said', () => {
    assert.equal(read(at('http://127.0.0.1:8/sso'), onlyHere).singleSignOn.redirect, 'http://127.0.0.1:8/sso');
    assert.match(problem(at('http://127.0.0.1:8/sso')), /no SingleSignOnService/);
  });

  it('by other bindings are none', () => {
    const services = endpoint('SingleSignOnService', 'SOAP', 'https://idp.example/sso');
    assert.match(problem(metadata({ services })), /no SingleSignOnService/);
  });
});

describe('a document about several', () => {
  const a = metadata({ entityId: 'urn:a' });
  const b = metadata({ entityId: 'urn:b', certificates: [NEXT.certificate] });
  const service = metadata({
    entityId: 'urn:sp',
    roles: '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>',
  });

  it('has the one that is wanted, however deep it stands', () => {
    const found = read(aggregate([a, aggregate([service, b])]), { issuer: 'urn:b' });
    assert.deepEqual([found.entityId, found.signingCertificates.map(trimmed)], ['urn:b', [trimmed(NEXT.certificate)]]);
  });

  it('needs nobody to say which, where there is one identity provider', () => {
    assert.equal(read(aggregate([service, a])).entityId, 'urn:a');
  });

  const PROBLEMS: readonly (readonly [what: string, xml: string, issuer: string | null, says: RegExp])[] = [
    [
      'several, and nobody said which',
      aggregate([a, b]),
      null,
      /^it describes several identity providers, and no "issuer" says which \(it describes "urn:a", "urn:b"\)$/,
    ],
    ['another one', a, 'urn:b', /^it does not describe the configured issuer \(it describes "urn:a"\)$/],
    ['one that is spelt otherwise', a, 'urn:A', /does not describe the configured issuer/],
    ['the wanted one twice', aggregate([a, b, a]), 'urn:a', /the configured issuer twice/],
    ['services alone', aggregate([service]), null, /^it describes no SAML 2.0 identity provider$/],
    ['the wanted one as a service', aggregate([service, a]), 'urn:sp', /one SAML 2.0 identity provider/],
    ['nobody', aggregate([]), null, /neither an EntityDescriptor/],
    ['a provider in two roles', metadata({ roles: role() + role() }), null, /one SAML 2.0 identity provider/],
    [
      'a provider of SAML 1.1',
      metadata().replace('SAML:2.0:protocol', 'SAML:1.1:protocol'),
      null,
      /no SAML 2.0 identity/,
    ],
    ['a provider without a name', metadata({ entityId: '' }), null, /entityID is missing/],
    ['a provider with an endless name', metadata({ entityId: `urn:${'x'.repeat(1021)}` }), null, /too long/],
    ['something else', '<html/>', null, /neither an EntityDescriptor/],
  ];
  for (const [what, xml, issuer, says] of PROBLEMS) {
    it(`is not taken where it describes ${what}`, () => assert.match(problem(xml, { issuer }), says));
  }
});

describe('a document that is not read', () => {
  const UNSAFE: readonly (readonly [what: string, xml: string])[] = [
    ['has a document type', `<!DOCTYPE x [<!ENTITY e "x">]>${metadata()}`],
    ['has no end', metadata().replace('</md:EntityDescriptor>', '')],
    ['has processing instructions', `${metadata()}<?x y?>`],
    ['is empty', ''],
    ['is not XML', '{}'],
  ];
  for (const [what, xml] of UNSAFE) {
    it(what, () => assert.equal(problem(xml), 'it is not XML that can be read safely'));
  }

  it('is larger than 2 MiB', () => {
    assert.match(problem(`${metadata()}<!--${'x'.repeat(2 * 1024 * 1024)}-->`), /larger than 2 MiB/);
  });

  it('is one of a federation where it is smaller, though it has more pieces than any message may', () => {
    const entities = Array.from({ length: 800 }, (_, i) =>
      metadata({ entityId: `urn:idp:${i}`, keys: `<md:KeyDescriptor>${'<x/>'.repeat(20)}</md:KeyDescriptor>` }),
    );
    assert.equal(read(aggregate([...entities, metadata()]), { issuer: ENTITY_ID }).entityId, ENTITY_ID);
  });
});

describe('how long metadata hold', () => {
  it('is the earliest end of the provider, its role and whatever is around it', () => {
    const ends = (around: string, entity: string, inside: string) =>
      read(
        aggregate(
          [metadata({ entity: `validUntil="${entity}"`, role: `validUntil="${inside}"` })],
          `validUntil="${around}"`,
        ),
      ).validUntil;
    const [early, middle, late] = ['2030-01-01T00:00:00Z', '2031-01-01T00:00:00.5Z', '2032-01-01T00:00:00Z'];
    const first = Date.parse(early) / 1000;
    assert.deepEqual(
      [ends(early, middle, late), ends(late, early, middle), ends(middle, late, early)],
      [first, first, first],
    );
  });

  it('is not that of a neighbour', () => {
    const neighbour = metadata({ entityId: 'urn:b', entity: 'validUntil="2020-01-01T00:00:00Z"' });
    assert.equal(read(aggregate([neighbour, metadata()]), { issuer: ENTITY_ID }).validUntil, null);
  });

  for (const end of ['tomorrow', '', '2030-01-01', '2030-01-01T00:00:00', '2030-01-01T00:00:00+02:00']) {
    it(`cannot be told by a validUntil of "${end}"`, () => {
      assert.match(problem(metadata({ entity: `validUntil="${end}"` })), /validUntil of it is not a moment/);
    });
  }

  it('is asked again after the shortest cacheDuration', () => {
    const xml = aggregate(
      [metadata({ entity: 'cacheDuration="P1D"', role: 'cacheDuration="PT6H"' })],
      'cacheDuration="P7D"',
    );
    assert.equal(read(xml).cacheDuration, 6 * 3600);
    assert.equal(read(metadata({ entity: 'cacheDuration="soon"' })).cacheDuration, null);
  });

  it('is counted in seconds', () => {
    const day = 86_400;
    const spans = ['PT0S', 'PT90S', 'PT1.5S', 'P1DT2H3M4S', 'P1M', 'P1Y', ' PT1H '].map((text) => readSpan(text));
    assert.deepEqual(spans, [0, 90, 1.5, day + 7384, 30 * day, 365 * day, 3600]);
    for (const no of ['', 'P', 'PT', 'P1DT', '1h', '-PT1H', 'P1H', 'PT1D', 'P-1D', null])
      assert.equal(readSpan(no), null, `${no}`);
  });
});

describe('metadata that must be signed', () => {
  const anchor = makePair('anchor');
  const wanted = { certificate: anchor.certificate, issuer: ENTITY_ID };
  const REFUSED = /^it is not signed as a whole by the configured certificate$/;
  const evil = metadata({ certificates: [NEXT.certificate] });

  it('are taken where the configured certificate has signed the whole', () => {
    assert.equal(read(signedMetadata(metadata(), anchor), wanted).entityId, ENTITY_ID);
    const federation = aggregate([metadata({ entityId: 'urn:b' }), metadata()]);
    assert.equal(read(signedMetadata(federation, anchor), wanted).entityId, ENTITY_ID);
  });

  const genuine = signedMetadata(metadata(), anchor);
  const signature = /<Signature .*<\/Signature>/s.exec(genuine)?.[0] ?? '';
  const FORGED: readonly (readonly [what: string, xml: string])[] = [
    ['not signed', metadata()],
    ['signed by somebody else', signedMetadata(metadata(), NEXT)],
    ['signed with SHA-1', signedMetadata(metadata(), anchor, SHA1)],
    ['digested with SHA-1', signedMetadata(metadata(), anchor, { digest: SHA1.digest })],
    ['changed after they were signed', genuine.replace('https://idp.example/sso', 'https://evil.example/sso')],
    ['signed in a part, and something stands beside it', aggregate([evil, genuine])],
    ['signed under an ID of another kind', signedMetadata(metadata(), anchor, { id: 'Id' })],
    ['signed about a part', signedMetadata(aggregate([metadata()]), anchor, { xpath: '/*/*' })],
    [
      'wrapped: the signature of the genuine ones is about a copy',
      aggregate([genuine.replace(signature, ''), evil]).replace('>', `>${signature}`),
    ],
    [
      'wrapped: the genuine ones are hidden in the forged',
      evil.replace('>', `>${signature}<md:Extensions>${genuine.replace(signature, '')}</md:Extensions>`),
    ],
    [
      'wrapped: the same, and the forged have an ID too',
      evil
        .replace('entityID', 'ID="_9" entityID')
        .replace('>', `>${signature}<md:Extensions>${genuine.replace(signature, '')}</md:Extensions>`),
    ],
    [
      'two documents of one ID',
      aggregate([genuine.replace(signature, ''), evil.replace('entityID', `ID="_0" entityID`)], `ID="_0"`).replace(
        '>',
        `>${signature}`,
      ),
    ],
  ];
  for (const [what, xml] of FORGED) {
    it(`are not taken where they are ${what}`, () => {
      assert.match(problem(xml, wanted), REFUSED);
      assert.doesNotMatch(JSON.stringify(readMetadata(xml, { ...WANTED, ...wanted })), /BEGIN CERTIFICATE/);
    });
  }

  it('are not taken for the certificate that they bring themselves', () => {
    const ours = signedMetadata(metadata(), NEXT);
    assert.ok(ours.includes('X509Certificate') && /KeyInfo/.test(ours));
    assert.match(problem(ours, wanted), REFUSED);
  });
});
