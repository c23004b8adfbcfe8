import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { arrive, type Trip } from '../../src/core/step-up.ts';
import { instant } from '../support/fake-idp.ts';
import {
  assertRefused,
  type Bend,
  demandFor,
  inAssertion,
  inResponse,
  MFA,
  PASSWORD,
  type SamlBench,
  startSamlBench,
} from '../support/saml-bench.ts';

const EVIL = 'https://evil.example';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

const fromNow = (seconds: number) => (): string => instant(Math.floor(Date.now() / 1000) + seconds);

const RECIPIENT = /Recipient="([^"]*)"/;
const DESTINATION = /Destination="([^"]*)"/;
const CONFIRMATION = /<saml:SubjectConfirmation .*?<\/saml:SubjectConfirmation>/;
const CONFIRMATION_DATA = /<saml:SubjectConfirmationData[^>]*\/>/;
const RESTRICTION = /<saml:AudienceRestriction>.*?<\/saml:AudienceRestriction>/;
const STATEMENT = /<saml:AuthnStatement.*?<\/saml:AuthnStatement>/;
const CONTEXT = /<saml:AuthnContext>.*?<\/saml:AuthnContext>/;
const CLASS = /<saml:AuthnContextClassRef>.*?<\/saml:AuthnContextClassRef>/;
const ISSUER = /<saml:Issuer>([^<]*)/;
const RESPONSE_ISSUER = /(<samlp:Response[^>]*>)<saml:Issuer>([^<]*)<\/saml:Issuer>/;
const SUCCESS = /<samlp:StatusCode [^>]*\/>/;

const SECOND_STATEMENT = `<saml:AuthnStatement AuthnInstant="2026-01-01T00:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>${MFA}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`;

