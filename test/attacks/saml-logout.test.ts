import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { NOON } from '../support/besieged.ts';
import { makePair, type Pair } from '../support/fake-idp.ts';
import {
  assertRefused,
  bothWays,
  formOf,
  isSignedIn,
  type LogoutStage,
  logoutRequest,
  PERSISTENT,
  readQuery,
  signedForm,
  signedQuery,
  startLogoutStage,
  type Wanted,
} from '../support/saml-logout.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';

describe('a request to sign Alice out that her provider has not made', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  let mallory: Pair;
  before(async () => {
    stage = await startLogoutStage();
    mallory = makePair('mallory');
  });
  beforeEach(async () => {
    if (alice === undefined || !(await isSignedIn(alice))) {
      mock.timers.tick(1000);
      alice = stage.visitor();
      await stage.signIn(alice);
    }
  });
  after(() => stage.stop());

  async function refused(reply: Reply, what: string): Promise<void> {
    assertRefused(stage, reply, what);
    assert.equal(await isSignedIn(alice), true, what);
  }
  async function refusedBothWays(wanted: Wanted, what = JSON.stringify(wanted)): Promise<void> {
    for (const sent of bothWays(logoutRequest(stage, wanted), stage.idp.pair))
      await refused(await stage.send(sent), what);
  }

  it('T076 without a signature is refused, in a query and in a form, and so is half of one', async () => {
    const request = logoutRequest(stage);
    const query = signedQuery(request, stage.idp.pair);
    const [message, algorithm, signature] = query.split('&');
    for (const unsigned of [message, `${message}&${algorithm}`, `${message}&${signature}`, `${query}&SigAlg=`, '']) {
      await refused(await stage.send(unsigned ?? ''), String(unsigned).replace(/=[^&]*/g, ''));
    }
    for (const empty of ['Signature=', 'Signature=AA%3D%3D', 'Signature=%3D']) {
      await refused(await stage.send(`${message}&${algorithm}&${empty}`), empty);
    }
    await refused(await stage.send(formOf(request)), 'a form');
    await refused(await stage.send({ ...formOf(request), SigAlg: 'x', Signature: 'x' }), 'a form as a query');
  });

  it('T076 signed by another key is refused, though that one stands beside the signature', async () => {
    for (const sent of bothWays(logoutRequest(stage), mallory)) await refused(await stage.send(sent), 'another key');
    await refused(await stage.send(signedQuery(logoutRequest(stage), stage.sp)), 'our own key');
  });

  it('T076 signed by SHA-1, or by what it calls something else, is refused', async () => {
    const { pair } = stage.idp;
    const request = logoutRequest(stage);
    for (const [algorithm, hash] of [
      [SHA1, 'RSA-SHA1'],
      ['http://www.w3.org/2001/04/xmldsig-more#rsa-md5', 'RSA-MD5'],
      ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'RSA-SHA1'],
      ['http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', 'RSA-SHA256'],
      ['x#rsa-sha256', 'RSA-SHA256'],
    ] as const) {
      await refused(await stage.send(signedQuery(request, pair, { algorithm, hash })), `${algorithm} ${hash}`);
    }
  });

  it('T076 whose signature is about other characters than come is refused', async () => {
    const { pair } = stage.idp;
    const query = signedQuery(logoutRequest(stage, { relayState: 'a b' }), pair);
    const other = signedQuery(logoutRequest(stage, { nameId: 'bob' }), pair);
    const [, message = ''] = /^(SAMLRequest=[^&]*)/.exec(query) ?? [];
    const [, others = ''] = /^(SAMLRequest=[^&]*)/.exec(other) ?? [];
    const changed: Record<string, string> = {
      'another message': query.replace(message, others),
      'two messages': `${query}&${message}`,
      'the other message first': `${others}&${query}`,
      'a response beside it': `${query}&SAMLResponse=x`,
      'a name spelt otherwise': query.replace('SAMLRequest', 'SAML%52equest'),
      'a name in another case': query.replace('SAMLRequest', 'samlrequest'),
      'another RelayState': query.replace('a%20b', 'https%3A%2F%2Fevil.example'),
      'a RelayState spelt otherwise': query.replace('a%20b', 'a+b'),
      'no RelayState': query.replace('&RelayState=a%20b', ''),
      'two RelayStates': `${query}&RelayState=a%20b`,
      'a parameter that nobody signed': `${query}&x=y`,
      'an encoding that nobody signed': `${query}&SAMLEncoding=urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE`,
      'nothing between two of them': query.replace('&', '&&'),
      'a signature spelt otherwise': `${query}%0A`,
      'an odd percent': `${query}%`,
      'signature of another': query.replace(/Signature=.*/, /Signature=.*/.exec(other)?.[0] ?? ''),
    };
    for (const [what, sent] of Object.entries(changed)) await refused(await stage.send(sent), what);
  });

  it('T076 whose signed part is wrapped in another one, or stands beside it, is refused', async () => {
    const { pair } = stage.idp;
    const good = Buffer.from(signedForm(logoutRequest(stage), pair).SAMLRequest ?? '', 'base64').toString();
    const evil = logoutRequest(stage, { nameId: 'bob' });
    const [signature = ''] = /<Signature [\s\S]*<\/Signature>/.exec(good) ?? [];
    const unsigned = good.replace(signature, '');
    const bent: Record<string, string> = {
      'a name changed afterwards': good.replace('>alice<', '>alicf<'),
      'the signature of another': evil.xml.replace('</saml:Issuer>', `</saml:Issuer>${signature}`),
      'the signed one inside': evil.xml.replace('</samlp:LogoutRequest>', `${good}</samlp:LogoutRequest>`),
      'the signed one in an Object': evil.xml.replace(
        '</saml:Issuer>',
        `</saml:Issuer>${signature.replace('</Signature>', `<Object>${unsigned}</Object></Signature>`)}`,
      ),
      'the signature at the end': unsigned.replace('</samlp:LogoutRequest>', `${signature}</samlp:LogoutRequest>`),
      'two signatures': good.replace(signature, signature + signature),
      'a document type': `<!DOCTYPE x [<!ENTITY e "x">]>${good}`,
      'a comment in the name': good.replace('>alice<', '>ali<!---->ce<').replace('Format', 'format'),
    };
    for (const [what, xml] of Object.entries(bent)) {
      await refused(await stage.send(formOf({ type: 'SAMLRequest', xml })), what);
    }
  });

  it('T084 with a RelayState that is an address leads nowhere but to the provider, which gets it back', async () => {
    for (const way of [0, 1]) {
      const request = logoutRequest(stage, { nameId: 'bob', relayState: 'https://evil.example/?a=b&c' });
      const reply = await stage.send(bothWays(request, stage.idp.pair)[way] ?? '');
      assert.equal(new URL(reply.location ?? '').origin, stage.idp.origin);
      assert.equal(readQuery(reply.location ?? '', stage.sp).relayState, 'https://evil.example/?a=b&c');
    }
    await refusedBothWays({ relayState: 'x'.repeat(1025) }, 'a RelayState that is too long');
  });

  it('T090 that inflates to a thousand times its size is not inflated, and not looked at unless it is signed', async () => {
    const bomb = deflateRawSync(Buffer.alloc(5_000_000, 'a')).toString('base64');
    const query = `SAMLRequest=${encodeURIComponent(bomb)}`;
    assert.ok(query.length < 8000, 'it fits into a URL');
    const before = process.memoryUsage().arrayBuffers;
    const signed = signedQuery({ type: 'SAMLRequest', id: '', xml: 'a'.repeat(5_000_000) }, stage.idp.pair);
    for (let i = 0; i < 20; i += 1) {
      await refused(await stage.send(`${query}&SigAlg=x&Signature=x`), 'unsigned');
      await refused(await stage.send(signed), 'signed');
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000, 'memory stays bounded');
  });

  it('T090 that is far too large is not read', async () => {
    const long = 'x'.repeat(200_000);
    assert.equal((await stage.send({ SAMLRequest: long })).status, 413);
    assert.equal((await stage.send(`SAMLRequest=${long.slice(0, 9000)}`)).status, 414);
    const many = '<x/>'.repeat(2000);
    await refusedBothWays({ nameId: `<saml:NameID Format="${PERSISTENT}">alice</saml:NameID>${many.slice(0, 8000)}` });
    await refusedBothWays({ nameId: 'a'.repeat(40_000) }, 'a long name, signed');
    await refused(await stage.send(formOf({ type: 'SAMLRequest', xml: `<a>${'<b>'.repeat(20_000)}` })), 'deep');
    assert.equal(await isSignedIn(alice), true);
  });
});
