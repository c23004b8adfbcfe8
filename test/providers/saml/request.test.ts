import assert from 'node:assert/strict';
import { createVerify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import type { SamlProviderConfig } from '../../../src/config/world.ts';
import { demandOn } from '../../../src/core/demand.ts';
import { markOf } from '../../../src/core/evidence.ts';
import { buildLadder } from '../../../src/core/ladder.ts';
import type { Ask } from '../../../src/ports.ts';
import { NS } from '../../../src/saml/names.ts';
import {
  attribute,
  childrenOf,
  type Element,
  elementsIn,
  onlyChild,
  readXml,
  textOf,
  writeXml,
} from '../../../src/saml/xml.ts';
import { makePair } from '../../support/fake-idp.ts';
import { ACS, demandFor, MFA, PASSWORD, type SamlBench, SERVICE, startSamlBench } from '../../support/saml-bench.ts';

const current = makePair('stepgate');
const next = makePair('stepgate-next');

const requestIn = (url: string): Element => {
  const deflated = Buffer.from(new URL(url).searchParams.get('SAMLRequest') ?? '', 'base64');
  return parsed(inflateRawSync(deflated).toString());
};

function parsed(xml: string): Element {
  const root = readXml(xml);
  assert.ok(root, xml);
  return root;
}

const classesOf = (request: Element): readonly (string | null)[] => {
  const context = onlyChild(request, NS.protocol, 'RequestedAuthnContext');
  return context === null ? [] : childrenOf(context, NS.assertion, 'AuthnContextClassRef').map(textOf);
};

const comparisonOf = (request: Element): string | null => {
  const context = onlyChild(request, NS.protocol, 'RequestedAuthnContext');
  return context && attribute(context, 'Comparison');
};

const benches: SamlBench[] = [];
async function benchWith(change: Partial<SamlProviderConfig> = {}): Promise<SamlBench> {
  const bench = await startSamlBench(change);
  benches.push(bench);
  return bench;
}
after(() => Promise.all(benches.map((bench) => bench.stop())));

describe('an authentication request', () => {
  let bench: SamlBench;
  before(async () => {
    bench = await benchWith();
  });
  const asked = async (ask: Partial<Ask> = {}): Promise<Element> => requestIn((await bench.begin(ask)).url);

  it('says who asks, whom, and where the answer is to go', async () => {
    const request = await asked();
    assert.equal(`${request.namespaceURI} ${request.localName}`, `${NS.protocol} AuthnRequest`);
    assert.equal(textOf(onlyChild(request, NS.assertion, 'Issuer')), SERVICE);
    const { origin } = bench.idp;
    assert.deepEqual(
      ['Version', 'Destination', 'AssertionConsumerServiceURL', 'ProtocolBinding'].map((name) =>
        attribute(request, name),
      ),
      ['2.0', `${origin}/sso`, ACS, 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
    );
  });

  it('has an ID of its own that nobody guesses, which the flow keeps', async () => {
    const begun = await Promise.all(Array.from({ length: 50 }, () => bench.begin()));
    const ids = begun.map(({ url }) => attribute(requestIn(url), 'ID'));
    assert.equal(new Set(ids).size, 50);
    for (const id of ids) assert.match(id ?? '', /^_[\w-]{27}$/);
    assert.deepEqual(
      ids,
      begun.map(({ kept }) => kept.nonce),
    );
  });

  it('carries the state as it is, and is no longer than a provider takes', async () => {
    const { url } = await bench.begin({ state: 'A-_'.repeat(26) });
    assert.equal(new URL(url).searchParams.get('RelayState'), 'A-_'.repeat(26));
    assert.ok(url.length < 2048, `${url.length} characters`);
  });

  it('is never passive, names no other providers, and asks for a name that stays', async () => {
    const request = await asked();
    assert.equal(attribute(request, 'IsPassive'), null);
    assert.equal(onlyChild(request, NS.protocol, 'Scoping'), null);
    const policy = onlyChild(request, NS.protocol, 'NameIDPolicy');
    assert.ok(policy);
    assert.deepEqual(
      ['Format', 'AllowCreate', 'SPNameQualifier'].map((name) => attribute(policy, name)),
      ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'true', null],
    );
  });

  it('has its parts in the order of the schema', async () => {
    const parts = elementsIn(await asked({ force: true })).map(({ localName }) => localName);
    assert.deepEqual(parts, ['Issuer', 'NameIDPolicy', 'RequestedAuthnContext']);
  });

  it('forces a new authentication where the trip does, always with a class beside it', async () => {
    const forced = await asked({ force: true, demand: demandFor('mfa') });
    assert.deepEqual([attribute(forced, 'ForceAuthn'), classesOf(forced)], ['true', [MFA]]);
    assert.equal(attribute(await asked(), 'ForceAuthn'), null);
  });

  for (const [says, demand, classes] of [
    ['a level, asks for it and for what is above it, nearest first', demandFor('password'), [PASSWORD, MFA]],
    ['the highest level, asks for nothing below it', demandFor('mfa'), [MFA]],
    ['exactly a level, asks for that', demandFor('password', { comparison: 'exact' }), [PASSWORD]],
    ['a better level, asks for what is above', demandFor('password', { comparison: 'better' }), [MFA]],
    [
      'a level at most, asks for it and for what is below',
      demandFor('mfa', { comparison: 'maximum' }),
      [MFA, PASSWORD],
    ],
  ] as const) {
    it(`for ${says}`, async () => {
      const request = await asked({ demand });
      assert.deepEqual(classesOf(request), classes);
      assert.equal(comparisonOf(request), 'exact');
    });
  }

  it('on a tree asks for no level of another branch', async () => {
    const ladder = buildLadder([
      { name: 'password', validity: 3600 },
      { name: 'mfa', validity: 3600, above: ['password'] },
      { name: 'x509', validity: 3600, above: ['password'] },
    ]);
    const marks = ladder.levels.map((level) => markOf(level, { acr: [`urn:${level.name}`] }));
    const tree = await benchWith({ evidence: { marks: marks.toReversed(), unmarked: null } });
    const askedFor = async (rank: number) => {
      const level = ladder.levels[rank];
      assert.ok(level);
      return classesOf(requestIn((await tree.begin({ demand: demandOn(ladder, { level, source: 'test' }) })).url));
    };
    assert.deepEqual(await askedFor(1), ['urn:mfa']);
    assert.deepEqual(await askedFor(2), ['urn:x509']);
    assert.deepEqual((await askedFor(0)).toSorted(), ['urn:mfa', 'urn:password', 'urn:x509']);
  });

  it('leaves the provider to compare where the configuration says so and more is welcome, and nowhere else', async () => {
    const lenient = await benchWith({ comparison: 'minimum' });
    for (const [comparison, wire] of [
      ['minimum', 'minimum'],
      ['exact', 'exact'],
      ['better', 'exact'],
      ['maximum', 'exact'],
    ] as const) {
      const { url } = await lenient.begin({
        demand: demandFor(comparison === 'better' ? 'password' : 'mfa', { comparison }),
      });
      assert.equal(comparisonOf(requestIn(url)), wire, comparison);
    }
  });

  it('is not signed where there is no key for it', async () => {
    const { searchParams } = new URL((await bench.begin()).url);
    assert.deepEqual([...searchParams.keys()], ['SAMLRequest', 'RelayState']);
  });
});

describe('a signed request by redirect', () => {
  it('is signed by the key in use, over the octets that are sent, by RSA with SHA-256', async () => {
    const bench = await benchWith({ sign: { current, next } });
    const { url } = await bench.begin({ state: 'a-_b' });
    const [octets = '', signature = ''] = new URL(url).search.slice(1).split('&Signature=');
    assert.match(octets, /^SAMLRequest=[^&]*&RelayState=a-_b&SigAlg=[^&]*$/);
    assert.equal(new URL(url).searchParams.get('SigAlg'), 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    const verifies = (certificate: string): boolean =>
      createVerify('RSA-SHA256').update(octets).verify(certificate, decodeURIComponent(signature), 'base64');
    assert.deepEqual([verifies(current.certificate), verifies(next.certificate)], [true, false]);
    assert.equal(onlyChild(requestIn(url), NS.signature, 'Signature'), null);
  });
});

describe('a request by a form', () => {
  /** The form of a trip to a provider that takes requests by POST alone. */
  async function formOf(change: Partial<SamlProviderConfig>): Promise<Readonly<Record<string, string>>> {
    const bench = await benchWith(change);
    bench.endpoints = { redirect: null, post: `${bench.idp.origin}/sso?x=1` };
    const { url, form } = await bench.begin({ force: true, state: 'a-_b' });
    assert.equal(url, `${bench.idp.origin}/sso?x=1`);
    assert.ok(form);
    return form;
  }

  it('has the request in base64 that is not compressed, and the state', async () => {
    const form = await formOf({});
    assert.deepEqual(Object.keys(form), ['SAMLRequest', 'RelayState']);
    assert.equal(form.RelayState, 'a-_b');
    const request = parsed(Buffer.from(form.SAMLRequest ?? '', 'base64').toString());
    assert.equal(attribute(request, 'ForceAuthn'), 'true');
    assert.equal(onlyChild(request, NS.signature, 'Signature'), null);
  });

  it('is signed within, right behind its issuer, by the key in use', async () => {
    const form = await formOf({ sign: { current, next } });
    assert.deepEqual(Object.keys(form), ['SAMLRequest', 'RelayState']);
    const xml = Buffer.from(form.SAMLRequest ?? '', 'base64').toString();
    const request = parsed(xml);
    const [issuer, signature] = elementsIn(request);
    assert.deepEqual([issuer?.localName, signature?.localName], ['Issuer', 'Signature']);
    assert.ok(signature);
    assert.doesNotMatch(writeXml(signature), /sha1/i);
    const verifies = (publicCert: string): boolean => {
      const signed = new SignedXml({ publicCert });
      signed.loadSignature(writeXml(signature));
      try {
        return signed.checkSignature(xml) && signed.getSignedReferences().length === 1;
      } catch {
        return false;
      }
    };
    assert.deepEqual([verifies(current.certificate), verifies(next.certificate)], [true, false]);
  });
});

describe('a provider that cannot be asked', () => {
  it('ends the trip before it begins', async () => {
    const bench = await benchWith();
    bench.endpoints = { redirect: null, post: null };
    const begun = await bench.provider.begin({
      redirectUri: ACS,
      state: 's',
      demand: demandFor('mfa'),
      force: false,
      person: null,
    });
    assert.deepEqual(begun, {
      ok: false,
      failure: 'provider_error',
      detail: 'provider takes no requests by a known binding',
    });
  });
});
