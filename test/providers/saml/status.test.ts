import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inResponse, type SamlBench, startSamlBench } from '../../support/saml-bench.ts';

const PREFIX = 'urn:oasis:names:tc:SAML:2.0:status:';
/** Status codes, each within the one before it. */
const nested = (...codes: readonly string[]): string =>
  codes.reduceRight((inner, code) => `<samlp:StatusCode Value="${code}">${inner}</samlp:StatusCode>`, '');
const known = (...codes: readonly string[]): string => nested(...codes.map((code) => `${PREFIX}${code}`));

const STATUS = /<samlp:Status>.*<\/samlp:Status>/;

describe('a provider that says no', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench();
  });
  beforeEach(() => {
    bench.straighten();
    // As most of them do: a refusal is signed by nobody.
    bench.idp.script.signs = { response: false, assertion: false };
    bench.idp.script.status = `${PREFIX}NoAuthnContext`;
  });
  after(() => bench.stop());

  for (const [says, codes, failure, detail] of [
    ['that it cannot meet the class', known('Responder', 'NoAuthnContext'), 'level_not_met', 'noAuthnContext'],
    ['so and blames us', known('Requester', 'NoAuthnContext'), 'level_not_met', 'noAuthnContext'],
    ['so at the top', known('NoAuthnContext'), 'level_not_met', 'noAuthnContext'],
    ['so deeper down', known('Responder', 'x', 'NoAuthnContext'), 'level_not_met', 'noAuthnContext'],
    ['that the person failed', known('Responder', 'AuthnFailed'), 'access_denied', 'authnFailed'],
    ['that the person may not', known('Responder', 'RequestDenied'), 'access_denied', 'requestDenied'],
    ['that it would have to ask', known('Responder', 'NoPassive'), 'provider_error', 'another status'],
    ['nothing more', known('Responder'), 'provider_error', 'another status'],
    ['that it speaks another version', known('VersionMismatch'), 'provider_error', 'another status'],
    ['something that nobody knows', nested('urn:x', 'urn:y'), 'provider_error', 'another status'],
    [
      'two things at once',
      `${known('Responder').replace('></', `>${known('AuthnFailed')}${known('NoAuthnContext')}</`)}`,
      'provider_error',
      'another status',
    ],
    [
      'a word that is only nearly one of ours',
      known('Responder', 'noauthncontext'),
      'provider_error',
      'another status',
    ],
    ['something with markup in it', nested('Responder', '&lt;img src=x&gt;'), 'provider_error', 'another status'],
  ] as const) {
    it(`${says}: ${failure}, and nothing of what it wrote is repeated`, async () => {
      inResponse(
        STATUS,
        `<samlp:Status>${codes}<samlp:StatusMessage>secret</samlp:StatusMessage></samlp:Status>`,
      )(bench.idp.script);
      const answer = await bench.answer();
      assert.ok(!answer.ok);
      assert.deepEqual([answer.failure, answer.detail], [failure, `provider answered ${detail}`]);
      assert.match(answer.inResponseTo ?? '', /^_/);
    });
  }

  for (const [says, status] of [
    ['without a status', ''],
    ['with two', `<samlp:Status>${known('Responder')}</samlp:Status>`.repeat(2)],
    ['with an empty one', '<samlp:Status/>'],
    ['with a code of no value', '<samlp:Status><samlp:StatusCode/></samlp:Status>'],
    ['of another namespace', '<Status xmlns="urn:x"/>'],
  ] as const) {
    it(`${says}: is no answer at all`, async () => {
      inResponse(STATUS, status)(bench.idp.script);
      const answer = await bench.answer();
      assert.ok(!answer.ok);
      assert.deepEqual([answer.failure, answer.detail], ['invalid_response', 'check failed: Status']);
    });
  }

  it('for another issuer or address: is no answer at all', async () => {
    inResponse(/Destination="[^"]*"/, 'Destination="https://evil.example"')(bench.idp.script);
    const answer = await bench.answer();
    assert.ok(!answer.ok);
    assert.equal(answer.detail, 'check failed: Destination');
  });

  it('says success without an assertion: is no answer at all', async () => {
    inResponse(STATUS, `<samlp:Status>${known('Success')}</samlp:Status>`)(bench.idp.script);
    const answer = await bench.answer();
    assert.ok(!answer.ok);
    assert.equal(answer.detail, 'check failed: assertions');
  });
});
