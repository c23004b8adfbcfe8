import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { markOf } from '../../../src/core/evidence.ts';
import {
  assertRefused,
  inAssertion,
  LADDER,
  MFA,
  PASSWORD,
  type SamlBench,
  SERVICE,
  startSamlBench,
} from '../../support/saml-bench.ts';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

const believed = async (bench: SamlBench) => {
  const answer = await bench.answer();
  assert.ok(answer.ok, answer.ok ? '' : answer.detail);
  return answer;
};

describe('who comes back', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ claimsKept: ['country', 'nested', 'absent'] });
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  const attributed = (attributes: Readonly<Record<string, readonly string[]>>): void => {
    bench.idp.script.person = { nameId: 'alice', attributes };
  };

  for (const [says, written, subject] of [
    ['without a format is its value', '<saml:NameID>alice</saml:NameID>', () => 'alice'],
    ['qualified by the provider and us is its value', 'QUALIFIED', () => 'alice'],
    [
      'of another format is all that makes it one',
      `<saml:NameID Format="${EMAIL}">alice</saml:NameID>`,
      () => JSON.stringify(['alice', EMAIL, null, null]),
    ],
    [
      'qualified by another provider is all that makes it one',
      '<saml:NameID NameQualifier="https://evil.example">alice</saml:NameID>',
      () => JSON.stringify(['alice', null, 'https://evil.example', null]),
    ],
    [
      'qualified by another service is all that makes it one',
      '<saml:NameID SPNameQualifier="urn:other">alice</saml:NameID>',
      () => JSON.stringify(['alice', null, null, 'urn:other']),
    ],
    [
      'that looks like all that makes a name is no other person’s',
      '<saml:NameID>["alice",null,null,"urn:other"]</saml:NameID>',
      () => JSON.stringify(['["alice",null,null,"urn:other"]', null, null, null]),
    ],
    ['in capitals is in capitals', '<saml:NameID>ALICE</saml:NameID>', () => 'ALICE'],
    ['with a space is with a space', '<saml:NameID>alice </saml:NameID>', () => 'alice '],
    ['in another form of Unicode is in that form', '<saml:NameID>ali\u0301ce</saml:NameID>', () => 'ali\u0301ce'],
  ] as const) {
    it(`a name ${says}`, async () => {
      const qualified = `<saml:NameID NameQualifier="${bench.idp.entityId}" SPNameQualifier="${SERVICE}">alice</saml:NameID>`;
      inAssertion(/<saml:NameID.*?<\/saml:NameID>/, written === 'QUALIFIED' ? qualified : written)(bench.idp.script);
      assert.equal((await believed(bench)).identity.subject, subject());
    });
  }

  it('keeps what the provider calls its session: the whole name, and its index', async () => {
    const { identity } = await believed(bench);
    assert.deepEqual(JSON.parse(identity.providerSession ?? ''), ['alice', PERSISTENT, null, null, '_session-1']);
  });

  for (const name of [
    'nameID',
    'nameid',
    'inResponseTo',
    'issuer',
    'sessionIndex',
    'subject',
    'attributes',
    'getAssertion',
  ]) {
    it(`an attribute called ${name} is an attribute, and nothing of who the person is`, async () => {
      const plain = await believed(bench);
      attributed({ [name]: ['mallory'] });
      const answer = await believed(bench);
      assert.deepEqual(answer.identity, plain.identity);
      assert.notEqual(answer.inResponseTo, 'mallory');
    });
  }

  it('attributes called as every object has some are attributes, and change no object', async () => {
    attributed({ ['__proto__']: ['mallory'], constructor: ['mallory'], toString: ['mallory'] });
    const { identity } = await believed(bench);
    assert.equal(identity.subject, 'alice');
    assert.equal(({} as Record<string, unknown>).mallory, undefined);
    assert.equal(Object.getPrototypeOf({}), Object.prototype);
  });

  it('reads address, name and groups where the configuration says, each once', async () => {
    attributed({ mail: ['alice@corp.example'], cn: ['Alice'], groups: ['hr', 'it', 'hr'] });
    const { identity } = await believed(bench);
    assert.deepEqual([identity.email, identity.name, identity.groups], ['alice@corp.example', 'Alice', ['hr', 'it']]);
  });

  it('has no address of two', async () => {
    attributed({ mail: ['alice@corp.example', 'mallory@corp.example'] });
    assert.equal((await believed(bench)).identity.email, null);
  });

  it('takes attributes of one name together, wherever they stand', async () => {
    const group = (name: string) =>
      `<saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue>${name}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`;
    inAssertion('</saml:Assertion>', `${group('hr')}${group('it')}</saml:Assertion>`)(bench.idp.script);
    assert.deepEqual((await believed(bench)).identity.groups, ['hr', 'it']);
  });

  it('has no groups of an attribute with elements in it, and knows nothing of such a claim, rather than that it is not there', async () => {
    attributed({ groups: ['hr', '<x>it</x>'], nested: ['a', '<x/>'], country: ['CH'] });
    const { identity } = await believed(bench);
    assert.deepEqual(identity.groups, []);
    assert.deepEqual(
      [...identity.claims],
      [
        ['country', ['CH']],
        ['absent', null],
      ],
    );
  });

  it('is told when the provider wants the session to be over', async () => {
    inAssertion(
      '<saml:AuthnStatement',
      '<saml:AuthnStatement SessionNotOnOrAfter="2199-01-01T00:00:00Z"',
    )(bench.idp.script);
    assert.equal((await believed(bench)).sessionEnds, Date.parse('2199-01-01T00:00:00Z') / 1000);
  });
});

