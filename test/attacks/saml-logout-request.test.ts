import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { NOON } from '../support/besieged.ts';
import {
  assertRefused,
  bothWays,
  isSignedIn,
  type LogoutStage,
  logoutRequest,
  PERSISTENT,
  SLO,
  signedForm,
  signedQuery,
  startLogoutStage,
  type Wanted,
} from '../support/saml-logout.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

describe('a request to sign Alice out that her provider has made for something else', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  before(async () => {
    stage = await startLogoutStage();
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
    for (const [sent, again] of [
      bothWays(message, stage.idp.pair),
      bothWays(logoutRequest(stage), stage.idp.pair).toReversed(),
    ] as const) {
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
});