const nested = (...codes: readonly string[]): string =>
  codes.reduceRight(
    (inner, code) => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode>`,
    '',
  );

/** The provider signs all of this: nothing but our own checks stands between it and a session. */
const SIGNED: readonly (readonly [says: string, bend: Bend, check: string])[] = [
  ['T064 for another recipient', inAssertion(RECIPIENT, `Recipient="${EVIL}"`), 'Recipient'],
  ['T064 for another provider of ours', inAssertion('/corp/acs', '/partner/acs'), 'Recipient'],
  ['T064 for our recipient and a query', inAssertion(RECIPIENT, 'Recipient="$1?x"'), 'Recipient'],
  ['T064 for our recipient in other letters', inAssertion('https://payroll', 'https://PAYROLL'), 'Recipient'],
  ['T064 for no recipient', inAssertion(RECIPIENT, ''), 'Recipient'],
  ['T065 to another destination', inResponse(DESTINATION, `Destination="${EVIL}"`), 'Destination'],
  ['T065 to our destination and a slash', inResponse(DESTINATION, 'Destination="$1/"'), 'Destination'],
  ['T065 to no destination', inResponse(DESTINATION, ''), 'Destination'],
  ['T066 of another issuer', inResponse(RESPONSE_ISSUER, `$1<saml:Issuer>${EVIL}</saml:Issuer>`), 'Issuer'],
  ['T066 of an empty issuer', inResponse(RESPONSE_ISSUER, '$1<saml:Issuer/>'), 'Issuer'],
  ['T066 of two issuers', inResponse(RESPONSE_ISSUER, '$&<saml:Issuer>$2</saml:Issuer>'), 'Issuer'],
  [
    'T066 of an issuer that is no entity',
    inResponse('<saml:Issuer>', `<saml:Issuer Format="${UNSPECIFIED}">`),
    'Issuer',
  ],
  ['T066 of another issuer within', inAssertion(ISSUER, `<saml:Issuer>${EVIL}`), 'Issuer of the assertion'],
  ['T066 of our issuer and a space within', inAssertion(ISSUER, '$& '), 'Issuer of the assertion'],
  ['T067 confirmed by whoever vouches', inAssertion('cm:bearer', 'cm:sender-vouches'), 'Method'],
  ['T067 confirmed by a key', inAssertion('cm:bearer', 'cm:holder-of-key'), 'Method'],
  ['T067 confirmed by nothing', inAssertion(CONFIRMATION, ''), 'SubjectConfirmation'],
  ['T067 confirmed twice', inAssertion(CONFIRMATION, '$&$&'), 'SubjectConfirmation'],
  ['T067 confirmed without data', inAssertion(CONFIRMATION_DATA, ''), 'SubjectConfirmationData'],
  ['T067 confirmed by two sets of data', inAssertion(CONFIRMATION_DATA, '$&$&'), 'SubjectConfirmationData'],
  [
    'T067 confirmed for somebody else',
    inAssertion('cm:bearer">', 'cm:bearer"><saml:NameID>bob</saml:NameID>'),
    'SubjectConfirmationData',
  ],
  ['T068 of a status without a code', inResponse(SUCCESS, ''), 'Status'],
  ['T068 of two statuses', inResponse(/<samlp:Status>.*<\/samlp:Status>/, '$&$&'), 'Status'],
  ['T068 of a success that is taken back', inResponse(SUCCESS, nested('Success', 'NoAuthnContext')), 'Status'],
  ['T068 of two codes', inResponse(SUCCESS, '$&$&'), 'Status'],
  [
    'T069 of a session that is over',
    inAssertion('<saml:AuthnStatement', () => `<saml:AuthnStatement SessionNotOnOrAfter="${fromNow(0)()}"`),
    'SessionNotOnOrAfter',
  ],
  [
    'T069 of a session that ends at no moment',
    inAssertion('<saml:AuthnStatement', '<saml:AuthnStatement SessionNotOnOrAfter="never"'),
    'SessionNotOnOrAfter',
  ],
  ['T079 with two authentications', inAssertion(STATEMENT, `$&${SECOND_STATEMENT}`), 'AuthnStatement'],
  ['T079 with no authentication', inAssertion(STATEMENT, ''), 'AuthnStatement'],
  ['T079 with two contexts', inAssertion(CONTEXT, '$&$&'), 'AuthnContext'],
  ['T079 with two classes', inAssertion(CLASS, '$&$&'), 'AuthnContextClassRef'],
  ['T079 with a class that holds another', inAssertion(`${PASSWORD}</`, '<x/></'), 'AuthnContextClassRef'],
  ['T085 for another audience', inAssertion('>urn:stepgate<', `>${EVIL}<`), 'Audience'],
  ['T085 for an audience that begins as ours', inAssertion('>urn:stepgate<', '>urn:stepgate2<'), 'Audience'],
  ['T085 for us in other letters', inAssertion('>urn:stepgate<', '>urn:Stepgate<'), 'Audience'],
  [
    'T085 for us and, restricted once more, for others alone',
    inAssertion(
      RESTRICTION,
      `$&<saml:AudienceRestriction><saml:Audience>${EVIL}</saml:Audience></saml:AudienceRestriction>`,
    ),
    'Audience',
  ],
  ['T085 for everybody', inAssertion(RESTRICTION, ''), 'Audience'],
  ['T085 for an empty audience', inAssertion(RESTRICTION, '<saml:AudienceRestriction/>'), 'Audience'],
];

/** The same, of what goes beyond the numbered. */
const ALSO_SIGNED: typeof SIGNED = [
  ['of SAML 1.1', inResponse('Version="2.0"', 'Version="1.1"'), 'Version'],
  ['of an assertion of SAML 1.1', inAssertion('Version="2.0"', 'Version="1.1"'), 'Version'],
  [
    'to another request, within',
    inAssertion('InResponseTo="', 'InResponseTo="_other'),
    'InResponseTo of the confirmation',
  ],
  ['to no request, within', inAssertion(/ InResponseTo="[^"]*"/, ''), 'InResponseTo of the confirmation'],
  ['to no request at all', inResponse(/ InResponseTo="[^"]*"/, ''), 'InResponseTo'],
  ['to an empty request', inResponse(/ InResponseTo="[^"]*"/, ' InResponseTo=""'), 'InResponseTo'],
  [
    'that cannot be confirmed yet',
    inAssertion('NotOnOrAfter=', 'NotBefore="2020-01-01T00:00:00Z" $&'),
    'NotBefore of the confirmation',
  ],
  ['of a name with elements in it', inAssertion(/alice/, 'al<x/>ice'), 'NameID'],
  ['of an empty name', inAssertion(/alice/, ' '), 'NameID'],
  ['of two names', inAssertion(/<saml:NameID.*?<\/saml:NameID>/, '$&$&'), 'NameID'],
  ['of a name of another kind', inAssertion(/<saml:NameID.*?<\/saml:NameID>/, '<saml:BaseID/>'), 'NameID'],
  ['of nobody', inAssertion(/<saml:Subject>.*<\/saml:Subject>/, ''), 'Subject'],
  ['of nobody by name', inAssertion(/<saml:NameID.*?<\/saml:NameID>/, ''), 'subject'],
  ['of a very long name', inAssertion(/alice/, 'a'.repeat(513)), 'subject'],
  ['of a passing name', inAssertion('format:persistent', 'format:transient'), 'subject'],
  ['without conditions', inAssertion(/<saml:Conditions.*<\/saml:Conditions>/, '<!-- -->'), 'Conditions'],
  ['with conditions twice', inAssertion(/<saml:Conditions.*<\/saml:Conditions>/, '$&$&'), 'Conditions'],
  ['with a condition that nobody knows', inAssertion(RESTRICTION, '$&<saml:Condition/>'), 'Condition'],
  [
    'with a known condition of somebody else',
    inAssertion(RESTRICTION, '$&<x:OneTimeUse xmlns:x="urn:x"/>'),
    'Condition',
  ],
  ['with an ID that is none', inAssertion(/ ID="[^"]*"/, ' ID="a b"'), 'shape of a signature'],
  ['issued at no moment', inAssertion(/IssueInstant="[^"]*"/, 'IssueInstant="now"'), 'IssueInstant'],
  ['authenticated at no moment', inAssertion(/AuthnInstant="[^"]*"/, 'AuthnInstant=""'), 'AuthnInstant'],
];

describe('a response that the provider signed', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench();
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  it('is believed where nothing is wrong with it', async () => {
    const answer = await bench.answer();
    assert.ok(answer.ok);
    assert.deepEqual([answer.identity.subject, answer.proof.acr], ['alice', PASSWORD]);
  });

  for (const [says, bend, check] of [...SIGNED, ...ALSO_SIGNED]) {
    it(`${says}: is refused`, async () => {
      bend(bench.idp.script);
      // The response is signed around whatever its assertion says: what is tested is what it says.
      assertRefused(await bench.answer(), check);
    });
  }

  it('T068 with a status other than success and an assertion in it: says no, whatever the assertion says', async () => {
    inResponse(SUCCESS, nested('Responder'))(bench.idp.script);
    const answer = await bench.answer();
    assert.deepEqual(answer, {
      ok: false,
      failure: 'provider_error',
      detail: 'provider answered another status',
      inResponseTo: answer.inResponseTo,
    });
  });

  for (const [says, another] of [
    ['beside the first', (assertion: string) => `${assertion}${assertion.replace(/ ID="_/, ' ID="_2')}`],
    ['without a signature', (assertion: string) => `${assertion}<saml:Assertion ID="_2"/>`],
    ['encrypted', (assertion: string) => `${assertion}<saml:EncryptedAssertion/>`],
    ['in an extension', (assertion: string) => `<samlp:Extensions><saml:Assertion/></samlp:Extensions>${assertion}`],
  ] as const) {
    it(`T079 with a second assertion ${says}: is refused`, async () => {
      bench.idp.script.response = (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/, another);
      assertRefused(await bench.answer(), 'assertions');
    });
  }
});

