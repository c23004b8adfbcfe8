import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { NOON, SESSION_COOKIE } from '../support/besieged.ts';
import {
  attributeOf,
  isSignedIn,
  type LogoutStage,
  leadsTo,
  logoutRequest,
  logoutResponse,
  PERSISTENT,
  readQuery,
  SUCCESS,
  saysOf,
  signedForm,
  signedQuery,
  startLogoutStage,
} from '../support/saml-logout.ts';
import { targetOf } from '../support/saml-stage.ts';
import { createVisitor, type Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const PARTIAL = 'urn:oasis:names:tc:SAML:2.0:status:PartialLogout';
const RESPONDER = 'urn:oasis:names:tc:SAML:2.0:status:Responder';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a person who signs out here, and then at their SAML provider', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  before(async () => {
    stage = await startLogoutStage({
      gateway: (text) =>
        text.replace(/origins: \["(.*?)127\.0\.0\.1(.*?)"\]/, 'origins: ["$1127.0.0.1$2", "$1localhost$2"]'),
    });
  });
  beforeEach(async () => {
    stage.straighten();
    alice = await signedIn();
  });
  after(() => stage.stop());

  /** A second after whatever was ended before. */
  async function signedIn(): Promise<Visitor> {
    mock.timers.tick(1000);
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    return visitor;
  }

  it('is signed out here before they are asked to leave', async () => {
    assert.match(saysOf(await alice.open('/.stepgate/sign-out')), /taken to your sign-in service/);
    const page = await stage.signOut(alice);
    assert.equal(alice.jar.has(SESSION_COOKIE), false);
    assert.equal(await isSignedIn(alice), false);
    assert.match(saysOf(page), /You are signed out here/);
    assert.equal(stage.events('sign_out').at(-1)?.provider, 'corp');
  });

  it('takes along a signed request for the very session, in all of its names, which is over soon', async () => {
    const url = await stage.leave(alice);
    assert.equal(new URL(url).origin + new URL(url).pathname, `${stage.idp.origin}/slo`);
    const { type, xml, id, relayState } = readQuery(url, stage.sp);
    const now = Date.now();
    assert.equal(type, 'SAMLRequest');
    assert.match(xml, /^<samlp:LogoutRequest /);
    assert.match(id, /^_[\w-]{27,}$/);
    assert.equal(attributeOf(xml, 'Version'), '2.0');
    assert.equal(attributeOf(xml, 'Destination'), `${stage.idp.origin}/slo`);
    assert.equal(attributeOf(xml, 'IssueInstant'), new Date(now).toISOString());
    assert.equal(attributeOf(xml, 'NotOnOrAfter'), new Date(now + 300_000).toISOString());
    assert.ok(xml.includes('<saml:Issuer>urn:stepgate</saml:Issuer>'));
    assert.ok(xml.includes(`<saml:NameID Format="${PERSISTENT}">alice</saml:NameID>`));
    assert.ok(xml.includes('<samlp:SessionIndex>_session-1</samlp:SessionIndex>'));
    assert.match(relayState ?? '', /^[\w-]{80}$/);
    assert.notEqual(readQuery(await stage.leave(await signedIn()), stage.sp).id, id);
  });

  it('takes along names that look like markup, and no index where the provider gave none', async () => {
    stage.idp.script.person = { nameId: 'a&lt;b&gt;&amp;&quot;c' };
    stage.idp.script.sessionIndex = null;
    stage.idp.script.beforeSigning = (xml) => xml.replace('<saml:NameID ', '<saml:NameID NameQualifier="x&amp;y" ');
    const { xml } = readQuery(await stage.leave(await signedIn()), stage.sp);
    assert.ok(xml.includes(' NameQualifier="x&#38;y">a&#60;b&#62;&#38;&#34;c</saml:NameID>'), xml);
    assert.ok(!xml.includes('SessionIndex'));
  });

  for (const [name, status, words] of [
    ['has signed them out everywhere', [SUCCESS], /service has signed you out as well\. Sign in/],
    ['has signed them out, and not everywhere', [SUCCESS, PARTIAL], /but not of every application/],
    ['could not', [RESPONDER], /may still remember you/],
    ['could not at all', [RESPONDER, PARTIAL], /may still remember you/],
  ] as const) {
    it(`is told that the provider ${name}, whichever way the answer takes`, async () => {
      for (const way of ['query', 'form']) {
        const visitor = await signedIn();
        const asked = readQuery(await stage.leave(visitor), stage.sp);
        const answer = logoutResponse(stage, asked, { status });
        const { pair } = stage.idp;
        const back = await stage.send(way === 'query' ? signedQuery(answer, pair) : signedForm(answer, pair));
        assert.equal(back.status, 303, back.text);
        assert.match(back.location ?? '', new RegExp(`^${stage.origin}/\\.stepgate/signed-out\\?a=[\\w-]+$`));
        assert.deepEqual(back.setCookies, []);
        const page = await visitor.open(targetOf(back.location));
        assert.equal(page.status, 200);
        assert.match(saysOf(page), words);
        assert.equal(leadsTo(page), null);
      }
    });
  }

  /** Signed in on the other origin of the application. */
  async function signedInElsewhere(): Promise<Visitor> {
    mock.timers.tick(1000);
    const visitor = createVisitor(stage.origin.replace('127.0.0.1', 'localhost'));
    const { form } = await stage.idp.visit((await visitor.open('/home')).location ?? '');
    const body = new URLSearchParams(form).toString();
    const handed = await visitor.open('/.stepgate/saml/corp/acs', { method: 'POST', headers: FORM, body });
    await visitor.open(targetOf(handed.location));
    assert.equal(await isSignedIn(visitor), true);
    return visitor;
  }

  it('comes back to the origin that they left, though the answer comes to another one', async () => {
    const elsewhere = await signedInElsewhere();
    const question = await elsewhere.open('/.stepgate/sign-out');
    const [, token = ''] = /name="token" value="([^"]*)"/.exec(question.text) ?? [];
    const sending = { method: 'POST', headers: FORM, body: `token=${token}` };
    const done = await elsewhere.open('/.stepgate/sign-out', sending);
    const asked = readQuery(leadsTo(await elsewhere.open(targetOf(done.location))) ?? '', stage.sp);
    const back = await stage.send(signedQuery(logoutResponse(stage, asked), stage.idp.pair));
    assert.equal(new URL(back.location ?? '').hostname, 'localhost');
    assert.match(saysOf(await elsewhere.open(targetOf(back.location))), /has signed you out as well/);
    assert.match(saysOf(await alice.open(targetOf(back.location))), /may still remember you/, 'of another browser');
    assert.equal(await isSignedIn(alice), false, 'the session of the provider was one');
  });

  it('is signed out on every origin when the provider ends their session', async () => {
    const elsewhere = await signedInElsewhere();
    await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair));
    assert.deepEqual([await isSignedIn(alice), await isSignedIn(elsewhere)], [false, false]);
  });

  it('has ended what came of the same session of the provider in other browsers and on other origins', async () => {
    const other = await signedIn();
    stage.idp.script.sessionIndex = '_session-2';
    const another = await signedIn();
    await stage.signOut(alice);
    assert.equal(await isSignedIn(other), false);
    assert.equal(await isSignedIn(another), true, 'another session of the same person goes on');
  });

  it('is signed out although they never reach the provider', async () => {
    await stage.signOut(alice);
    assert.equal(await isSignedIn(alice), false);
    assert.match(saysOf(await alice.open('/.stepgate/signed-out')), /may still remember you/);
  });
});
