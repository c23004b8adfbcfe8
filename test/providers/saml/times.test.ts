import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { instant } from '../../support/fake-idp.ts';
import { assertRefused, type Bend, inAssertion, type SamlBench, startSamlBench } from '../../support/saml-bench.ts';

const fromNow = (seconds: number) => (): string => instant(Math.floor(Date.now() / 1000) + seconds);

const AUTHN_INSTANT = /AuthnInstant="[^"]*"/;
/** Of the conditions: the confirmation's stands before other attributes. */
const UNTIL = /NotOnOrAfter="[^"]*">/;

describe('the time of a response', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await startSamlBench({ clockTolerance: 60 });
  });
  beforeEach(() => bench.straighten());
  after(() => bench.stop());

  const refusedOr = (answer: Awaited<ReturnType<SamlBench['answer']>>): string =>
    answer.ok ? 'believed' : answer.detail;

  for (const [says, ahead, outcome] of [
    ['at the last second of a lapsed confirmation', 359, 'believed'],
    ['when the tolerance is over as well', 361, 'check failed: NotOnOrAfter'],
    ['of a provider that is as far ahead as is tolerated beyond its NotBefore', -88, 'believed'],
    ['of a provider that is further ahead than that', -93, 'check failed: NotBefore'],
  ] as const) {
    it(`${says}: ${outcome}`, async () => {
      bench.ahead = ahead;
      assert.equal(refusedOr(await bench.answer()), outcome);
    });
  }

  for (const [says, bend, check] of [
    ['of a confirmation without an end', inAssertion(/ NotOnOrAfter="[^"]*"( Recipient)/, '$1'), 'NotOnOrAfter'],
    ['of a confirmation that ends with a zone', inAssertion(/Z" Recipient/, '+00:00" Recipient'), 'NotOnOrAfter'],
    ['of a confirmation that ends in no zone', inAssertion(/Z" Recipient/, '" Recipient'), 'NotOnOrAfter'],
    [
      'of conditions that are over',
      inAssertion(UNTIL, () => `NotOnOrAfter="${fromNow(-61)()}">`),
      'NotOnOrAfter of Conditions',
    ],
    [
      'of conditions that end at no moment',
      inAssertion(UNTIL, 'NotOnOrAfter="2026-02-30T00:00:00Z">'),
      'NotOnOrAfter of Conditions',
    ],
    [
      'of conditions that begin later',
      inAssertion(/NotBefore="[^"]*"/, () => `NotBefore="${fromNow(63)()}"`),
      'NotBefore',
    ],
    ['of conditions that begin at no moment', inAssertion(/NotBefore="[^"]*"/, 'NotBefore=""'), 'NotBefore'],
    [
      'of an authentication that is yet to come',
      inAssertion(AUTHN_INSTANT, () => `AuthnInstant="${fromNow(63)()}"`),
      'AuthnInstant in the future',
    ],
    [
      'of an authentication a year ahead',
      inAssertion(AUTHN_INSTANT, () => `AuthnInstant="${fromNow(31536000)()}"`),
      'AuthnInstant in the future',
    ],
    [
      'that is issued in the future and valid from no moment on',
      (script) => {
        script.beforeSigning = (xml) =>
          xml.replace(/ NotBefore="[^"]*"/, '').replace(/IssueInstant="[^"]*"/, `IssueInstant="${fromNow(63)()}"`);
      },
      'NotBefore',
    ],
  ] as readonly (readonly [string, Bend, string])[]) {
    it(`${says}: is refused`, async () => {
      bend(bench.idp.script);
      assertRefused(await bench.answer(), check);
    });
  }

  it('is the provider’s where it is ahead: what it calls just now is just now', async () => {
    bench.ahead = -80;
    const answer = await bench.answer();
    assert.ok(answer.ok);
    assert.equal(answer.proof.at, Math.floor(Date.now() / 1000) - 80);
  });

  it('makes a proof no younger than the provider says', async () => {
    bench.idp.script.authnInstant = Math.floor(Date.now() / 1000) - 1000;
    const answer = await bench.answer();
    assert.ok(answer.ok);
    assert.ok(answer.proof.at <= Math.floor(Date.now() / 1000) - 1000);
  });

  it('is remembered until nobody takes it any more, or for a day', async () => {
    const first = await bench.answer();
    inAssertion(/NotOnOrAfter="[^"]*"( Recipient)/, 'NotOnOrAfter="2199-01-01T00:00:00Z"$1')(bench.idp.script);
    const second = await bench.answer();
    assert.ok(first.ok && second.ok);
    const now = Date.now() / 1000;
    assert.ok(Math.abs(first.expires - (now + 360)) < 10, String(first.expires));
    assert.ok(Math.abs(second.expires - (now + 86_400)) < 10, String(second.expires));
  });
});