describe('a forced trip', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench();
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  const asked = demandFor('mfa', { maxAge: 120 });
  const trip: Trip = { family: null, demands: [asked], asked, tried: [], forced: true };
  const birth = { ledger: 'l', family: 'f', provider: 'corp', lifetime: 3600, ends: null, generation: 0 };

  /** How a forced trip ends with what the provider answers to it. */
  async function ended(): Promise<string> {
    const answer = await bench.answer(undefined, { demand: asked, force: true });
    assert.ok(answer.ok);
    const now = Math.floor(Date.now() / 1000);
    const arrived = arrive(trip, null, answer.identity, answer.proof, bench.config.evidence, birth, now);
    return arrived.kind === 'failed' ? arrived.failure : arrived.kind;
  }

  it('is met by an authentication of just now at the class that was asked for', async () => {
    assert.equal(await ended(), 'met');
  });

  it('T070 that the provider answers with an old AuthnInstant: ends with stale_authentication', async () => {
    bench.idp.script.authnInstant = Math.floor(Date.now() / 1000) - 121;
    assert.equal(await ended(), 'stale_authentication');
  });

  it('T070 whose answer is held back for longer than clocks differ: has aged on its way', async () => {
    bench.idp.script.beforeSigning = (xml) =>
      xml.replace(/(IssueInstant|AuthnInstant)="[^"]*"/g, `$1="${fromNow(-181)()}"`);
    assert.equal(await ended(), 'stale_authentication');
  });

  for (const [says, classRef] of [
    ['a weaker class', PASSWORD],
    ['a class that nobody knows', 'urn:unknown'],
    ['the class in other letters', MFA.toUpperCase()],
    ['a class that begins as the one asked for', `${MFA}/not`],
    ['no class', ''],
  ] as const) {
    it(`T071 that the provider answers with ${says}: ends with level_not_met`, async () => {
      bench.idp.script.classRef = classRef;
      assert.equal(await ended(), 'level_not_met');
    });
  }
});
