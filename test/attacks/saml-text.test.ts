import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { LONGEST_RESPONSE } from '../../src/providers/saml/response.ts';
import {
  assertRefused,
  inAssertion,
  MFA,
  PASSWORD,
  replaced,
  type SamlBench,
  startSamlBench,
} from '../support/saml-bench.ts';

const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64');

describe('the text of a response', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench();
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  const subjectOf = async (forge: (xml: string) => string): Promise<string> => {
    const answer = await bench.answer(forge);
    assert.ok(answer.ok, answer.ok ? '' : answer.detail);
    return answer.identity.subject;
  };

  for (const [says, forge] of [
    ['a document type', (xml) => `<!DOCTYPE x>${xml}`],
    ['a document type in small letters', (xml) => `<!doctype x>${xml}`],
    ['a document type and an entity', (xml) => `<!DOCTYPE x [<!ENTITY e "mallory">]>${replaced(xml, 'alice', '&e;')}`],
    ['an entity of a file', (xml) => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml}`],
    ['entities of entities', (xml) => `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${xml}`],
    ['a document type after the declaration', (xml) => `<?xml version="1.0"?>\n<!DOCTYPE x>${xml}`],
    ['an entity that nobody declared', (xml) => replaced(xml, 'alice', 'al&e;ice')],
    ['a processing instruction', (xml) => `<?xml-stylesheet href="https://evil.example"?>${xml}`],
    ['a processing instruction in a name', (xml) => replaced(xml, 'alice', 'al<?x ?>ice')],
    ['a declaration twice', (xml) => `<?xml version="1.0"?><?xml version="1.0"?>${xml}`],
    ['another version of XML', (xml) => `<?xml version="1.1"?>${xml}`],
    ['another encoding by name', (xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`],
  ] as readonly (readonly [string, (xml: string) => string])[]) {
    it(`T073 with ${says}: is refused`, async () => {
      assertRefused(await bench.answer(forge), 'XML');
    });
  }

  for (const [says, forge] of [
    ['a comment', (xml) => replaced(xml, 'alice', 'ali<!-- -->ce')],
    ['a comment at its beginning', (xml) => replaced(xml, 'alice', '<!--mallory-->alice')],
    ['a comment around half of it and back', (xml) => replaced(xml, 'alice', 'al<!--x--><!--y-->ice')],
    ['a reference to a character', (xml) => replaced(xml, 'alice', '&#x61;lice')],
  ] as readonly (readonly [string, (xml: string) => string])[]) {
    it(`T080 with ${says} in the NameID, once it was signed: is about the whole name`, async () => {
      assert.equal(await subjectOf(forge), 'alice');
    });
  }

  it('T080 with a name that a comment parts, as it was signed: is about the whole name, no part of it', async () => {
    bench.idp.script.person = { nameId: 'admin@corp.example<!-- -->.evil.example' };
    assert.equal(await subjectOf((xml) => xml), 'admin@corp.example.evil.example');
  });

  it('T080 with a name in CDATA, as it was signed: is about the whole name', async () => {
    bench.idp.script.person = { nameId: 'admin<![CDATA[<!-- -->]]>x' };
    assert.equal(await subjectOf((xml) => xml), 'admin<!-- -->x');
  });

  it('T080 with CDATA in the NameID, once it was signed: is about the whole name', async () => {
    assert.equal(await subjectOf((xml) => replaced(xml, 'alice', 'al<![CDATA[ice]]>')), 'alice');
  });

  for (const [says, written] of [
    ['a comment behind it', `${PASSWORD}<!---->`],
    ['a comment in it', PASSWORD.replace('Password', 'Pass<!--x-->word')],
    ['CDATA', `<![CDATA[${PASSWORD}]]>`],
  ] as const) {
    it(`T080 with ${says} in the class, once it was signed: is of the whole class`, async () => {
      const answer = await bench.answer((xml) => replaced(xml, PASSWORD, written));
      assert.equal(answer.ok && answer.proof.acr, PASSWORD);
    });
  }

  it('T080 with a class that a comment parts, as it was signed: is of no class that we know', async () => {
    inAssertion(PASSWORD, `${MFA}<!-- -->.evil`)(bench.idp.script);
    const answer = await bench.answer();
    assert.equal(answer.ok && answer.proof.acr, `${MFA}.evil`);
  });

  for (const [says, field, check] of [
    ['of fifty megabytes', () => 'A'.repeat(50 * 1024 * 1024), 'size'],
    ['of a byte too much', () => 'A'.repeat(LONGEST_RESPONSE + 1), 'size'],
    ['that is empty', () => '', 'base64'],
    ['of white space', () => ' \r\n', 'base64'],
    [
      'in the alphabet of URLs',
      (xml: string) => Buffer.from(xml.replace('alice', '\u{7FF}\u{FFFF}?>')).toString('base64url'),
      'base64',
    ],
    ['with padding in it', (xml: string) => `${base64(xml).slice(0, 400)}==${base64(xml).slice(400)}`, 'base64'],
    [
      'with bits behind its end',
      (xml: string) => base64(xml.padEnd(xml.length + ((5 - (xml.length % 3)) % 3))).replace(/.=$/, 'B='),
      'base64',
    ],
    ['with something behind its end', (xml: string) => `${base64(xml)}&x=`, 'base64'],
    ['that is no base64', (xml: string) => xml, 'base64'],
    ['percent-encoded once more', (xml: string) => encodeURIComponent(base64(`${xml} `)), 'base64'],
    ['in UTF-16', (xml: string) => base64(`\uFEFF${xml}`, 'utf16le'), 'UTF-8'],
    ['in UTF-16 without a mark', (xml: string) => base64(xml, 'utf16le'), 'XML'],
    ['in Latin 1', (xml: string) => base64(xml.replace('alice', 'alicé'), 'latin1'), 'UTF-8'],
    [
      'with overlong characters',
      (xml: string) => Buffer.concat([Buffer.from([0xc0, 0xbc]), Buffer.from(xml)]).toString('base64'),
      'UTF-8',
    ],
    ['with a byte order mark', (xml: string) => base64(`\uFEFF${xml}`), 'XML'],
    ['with a zero byte', (xml: string) => base64(`${xml}\0`), 'XML'],
    ['that is deflated', (xml: string) => deflateRawSync(xml).toString('base64'), 'UTF-8'],
    ['that is no XML', () => base64('{"alice": true}'), 'XML'],
    ['of two documents', (xml: string) => base64(`${xml}${xml}`), 'XML'],
    ['with something before it', (xml: string) => base64(`x${xml}`), 'XML'],
    [
      'that is another message',
      (xml: string) => base64(xml.replaceAll('samlp:Response', 'samlp:LogoutResponse')),
      'not a Response',
    ],
    [
      'of an older SAML',
      (xml: string) => base64(xml.replace('SAML:2.0:protocol', 'SAML:1.0:protocol')),
      'not a Response',
    ],
    [
      'of thirty-three levels',
      (xml: string) => base64(xml.replace('<samlp:Status>', `${'<x>'.repeat(32)}${'</x>'.repeat(32)}$&`)),
      'XML',
    ],
    [
      'of more levels than are counted, with comments that close them',
      (xml: string) => base64(xml.replace('<samlp:Status>', `${'<x><!--</x>-->'.repeat(40)}${'</x>'.repeat(40)}$&`)),
      'XML',
    ],
    [
      'of five thousand elements',
      (xml: string) => base64(xml.replace('<samlp:Status>', `${'<x/>'.repeat(5000)}$&`)),
      'XML',
    ],
    [
      'of an element with a hundred attributes',
      (xml: string) =>
        base64(xml.replace('<samlp:Status', `$&${Array.from({ length: 100 }, (_, i) => ` a${i}=""`).join('')}`)),
      'XML',
    ],
  ] as readonly (readonly [string, (xml: string) => string, string | RegExp])[]) {
    it(`T090 ${says}: is refused before any signature is looked at`, async () => {
      assertRefused(await bench.answerField(field), check);
    });
  }

  for (const [says, field] of [
    ['in lines', (xml: string) => base64(xml).replace(/.{76}/g, '$&\r\n')],
    ['with a declaration', (xml: string) => base64(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)],
    ['with line ends of another system than it was signed with', (xml: string) => base64(xml.replaceAll('\n', '\r\n'))],
  ] as const) {
    it(`${says}: is believed, for there is one way to read it`, async () => {
      inAssertion('<saml:Subject>', '\n<saml:Subject>')(bench.idp.script);
      const answer = await bench.answerField(field);
      assert.ok(answer.ok, answer.ok ? '' : answer.detail);
    });
  }
});
