import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type EncryptOptions, encrypt } from 'xml-encryption';
import { makePair, type Pair } from '../support/fake-idp.ts';
import { type Encryption, encrypted } from '../support/fake-idp-encryption.ts';
import { assertRefused, inAssertion, replaced, type SamlBench, startSamlBench } from '../support/saml-bench.ts';

const current = makePair('stepgate');
const next = makePair('stepgate-next');
const mallory = makePair('mallory');

const to = ({ certificate }: Pair, how: Omit<Encryption, 'certificate'> = {}): Encryption => ({ certificate, ...how });

/** What everybody is told of what could not be opened, whatever it was. */
const UNOPENED = 'encrypted assertion';
const UNKNOWN = 'algorithm or shape of encryption';

const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/;

const DECRYPTS = { decrypt: { current, next } };

for (const [wanted, signs] of [
  ['response', { response: true, assertion: false }],
  ['assertion', { response: false, assertion: true }],
  ['both', { response: true, assertion: true }],
] as const) {
  describe(`an encrypted assertion where the signature of ${wanted} is wanted`, () => {
    let bench: SamlBench;
    before(async () => {
      bench = await startSamlBench({ ...DECRYPTS, signed: wanted });
    });
    beforeEach(() => {
      bench.straighten();
      bench.idp.script.signs = signs;
      bench.idp.script.encrypts = to(current);
    });
    after(() => bench.stop());

    for (const [says, encryption] of [
      ['by AES-256 in GCM', to(current, { data: 'aes256-gcm' })],
      ['by AES-128 in GCM', to(current, { data: 'aes128-gcm' })],
      ['to the key that is to come', to(next)],
      ['by OAEP with SHA-256', to(current, { key: 'rsa-oaep', hash: 'sha256' })],
      ['by OAEP with SHA-1, as it is named now', to(current, { key: 'rsa-oaep', hash: 'sha1' })],
      ['with its key beside it', to(current, { keyBeside: true })],
    ] as const) {
      it(`${says}: is opened and believed`, async () => {
        bench.idp.script.encrypts = encryption;
        const answer = await bench.answer();
        assert.ok(answer.ok, answer.ok ? '' : answer.detail);
        assert.equal(answer.identity.subject, 'alice');
      });
    }

    for (const [says, encryption, check] of [
      ['whose key is encrypted by PKCS #1 v1.5', to(current, { key: 'rsa-1_5' }), UNKNOWN],
      ['whose key is encrypted with two hashes', to(current, { key: 'rsa-oaep-mgf1p', hash: 'sha256' }), UNKNOWN],
      ['by triple DES', to(current, { data: 'tripledes-cbc' }), UNKNOWN],
      ['by AES-128 in CBC', to(current, { data: 'aes128-cbc' }), 'algorithm of encryption'],
      ['by AES-256 in CBC', to(current, { data: 'aes256-cbc' }), 'algorithm of encryption'],
      ['to somebody else', to(mallory), UNOPENED],
      ['with another tag', to(current, { bytes: (data) => flipped(data, data.length - 1) }), UNOPENED],
      ['with another text', to(current, { bytes: (data) => flipped(data, 40) }), UNOPENED],
      ['that is cut off', to(current, { bytes: (data) => data.subarray(0, 27) }), UNOPENED],
      ['that is empty', to(current, { bytes: () => Buffer.from('A') }), UNOPENED],
    ] as const) {
      it(`T091 ${says}: is refused`, async () => {
        bench.idp.script.encrypts = encryption;
        assertRefused(await bench.answer(), check);
      });
    }

    for (const [says, holds] of [
      ['nothing of XML', () => 'alice'],
      ['another element', () => '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">alice</saml:NameID>'],
      ['a document type', (xml: string) => `<!DOCTYPE x>${xml}`],
      ['something behind it', (xml: string) => `${xml}<x/>`],
      ['another assertion within', (xml: string) => replaced(xml, '</saml:Assertion>', '<saml:Assertion/>$&')],
      ['an encrypted one within', (xml: string) => replaced(xml, '</saml:Assertion>', '<saml:EncryptedAssertion/>$&')],
      [
        'a response',
        (xml: string) => `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${xml}</samlp:Response>`,
      ],
      ['bytes that are no UTF-8', (xml: string) => Buffer.from(xml.replace('alice', 'alic\xe9'), 'latin1')],
    ] as const) {
      it(`T091 that holds ${says}: is refused, by the same word`, async () => {
        bench.idp.script.encrypts = null;
        bench.idp.script.response = (xml) =>
          xml.replace(ASSERTION, (assertion) => encrypted(holds(assertion), to(current)));
        assertRefused(await bench.answer(), UNOPENED);
      });
    }
  });
}

const flipped = (data: Buffer, at: number): Buffer => {
  data[at] = (data[at] ?? 0) ^ 1;
  return data;
};

