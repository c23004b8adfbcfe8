import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { makePair, signed } from '../support/fake-idp.ts';
import { assertRefused, replaced, type SamlBench, startSamlBench } from '../support/saml-bench.ts';
import { WRAPPINGS, wrapped } from '../support/signature-wrapping.ts';

/** What is signed, and what a provider's entry says must be. */
const SIGNINGS = [
  ['response', { response: true, assertion: false }],
  ['assertion', { response: false, assertion: true }],
  ['both', { response: true, assertion: true }],
  ['response', { response: true, assertion: true }],
  ['assertion', { response: true, assertion: true }],
] as const;

const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/;
const SIGNATURE = /<Signature .*?<\/Signature>/;

for (const [wanted, signs] of SIGNINGS) {
  const made = Object.entries(signs).filter(([, is]) => is);
  describe(`with ${made.map(([what]) => what).join(' and ')} signed, where ${wanted} must be`, () => {
    let bench: SamlBench;
    before(async () => {
      bench = await startSamlBench({ signed: wanted });
    });
    beforeEach(() => {
      bench.straighten();
      bench.idp.script.signs = signs;
    });
    after(() => bench.stop());

    it('a response that nobody touched is believed', async () => {
      const answer = await bench.answer();
      assert.equal(answer.ok && answer.identity.subject, 'alice');
    });

    for (const [name, wrap] of Object.entries(WRAPPINGS)) {
      it(`T078 ${name}: is refused`, async () => {
        assertRefused(await bench.answer((xml) => wrapped(xml, wrap)), /^check failed: /);
      });
    }

    for (const [name, forge] of [
      ['another name', (xml: string) => replaced(xml, '>alice<', '>mallory<')],
      ['an attribute more', (xml: string) => replaced(xml, '</saml:Assertion>', '<saml:AttributeStatement/>$&')],
      ['no signature left', (xml: string) => replaced(xml, new RegExp(SIGNATURE, 'g'), '')],
      ['an empty signature', (xml: string) => replaced(xml, /<SignatureValue>[^<]*/g, '<SignatureValue>')],
      ['no digest', (xml: string) => replaced(xml, /<DigestValue>[^<]*/g, '<DigestValue>')],
      ['a comment in its digest', (xml: string) => replaced(xml, /<DigestValue>/g, '<DigestValue><!--x-->')],
      ['a comment in its value', (xml: string) => replaced(xml, /<\/SignatureValue>/g, '<!--x-->$&')],
      ['two sets of what is signed', (xml: string) => replaced(xml, /<SignedInfo>.*?<\/SignedInfo>/g, '$&$&')],
      ['its signature in another namespace', (xml: string) => replaced(xml, /09\/xmldsig#">/g, '09/xmldsig">')],
    ] as const) {
      it(`T078 with ${name}, once it was signed: is refused`, async () => {
        assertRefused(await bench.answer(forge), /^check failed: /);
      });
    }
  });
}

describe('what must be signed', () => {
  const benches: SamlBench[] = [];
  after(() => Promise.all(benches.map((bench) => bench.stop())));

  for (const wanted of ['response', 'assertion', 'both'] as const) {
    it(`${wanted}: is not made up for by what else is signed`, async () => {
      const bench = await startSamlBench({ signed: wanted });
      benches.push(bench);
      const outcome = async (response: boolean, assertion: boolean): Promise<string> => {
        bench.idp.script.signs = { response, assertion };
        const answer = await bench.answer();
        return answer.ok ? 'believed' : answer.detail;
      };
      const [noResponse, noAssertion] = ['Response', 'Assertion'].map(
        (what) => `check failed: the ${what} is not signed`,
      );
      assert.equal(await outcome(true, true), 'believed');
      assert.equal(await outcome(true, false), wanted === 'response' ? 'believed' : noAssertion);
      assert.equal(await outcome(false, true), wanted === 'assertion' ? 'believed' : noResponse);
      assert.equal(await outcome(false, false), wanted === 'assertion' ? noAssertion : noResponse);
    });
  }
});

describe('a signature', () => {
  let bench: SamlBench;
  const mallory = makePair('mallory');
  before(async () => {
    bench = await startSamlBench({ signed: 'assertion' });
  });
  beforeEach(() => {
    bench.straighten();
    bench.idp.script.signs = { response: false, assertion: true };
  });
  after(() => bench.stop());

  const URI = / URI="(#[^"]*)"/;
  const TRANSFORM = /<Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#"\/>/;
  const INCLUSIVE = '<InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="saml xs"/>';

  for (const [says, forge, check] of [
    ['there are two of', (xml) => replaced(xml, SIGNATURE, '$&$&'), 'a second signature'],
    ['of nothing', (xml) => replaced(xml, URI, ''), 'shape of a signature'],
    ['of everything', (xml) => replaced(xml, URI, ' URI=""'), 'shape of a signature'],
    ['of another element', (xml) => replaced(xml, URI, ' URI="#_other"'), 'shape of a signature'],
    [
      'of the response, in the assertion',
      (xml) => replaced(xml, URI, ` URI="#${/ ID="([^"]*)"/.exec(xml)?.[1]}"`),
      'shape of a signature',
    ],
    ['of an element by XPointer', (xml) => replaced(xml, URI, ' URI="#xpointer(/)"'), 'shape of a signature'],
    ['of a file', (xml) => replaced(xml, URI, ' URI="file:///etc/passwd"'), 'shape of a signature'],
    ['of an address', (xml) => replaced(xml, URI, ' URI="http://169.254.169.254/"'), 'shape of a signature'],
    ['of two references', (xml) => replaced(xml, /<Reference.*?<\/Reference>/, '$&$&'), 'shape of a signature'],
    ['of no reference', (xml) => replaced(xml, /<Reference.*?<\/Reference>/, ''), 'shape of a signature'],
    ['with an object', (xml) => replaced(xml, '</Signature>', '<Object/>$&'), 'shape of a signature'],
    ['with a manifest', (xml) => replaced(xml, '</SignedInfo>', '<Manifest/>$&'), 'shape of a signature'],
    ['after a third transform', (xml) => replaced(xml, TRANSFORM, '$&$&'), 'shape of a signature'],
    [
      'that is not taken out first',
      (xml) => replaced(xml, /<Transform [^>]*enveloped-signature"\/>/, ''),
      'shape of a signature',
    ],
    ['without transforms', (xml) => replaced(xml, /<Transforms>.*<\/Transforms>/, ''), 'shape of a signature'],
    [
      'after an XPath',
      (xml) =>
        replaced(
          xml,
          TRANSFORM,
          '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>/</XPath></Transform>',
        ),
      'algorithm of Transform',
    ],
    [
      'after an XSLT',
      (xml) => replaced(xml, TRANSFORM, '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'),
      'algorithm of Transform',
    ],
    [
      'of canonical comments',
      (xml) => replaced(xml, TRANSFORM, '<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"/>'),
      'algorithm of Transform',
    ],
    [
      'of inclusive namespaces that were not signed',
      (xml) => replaced(xml, TRANSFORM, TRANSFORM_WITH(INCLUSIVE)),
      'signature of the Assertion',
    ],
    [
      'of a method that cuts its value',
      (xml) =>
        replaced(xml, /(<SignatureMethod [^>]*)\/>/, '$1><HMACOutputLength>1</HMACOutputLength></SignatureMethod>'),
      'shape of a signature',
    ],
    [
      'behind the subject',
      (xml) => replaced(xml, /(<Signature .*<\/Signature>)(<saml:Subject>.*<\/saml:Subject>)/, '$2$1'),
      'place of a signature',
    ],
    [
      'in a subject',
      (xml) => replaced(xml, /(<Signature .*<\/Signature>)(<saml:Subject>)/, '$2$1'),
      'place of a signature',
    ],
    ['in a wrapper', (xml) => replaced(xml, SIGNATURE, '<x>$&</x>'), 'place of a signature'],
    [
      'of a document with an ID twice',
      (xml) => replaced(xml, '<saml:Subject>', `<saml:Subject ID="${/Assertion[^>]* ID="([^"]*)"/.exec(xml)?.[1]}">`),
      'an ID twice',
    ],
    [
      'of a document with an ID twice, in another spelling',
      (xml) =>
        replaced(xml, '<samlp:Status>', `<samlp:Status xml:id="${/Assertion[^>]* ID="([^"]*)"/.exec(xml)?.[1]}">`),
      'an ID twice',
    ],
  ] as readonly (readonly [string, (xml: string) => string, string])[]) {
    it(`${says}: is refused`, async () => {
      assertRefused(await bench.answer(forge), check);
    });
  }

  it('T092 by an attacker’s key, whose certificate it brings along: is refused', async () => {
    bench.idp.script.signer = mallory;
    assertRefused(await bench.answer(), 'signature of the Assertion');
  });

  const base64 = ({ certificate }: { readonly certificate: string }): string =>
    certificate.replace(/-----[^-]+-----|\s/g, '');
  const KEY_INFO = /<KeyInfo>.*?<\/KeyInfo>/;

  for (const [says, info] of [
    [
      'the certificate of another',
      (other: string) => `<X509Data><X509Certificate>${other}</X509Certificate></X509Data>`,
    ],
    ['a name of a key', () => '<KeyName>mallory</KeyName>'],
    ['a way to a key', () => '<RetrievalMethod URI="https://evil.example/key"/>'],
    ['an empty hint', () => ''],
  ] as const) {
    it(`T092 by an attacker’s key, with ${says} in KeyInfo: is refused`, async () => {
      bench.idp.script.signer = mallory;
      const hint = `<KeyInfo>${info(base64(bench.idp.pair))}</KeyInfo>`;
      assertRefused(await bench.answer((xml) => replaced(xml, KEY_INFO, hint)), 'signature of the Assertion');
    });

    it(`T092 by the provider’s key, with ${says} in KeyInfo: is believed, for nobody looks there`, async () => {
      const hint = `<KeyInfo>${info(base64(mallory))}</KeyInfo>`;
      const answer = await bench.answer((xml) => replaced(xml, KEY_INFO, hint));
      assert.equal(answer.ok && answer.identity.subject, 'alice');
    });
  }

  it('of namespaces that nothing visible uses, as some providers make it: is good', async () => {
    const { script } = bench.idp;
    script.signs = { response: true, assertion: true };
    script.algorithms = { ...SHA256, prefixes: ['xs'] };
    const typed = (value: string): string => `<saml:AttributeValue xmlns:xsi="urn:xsi" xsi:type="xs:string">${value}<`;
    script.person = { nameId: 'alice', attributes: { groups: ['hr'] } };
    script.beforeSigning = (xml) =>
      replaced(xml, /<saml:AttributeValue>([^<]*)</, typed('$1')).replace(' ID=', ' xmlns:xs="urn:xs" ID=');
    script.response = (xml) => replaced(xml, ' ID=', ' xmlns:xs="urn:xs" ID=');
    const answer = await bench.answer((xml) => {
      assert.match(xml, /PrefixList="xs"/);
      return xml;
    });
    assert.deepEqual(answer.ok ? answer.identity.groups : answer.detail, ['hr']);
  });

  it('of the response that does not verify: is refused, though the assertion’s alone would do', async () => {
    bench.idp.script.signs = { response: true, assertion: true };
    bench.idp.script.afterSigning = (xml) => replaced(xml, / IssueInstant="2/, ' Consent="x" IssueInstant="2');
    assertRefused(await bench.answer(), 'signature of the Response');
  });

  it('of the response by an attacker: is refused, though the assertion’s alone would do', async () => {
    bench.idp.script.afterSigning = (xml) => signed(xml, 'Response', { ...bench.idp.script, signer: mallory });
    assertRefused(await bench.answer(), 'signature of the Response');
  });

  it('of another assertion of the same provider: does not serve this response', async () => {
    const [first] = await captured(bench);
    assertRefused(await bench.answer((xml) => xml.replace(ASSERTION, first)), 'InResponseTo of the confirmation');
  });

  for (const [says, algorithms, check] of [
    [
      'T072 by RSA with SHA-1',
      { signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
      'algorithm of SignatureMethod',
    ],
    ['T072 of a digest by SHA-1', { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }, 'algorithm of DigestMethod'],
  ] as const) {
    it(`${says}: is refused`, async () => {
      Object.assign(bench.idp.script.algorithms, SHA256, algorithms);
      const answer = await bench.answer();
      Object.assign(bench.idp.script.algorithms, SHA256);
      assertRefused(answer, check);
    });
  }

  for (const [says, from, to, check] of [
    ['by a MAC', 'xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256', 'algorithm of SignatureMethod'],
    ['by MD5', 'xmldsig-more#rsa-sha256', 'xmldsig-more#rsa-md5', 'algorithm of SignatureMethod'],
    [
      'by a property of every object',
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      'constructor',
      'algorithm of SignatureMethod',
    ],
    [
      'by an algorithm without a name',
      'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"',
      '',
      'algorithm of SignatureMethod',
    ],
    [
      'that is made canonical with its comments',
      'xml-exc-c14n#"/><SignatureM',
      'xml-exc-c14n#WithComments"/><SignatureM',
      'algorithm of CanonicalizationMethod',
    ],
  ] as const) {
    it(`T072 ${says}: is refused`, async () => {
      assertRefused(await bench.answer((xml) => replaced(xml, from, to)), check);
    });
  }
});

const SHA256 = {
  signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
};

const TRANSFORM_WITH = (child: string): string =>
  `<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">${child}</Transform>`;

/** The assertion of a trip that was not used. */
async function captured(bench: SamlBench): Promise<readonly [string]> {
  let assertion = '';
  await bench.answer((xml) => {
    assertion = ASSERTION.exec(xml)?.[0] ?? '';
    return xml;
  });
  return [assertion];
}
