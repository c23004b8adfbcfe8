import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { NOON } from '../support/besieged.ts';
import { makePair, type Pair } from '../support/fake-idp.ts';
import {
  formOf,
  isSignedIn,
  type LogoutStage,
  logoutRequest,
  type Message,
  PERSISTENT,
  readQuery,
  SLO,
  signedForm,
  signedQuery,
  startLogoutStage,
  type Wanted,
} from '../support/saml-logout.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

describe('a request to sign Alice out that is not what her provider sends', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  let mallory: Pair;
  before(async () => {
    stage = await startLogoutStage();
    mallory = makePair('mallory');
  });
  beforeEach(async () => {
    stage.straighten();
    if (alice === undefined || !(await isSignedIn(alice))) {
      mock.timers.tick(1000);
      alice = stage.visitor();
      await stage.signIn(alice);
    }
  });
  after(() => stage.stop());

  /** It is refused, by a page or by a document, nobody is signed out, and nobody is sent anywhere. */
  async function refused(reply: Reply, what: string): Promise<void> {
    assert.equal(reply.status, 400, `${what}: ${reply.status} ${reply.location}`);
    assert.equal(reply.location, null, what);
    assert.match(reply.text, /<dd>invalid_response<\/dd>/, what);
    const logged = stage.lines.findLast(({ msg }) => msg === 'provider_logout_refused');
    assert.ok(reply.text.includes(String(logged?.request_id)), what);
    assert.equal(await isSignedIn(alice), true, what);
  }
  const bothWays = (message: Message, pair = stage.idp.pair) =>
    [signedQuery(message, pair), signedForm(message, pair)] as const;
  async function refusedBothWays(wanted: Wanted, what = JSON.stringify(wanted)): Promise<void> {
    for (const sent of bothWays(logoutRequest(stage, wanted))) await refused(await stage.send(sent), what);
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
      'two signatures': good.replace(signature, signature + signature),
      'a document type': `<!DOCTYPE x [<!ENTITY e "x">]>${good}`,
      'a comment in the name': good.replace('>alice<', '>ali<!---->ce<').replace('Format', 'format'),
    };
    for (const [what, xml] of Object.entries(bent)) {
      await refused(await stage.send(formOf({ type: 'SAMLRequest', xml })), what);
    }
  });

  it('T077 made more than five minutes ago, or after now, or at no time, is refused', async () => {
    const NotOnOrAfter = null;
    for (const IssueInstant of [at(-361), at(61), '2001-01-01T00:00:00Z', null, '', 'now', '2026-11-23T12:00:00']) {
      await refusedBothWays({ head: { IssueInstant, NotOnOrAfter } });
    }
    for (const seconds of [-359, 59]) {
      mock.timers.tick(1000);
      const bob = stage.visitor();
      await stage.signIn(bob);
      const IssueInstant = at(seconds);
      await stage.send(signedQuery(logoutRequest(stage, { head: { IssueInstant, NotOnOrAfter } }), stage.idp.pair));
      assert.equal(await isSignedIn(bob), false, IssueInstant);
    }
  });

  it('T077 after the moment from which it is not to be taken any more is refused', async () => {
    for (const NotOnOrAfter of [at(-60), at(-3600), '', 'never']) await refusedBothWays({ head: { NotOnOrAfter } });
  });

  it('T077 that came before is refused: it signs nobody out twice', async () => {
    const message = logoutRequest(stage);
    for (const [sent, again] of [bothWays(message), bothWays(logoutRequest(stage)).toReversed()] as const) {
      assert.equal((await stage.send(sent ?? '')).status, 303);
      mock.timers.tick(1000);
      alice = stage.visitor();
      await stage.signIn(alice);
      await refused(await stage.send(sent ?? ''), 'the same');
      await refused(await stage.send(again ?? ''), 'the same by the other binding');
    }
    const twenty = signedQuery(logoutRequest(stage), stage.idp.pair);
    const replies = await Promise.all(Array.from({ length: 20 }, () => stage.send(twenty)));
    assert.equal(replies.filter(({ status }) => status === 303).length, 1);
  });

  it('is refused where it is for somebody else, from somebody else, or to nobody', async () => {
    for (const head of [
      { Destination: null },
      { Destination: '' },
      { Destination: `${stage.origin}${SLO}/` },
      { Destination: `${stage.origin}${SLO}?x` },
      { Destination: `${stage.origin.toUpperCase()}${SLO}` },
      { Destination: `${stage.origin.replace('127.0.0.1', 'localhost')}${SLO}` },
      { Destination: 'https://another.example/slo' },
      { Version: '1.1' },
      { Version: null },
      { ID: null },
      { ID: '' },
      { ID: '1 2' },
    ]) {
      await refusedBothWays({ head });
    }
    for (const issuer of ['https://another.example/idp', `${stage.idp.entityId}/`, ` ${stage.idp.entityId}`, '']) {
      await refusedBothWays({ issuer });
    }
  });

  it('is refused where it names nobody, or several, or somebody in a way that is not understood', async () => {
    const name = `<saml:NameID Format="${PERSISTENT}">alice</saml:NameID>`;
    for (const nameId of [
      '<saml:Extra/>',
      '<saml:NameID/>',
      '<saml:NameID> </saml:NameID>',
      `${name}${name}`,
      `${name}<saml:EncryptedID/>`,
      '<saml:BaseID/>',
      '<saml:EncryptedID><x/></saml:EncryptedID>',
      '<saml:NameID><b>alice</b></saml:NameID>',
      '<NameID>alice</NameID>',
    ]) {
      await refusedBothWays({ nameId });
    }
    await refusedBothWays({ sessionIndexes: ['_session-1', ''] });
    await refusedBothWays({ sessionIndexes: ['<x/>'] });
  });

  it('is refused where it is no request at all', async () => {
    const { pair } = stage.idp;
    const { xml } = logoutRequest(stage);
    for (const other of [
      xml.replaceAll('LogoutRequest', 'AuthnRequest'),
      xml.replaceAll('LogoutRequest', 'LogoutResponse'),
      xml.replace('SAML:2.0:protocol', 'SAML:1.0:protocol'),
      xml.replace('<samlp:', '<samlp:x '),
      `${xml}x`,
      `\uFEFF${xml}`,
      '',
    ]) {
      await refused(await stage.send(signedQuery({ type: 'SAMLRequest', id: '', xml: other }, pair)), other);
    }
    const request = signedForm(logoutRequest(stage), pair).SAMLRequest ?? '';
    for (const field of ['', '%', `${request}=`, `${request.slice(0, -4)}`, request.replace(/.{10}/, '')]) {
      await refused(await stage.send({ SAMLRequest: field }), field.slice(-20));
    }
    await refused(await stage.send({ SAMLRequest: request, SAMLResponse: request }), 'both');
    await refused(await stage.send({ SAMLRequest: request, more: 'x' }), 'one field more');
    await refused(await stage.send({}), 'no field');
  });

  it('about a name that only looks like hers does nothing to her, though it is good', async () => {
    const another = PERSISTENT.replace('persistent', 'transient');
    for (const wanted of [
      { about: '' },
      { about: ` Format="${another}"` },
      { about: ` Format="${PERSISTENT}" NameQualifier="https://another.example/idp"` },
      { about: ` Format="${PERSISTENT}" SPNameQualifier="urn:another"` },
      { about: ` Format="${PERSISTENT}" NameQualifier=""` },
      { nameId: 'Alice' },
      { nameId: 'alice ' },
      { nameId: 'alice","x' },
      { sessionIndexes: ['_session-2'] },
      { sessionIndexes: ['_session-1&quot;,null'] },
    ]) {
      const answer = await stage.send(signedQuery(logoutRequest(stage, wanted), stage.idp.pair));
      assert.equal(answer.status, 303, JSON.stringify(wanted));
      assert.equal(await isSignedIn(alice), true, JSON.stringify(wanted));
    }
  });

  it('T084 with a RelayState that is an address leads nowhere but to the provider, which gets it back', async () => {
    for (const way of [0, 1]) {
      const request = logoutRequest(stage, { nameId: 'bob', relayState: 'https://evil.example/?a=b&c' });
      const reply = await stage.send(bothWays(request)[way] ?? '');
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
    await refused(await stage.send(formOf({ type: 'SAMLRequest', xml: `<a>${'<b>'.repeat(20_000)}` })), 'deep');
    assert.equal(await isSignedIn(alice), true);
  });
});