describe('an encrypted assertion', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ ...DECRYPTS, signed: 'assertion' });
  });
  beforeEach(() => {
    bench.straighten();
    bench.idp.script.signs = { response: false, assertion: true };
    bench.idp.script.encrypts = to(current);
  });
  after(() => bench.stop());

  it('that another implementation encrypted: is opened and believed', async () => {
    bench.idp.script.encrypts = null;
    const answer = await bench.answer(async (xml) => {
      const data = await encryptedElsewhere(ASSERTION.exec(xml)?.[0] ?? '');
      return replaced(xml, ASSERTION, `<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>`);
    });
    assert.ok(answer.ok, answer.ok ? '' : answer.detail);
  });

  it('T091 that the provider did not sign: is refused, though it can be opened', async () => {
    bench.idp.script.signs = { response: false, assertion: false };
    assertRefused(await bench.answer(), 'the Assertion is not signed');
  });

  it('T091 that an attacker signed, and encrypted to us as everybody can: is refused', async () => {
    bench.idp.script.signer = mallory;
    assertRefused(await bench.answer(), 'signature of the Assertion');
  });

  it('T091 that the provider signed for another audience: is refused', async () => {
    inAssertion('>urn:stepgate<', '>urn:other<')(bench.idp.script);
    assertRefused(await bench.answer(), 'Audience');
  });

  it('T091 that is signed by SHA-1 within: is refused before its signature is looked at', async () => {
    const { algorithms } = bench.idp.script;
    bench.idp.script.algorithms = { ...algorithms, signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' };
    assertRefused(await bench.answer(), UNOPENED);
  });
});

/** An EncryptedData by the library that others use. */
const encryptedElsewhere = (xml: string): Promise<string> =>
  promisify<string, EncryptOptions, string>(encrypt)(xml, {
    rsa_pub: createPublicKey(current.certificate).export({ type: 'spki', format: 'pem' }),
    pem: current.certificate,
    encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
    keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
  });

/** Changes to what is encrypted that make it another thing to read. */
const CIPHER_VALUE = /<xenc:CipherValue>([^<]*)<\/xenc:CipherValue>/;
const ENCRYPTED_KEY = /<xenc:EncryptedKey .*<\/xenc:EncryptedKey>/;
const METHOD = /<xenc:EncryptionMethod [^>]*\/>/;

describe('the shape of an encrypted assertion', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ ...DECRYPTS, signed: 'assertion' });
  });
  beforeEach(() => {
    bench.straighten();
    bench.idp.script.signs = { response: false, assertion: true };
    bench.idp.script.encrypts = to(current);
  });
  after(() => bench.stop());

  for (const [says, from, into] of [
    ['with two keys', ENCRYPTED_KEY, '$&$&'],
    ['with no key', ENCRYPTED_KEY, ''],
    ['with a key elsewhere', ENCRYPTED_KEY, '<x>$&</x>'],
    ['with two sets of data', /<xenc:EncryptedData .*<\/xenc:EncryptedData>/, '$&$&'],
    ['with two texts', CIPHER_VALUE, '$&$&'],
    ['with a text that is elsewhere', CIPHER_VALUE, '<xenc:CipherReference URI="http://169.254.169.254/"/>'],
    ['with no algorithm', METHOD, ''],
    ['with two algorithms', METHOD, '$&$&'],
    ['by an algorithm without a name', METHOD, '<xenc:EncryptionMethod/>'],
    ['with a parameter of OAEP', '</xenc:EncryptionMethod>', '<xenc:OAEPparams>AA==</xenc:OAEPparams>$&'],
  ] as const) {
    it(`T091 ${says}: is refused before it is opened`, async () => {
      assertRefused(await bench.answer((xml) => replaced(xml, from, into)), UNKNOWN);
    });
  }
});

describe('an assertion that is encrypted without authentication, where the configuration allows it', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ ...DECRYPTS, signed: 'assertion', allowLegacyEncryptionCbc: true });
  });
  beforeEach(() => {
    bench.straighten();
    bench.idp.script.encrypts = to(current, { data: 'aes256-cbc' });
  });
  after(() => bench.stop());

  for (const data of ['aes128-cbc', 'aes256-cbc'] as const) {
    it(`by ${data} in a signed response: is opened and believed`, async () => {
      bench.idp.script.encrypts = to(current, { data });
      const answer = await bench.answer();
      assert.ok(answer.ok, answer.ok ? '' : answer.detail);
    });
  }

  it('T091 in a response that is not signed: is not opened, for whoever asks often enough could read it', async () => {
    bench.idp.script.signs = { response: false, assertion: true };
    assertRefused(await bench.answer(), 'algorithm of encryption');
  });

  it('T091 that was changed in a signed response: is not opened', async () => {
    const answer = await bench.answer((xml) => replaced(xml, /(<xenc:CipherValue>.{40})./g, '$1A'));
    assertRefused(answer, 'signature of the Response');
  });

  it('T091 by triple DES: is refused all the same', async () => {
    bench.idp.script.encrypts = to(current, { data: 'tripledes-cbc' });
    assertRefused(await bench.answer(), UNKNOWN);
  });

  it('T091 whose padding is none, as the provider signed it: is refused by the word for all', async () => {
    const cut = (data: Buffer): Buffer => data.subarray(0, data.length - 16);
    bench.idp.script.encrypts = to(current, { data: 'aes256-cbc', bytes: cut });
    assertRefused(await bench.answer(), UNOPENED);
  });
});

describe('a provider without keys of ours', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ decrypt: null });
  });
  after(() => bench.stop());

  it('T091 is not believed an encrypted assertion', async () => {
    bench.idp.script.encrypts = to(current);
    assertRefused(await bench.answer(), 'encrypted');
  });
});
