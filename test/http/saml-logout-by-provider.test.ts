import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { NOON, postSignOut, signOutToken } from '../support/besieged.ts';
import { cookieLines } from '../support/raw-http.ts';
import { askWebSocket, echoed } from '../support/raw-websocket.ts';
import {
  attributeOf,
  isSignedIn,
  type LogoutStage,
  leadsTo,
  logoutRequest,
  readQuery,
  SLO,
  SUCCESS,
  saysOf,
  signedForm,
  signedQuery,
  startLogoutStage,
} from '../support/saml-logout.ts';
import type { Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('a person whom their SAML provider signs out', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  before(async () => {
    stage = await startLogoutStage();
  });
  beforeEach(async () => {
    mock.timers.tick(1000);
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  for (const way of ['query', 'form'] as const) {
    it(`is anonymous from then on, and the provider is told so, by a ${way}`, async () => {
      const request = logoutRequest(stage, { relayState: "the provider's own (1)" });
      const { pair } = stage.idp;
      const answer = await stage.send(way === 'query' ? signedQuery(request, pair) : signedForm(request, pair));
      assert.equal(answer.status, 303, answer.text);
      assert.equal(answer.headers['cache-control'], 'no-store');
      const { type, xml, relayState } = readQuery(answer.location ?? '', stage.sp);
      assert.equal(type, 'SAMLResponse');
      assert.equal(relayState, "the provider's own (1)");
      assert.equal(attributeOf(xml, 'InResponseTo'), request.id);
      assert.equal(attributeOf(xml, 'Destination'), `${stage.idp.origin}/slo`);
      assert.ok(xml.includes(`<samlp:StatusCode Value="${SUCCESS}"/>`));
      assert.equal((await alice.fetch('/home')).json().why, 'no_session');
      const event = stage.events('sign_out').at(-1);
      assert.deepEqual([event?.provider, event?.detail], ['corp', 'by=provider']);
      assert.equal(event?.subject_hash, stage.events('sign_in').at(-1)?.subject_hash);
      await stage.signIn(alice);
      mock.timers.tick(1000);
      await stage.signIn(alice);
      assert.equal(await isSignedIn(alice), true, 'and may come back');
    });
  }

  it('keeps other sessions where the request names one, and loses all where it names none', async () => {
    stage.idp.script.sessionIndex = '_session-2';
    const atHome = stage.visitor();
    await stage.signIn(atHome);
    stage.idp.script.person = { nameId: 'bob' };
    const bob = stage.visitor();
    await stage.signIn(bob);
    await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair));
    assert.deepEqual(await Promise.all([alice, atHome, bob].map(isSignedIn)), [false, true, true]);
    await stage.send(signedQuery(logoutRequest(stage, { sessionIndexes: [] }), stage.idp.pair));
    assert.deepEqual(await Promise.all([alice, atHome, bob].map(isSignedIn)), [false, false, true]);
  });

  it('is meant by a name with qualifiers that go without saying, or without a format', async () => {
    stage.idp.script.person = { nameId: 'carol', format: null };
    for (const about of [
      ` NameQualifier="${stage.idp.entityId}"`,
      ' SPNameQualifier="urn:stepgate"',
      ' Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"',
    ]) {
      mock.timers.tick(1000);
      const carol = stage.visitor();
      await stage.signIn(carol);
      assert.equal(await isSignedIn(carol), true);
      await stage.send(signedQuery(logoutRequest(stage, { nameId: 'carol', about }), stage.idp.pair));
      assert.equal(await isSignedIn(carol), false, about);
    }
  });

  it('answers Success for a session that is not known here, or for a hundred of them', async () => {
    for (const sessionIndexes of [['_nobody'], Array.from({ length: 100 }, (_, i) => `_${i}`)]) {
      const request = logoutRequest(stage, { nameId: 'dave', sessionIndexes });
      const answer = await stage.send(signedForm(request, stage.idp.pair));
      assert.ok(readQuery(answer.location ?? '', stage.sp).xml.includes(`Value="${SUCCESS}"`));
    }
    assert.equal(await isSignedIn(alice), true);
  });

  it('has open WebSockets closed, of this session and of no other', async () => {
    const other = stage.visitor();
    stage.idp.script.person = { nameId: 'bob' };
    await stage.signIn(other);
    const open = async ({ jar }: Visitor): Promise<Socket> => {
      const ask = { host: new URL(stage.origin).host, origin: stage.origin, lines: cookieLines(jar) };
      const { status, socket } = await askWebSocket(stage.port, '/chat', ask);
      assert.equal(status, 101);
      return socket;
    };
    const [hers, his] = [await open(alice), await open(other)];
    await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair));
    stage.gateway.endLapsedTunnels();
    await once(hers.resume(), 'close');
    assert.equal(stage.lines.findLast(({ msg }) => msg === 'tunnel_ended')?.why, 'no_session');
    assert.equal(await echoed(his, 'ping'), 'ping');
    his.destroy();
  });

  it('may be signed out inside a frame of the provider', async () => {
    const headers = { 'sec-fetch-dest': 'iframe' };
    const answer = await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair), { headers });
    assert.equal(answer.status, 303);
    assert.equal(await isSignedIn(alice), false);
  });

  it('is told at another address of the provider where its metadata say so, by a form where nothing else is there', async () => {
    const posting = await startLogoutStage({
      metadata: (idp) =>
        idp.metadata.replace(
          /<md:SingleLogoutService [^>]*>/,
          `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${idp.origin}/slo" ResponseLocation="${idp.origin}/slo/done"/>`,
        ),
    });
    try {
      const bob = posting.visitor();
      await posting.signIn(bob);
      const answer = await posting.send(signedForm(logoutRequest(posting), posting.idp.pair));
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.text, new RegExp(`<form method="post" action="${posting.idp.origin}/slo/done">`));
      assert.match(answer.text, /name="SAMLResponse" value="[\w+/=]+"/);
      assert.equal(await isSignedIn(bob), false);

      mock.timers.tick(1000);
      await posting.signIn(bob);
      const page = await posting.signOut(bob);
      assert.match(page.text, new RegExp(`<form method="post" action="${posting.idp.origin}/slo">`));
      const [, field = ''] = /name="SAMLRequest" value="([^"]*)"/.exec(page.text) ?? [];
      const xml = Buffer.from(field, 'base64').toString();
      assert.match(
        xml,
        /^<samlp:LogoutRequest .*<\/saml:Issuer><Signature xmlns="http:\/\/www\.w3\.org\/2000\/09\/xmldsig#">/s,
      );
      assert.match(xml, /rsa-sha256/);
      assert.match(page.text, /name="RelayState" value="[\w-]{80}"/);
    } finally {
      await posting.stop();
    }
  });

  it('is signed out, and sees a page, where nothing can be answered: without a key of ours nothing is sent', async () => {
    const unsigned = await startLogoutStage({ provider: '    logout: provider' });
    try {
      const bob = unsigned.visitor();
      await unsigned.signIn(bob);
      const answer = await unsigned.send(signedQuery(logoutRequest(unsigned), unsigned.idp.pair));
      assert.equal(answer.status, 200);
      assert.match(saysOf(answer), /You are signed out/);
      assert.equal(await isSignedIn(bob), false);
      mock.timers.tick(1000);
      await unsigned.signIn(bob);
      assert.match(saysOf(await bob.open('/.stepgate/sign-out')), /may still remember you/);
      const page = await unsigned.signOut(bob);
      assert.equal(leadsTo(page), null);
      assert.ok(!page.text.includes('SAMLRequest'));
    } finally {
      await unsigned.stop();
    }
  });

  it('is told otherwise where it cannot be recorded: the provider must not say that it is done', async () => {
    const ledger = createMemoryLedger({
      clock: { now: () => Date.now() / 1000 },
      random: () => 'a-birth-of-this-test',
    });
    let works = true;
    const voidProviderSessions: Ledger['voidProviderSessions'] = async (...about) => {
      if (!works) throw new Error('disk full');
      return ledger.voidProviderSessions(...about);
    };
    const failing = await startLogoutStage({ ledger: { ...ledger, voidProviderSessions } });
    try {
      const bob = failing.visitor();
      await failing.signIn(bob);
      works = false;
      const answer = await failing.send(signedQuery(logoutRequest(failing), failing.idp.pair));
      assert.match(readQuery(answer.location ?? '', failing.sp).xml, /:status:Responder"/);
      assert.equal(failing.events('sign_out').length, 0);
      const token = await signOutToken(bob);
      assert.equal((await postSignOut(failing, bob, token)).status, 503);
      works = true;
      assert.equal((await failing.send(signedQuery(logoutRequest(failing), failing.idp.pair))).status, 303);
      assert.equal(failing.events('sign_out').length, 1);
    } finally {
      await failing.stop();
    }
  });

  it('is matched by the name even where an attribute says who they are', async () => {
    const byMail = await startLogoutStage({
      provider: '    sign: {key: sp.key, cert: sp.pem}\n    subject: attribute mail',
    });
    try {
      byMail.idp.script.person = { nameId: 'alice', attributes: { mail: ['alice@example.com'] } };
      const bob = byMail.visitor();
      await byMail.signIn(bob);
      assert.equal((await bob.fetch('/.stepgate/session')).json().subject, 'alice@example.com');
      await byMail.send(signedQuery(logoutRequest(byMail, { nameId: 'alice@example.com' }), byMail.idp.pair));
      assert.equal(await isSignedIn(bob), true);
      await byMail.send(signedQuery(logoutRequest(byMail), byMail.idp.pair));
      assert.equal(await isSignedIn(bob), false);
      assert.equal(byMail.events('sign_out').at(-1)?.subject_hash, undefined, 'who it was, the name does not say');
    } finally {
      await byMail.stop();
    }
  });

  it('knows its own address in every binding, and no other method', async () => {
    assert.equal((await alice.open(SLO, { method: 'PUT' })).status, 404);
    assert.equal((await alice.open(SLO)).status, 400);
    assert.equal((await alice.open('/.stepgate/saml/other/slo')).status, 404);
  });
});
