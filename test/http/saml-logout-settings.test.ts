import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { NOON, postSignOut, signOutToken } from '../support/besieged.ts';
import {
  isSignedIn,
  leadsTo,
  logoutRequest,
  readQuery,
  saysOf,
  signedForm,
  signedQuery,
  startLogoutStage,
} from '../support/saml-logout.ts';
import type { Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('a person whom their SAML provider signs out, by its entry in the configuration', () => {
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

  it('loses every session, where the provider gives each answer an index of its own and so means them all', async () => {
    const all = await startLogoutStage({
      provider: '    logout: provider\n    logout_scope: person\n    sign: {key: sp.key, cert: sp.pem}',
    });
    try {
      const signedIn = async (nameId: string, index: string): Promise<Visitor> => {
        all.idp.script.person = { nameId };
        all.idp.script.sessionIndex = index;
        const visitor = all.visitor();
        await all.signIn(visitor);
        return visitor;
      };
      const [here, there, bob] = [
        await signedIn('alice', '_1'),
        await signedIn('alice', '_2'),
        await signedIn('bob', '_3'),
      ];
      await all.send(signedQuery(logoutRequest(all, { sessionIndexes: ['_2'] }), all.idp.pair));
      assert.deepEqual(await Promise.all([here, there, bob].map(isSignedIn)), [false, false, true]);
      mock.timers.tick(1000);
      const [again, elsewhere] = [await signedIn('alice', '_4'), await signedIn('alice', '_5')];
      await all.signOut(again);
      assert.deepEqual(await Promise.all([elsewhere, bob].map(isSignedIn)), [false, true]);
    } finally {
      await all.stop();
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
});