describe('how somebody was authenticated', () => {
  let bench: SamlBench;
  const [password, mfa] = LADDER.levels;
  assert.ok(password && mfa);
  const marks = [markOf(mfa, { claims: [['authnmethods', 'multipleauthn']] }), markOf(password, { acr: [PASSWORD] })];
  before(async () => {
    bench = await startSamlBench({ evidence: { marks, unmarked: null } });
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  const CLASS = /<saml:AuthnContextClassRef>.*?<\/saml:AuthnContextClassRef>/;

  for (const [says, into, acr] of [
    [
      'by a class and a declaration: by the class',
      '$&<saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef>',
      PASSWORD,
    ],
    [
      'by a declaration alone: by nothing that we know',
      `<saml:AuthnContextDeclRef>${PASSWORD}</saml:AuthnContextDeclRef>`,
      null,
    ],
    [
      'by a class that another authority vouches for: by the class',
      '$&<saml:AuthenticatingAuthority>urn:x</saml:AuthenticatingAuthority>',
      PASSWORD,
    ],
    ['by a class in lines: by the class', `<saml:AuthnContextClassRef>\n  ${MFA}\n</saml:AuthnContextClassRef>`, MFA],
    ['by an empty class: by nothing', '<saml:AuthnContextClassRef/>', null],
  ] as const) {
    it(says, async () => {
      inAssertion(CLASS, into)(bench.idp.script);
      assert.equal((await believed(bench)).proof.acr, acr);
    });
  }

  it('keeps of its attributes what levels are proven by, to the character', async () => {
    bench.idp.script.person = {
      nameId: 'alice',
      attributes: { authnmethods: ['windows', 'multipleauthn'], other: ['x'] },
    };
    assert.deepEqual((await believed(bench)).proof.facts, [['authnmethods', 'multipleauthn']]);
    bench.idp.script.person = { nameId: 'alice', attributes: { authnmethods: ['multipleauthn '] } };
    assert.deepEqual((await believed(bench)).proof.facts, []);
  });
});

describe('a subject that is an attribute', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ subject: 'uid' });
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  it('is its one value, whatever the name is', async () => {
    bench.idp.script.person = {
      nameId: 'passing',
      format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
      attributes: { uid: ['alice'] },
    };
    assert.equal((await believed(bench)).identity.subject, 'alice');
  });

  for (const [says, values] of [
    ['none', []],
    ['two', ['alice', 'bob']],
    ['the same twice', ['alice', 'alice']],
    ['an empty one', ['']],
    ['one with elements in it', ['al<x/>ice']],
    ['one beside another with elements in it', ['alice', '<x/>']],
    ['a very long one', ['a'.repeat(513)]],
  ] as const) {
    it(`is nobody with ${says}`, async () => {
      bench.idp.script.person = { nameId: 'alice', attributes: { uid: values } };
      assertRefused(await bench.answer(), 'subject');
    });
  }

  it('is nobody where the attribute is called nearly so', async () => {
    bench.idp.script.person = { nameId: 'alice', attributes: { UID: ['alice'] } };
    assertRefused(await bench.answer(), 'subject');
  });
});
