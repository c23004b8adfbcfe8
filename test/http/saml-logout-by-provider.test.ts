import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { NOON } from '../support/besieged.ts';
import { cookieLines } from '../support/raw-http.ts';
import { askWebSocket, echoed } from '../support/raw-websocket.ts';
import {
  attributeOf,
  isSignedIn,
  type LogoutStage,
  logoutRequest,
  readQuery,
  SLO,
  SUCCESS,
  signedForm,
  signedQuery,
  startLogoutStage,
} from '../support/saml-logout.ts';
import { targetOf } from '../support/saml-stage.ts';
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

  it('is not signed in by what was issued before that, and comes late', async () => {
    for (const when of ['before it is posted', 'before it is come for']) {
      mock.timers.tick(1000);
      const late = stage.visitor();
      const posted = await stage.depart(late, '/home');
      const handed = when === 'before it is come for' ? await stage.post(posted) : null;
      // Later by more than clocks differ.
      mock.timers.tick(handed === null ? 61_000 : 1000);
      await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair));
      mock.timers.tick(1000);
      const { location } = handed ?? (await stage.post(posted));
      const back = await late.open(targetOf(location));
      assert.equal(back.status, 403, when);
      assert.match(back.text, /<dd>session_changed<\/dd>/, when);
      await stage.signIn(late);
      assert.equal(await isSignedIn(late), true, 'and may sign in anew');
    }
  });

  it('may be signed out inside a frame of the provider', async () => {
    const headers = { 'sec-fetch-dest': 'iframe' };
    const answer = await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair), { headers });
    assert.equal(answer.status, 303);
    assert.equal(await isSignedIn(alice), false);
  });

  it('knows its own address in every binding, and no other method', async () => {
    assert.equal((await alice.open(SLO, { method: 'PUT' })).status, 404);
    assert.equal((await alice.open(SLO)).status, 400);
    assert.equal((await alice.open('/.stepgate/saml/other/slo')).status, 404);
  });
});
