import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { SamlProviderConfig } from '../../../src/config/world.ts';
import type { EndedSession, LogoutAsked, LogoutMessage } from '../../../src/core/single-logout.ts';
import { createLogout, type Logout, MOST_FORGED } from '../../../src/providers/saml/logout.ts';
import type { Endpoints, IdpMetadata } from '../../../src/saml/metadata.ts';
import { makePair, type Pair } from '../../support/fake-idp.ts';
import { encrypted } from '../../support/fake-idp-encryption.ts';
import {
  attributeOf,
  logoutRequest,
  type Message,
  PERSISTENT,
  readQuery,
  signedForm,
  signedQuery,
  type Wanted,
} from '../../support/saml-logout.ts';

const IDP = { origin: 'https://idp.example', entityId: 'https://idp.example/idp' };
const PLACE = { origin: 'https://payroll.example.com', idp: IDP };
const SLO = 'https://payroll.example.com/.stepgate/saml/corp/slo';
const BACK = { id: '_1', state: 'state', returnTo: 'https://payroll.example.com/.stepgate/signed-out' };
const NOWHERE: Endpoints = { redirect: null, post: null };

const ALICE: EndedSession = {
  subject: 'alice',
  loginHint: null,
  providerSession: JSON.stringify(['alice', PERSISTENT, null, null, '_s']),
};

describe('signing out with a SAML provider', () => {
  let keys: Readonly<Record<'sp' | 'idp' | 'next' | 'ours' | 'mallory', Pair>>;
  before(() => {
    const [sp, idp, next, ours, mallory] = ['sp', 'idp', 'next', 'ours', 'mallory'].map(makePair) as [
      Pair,
      Pair,
      Pair,
      Pair,
      Pair,
    ];
    keys = { sp, idp, next, ours, mallory };
  });

  interface Setting extends Partial<Pick<IdpMetadata, 'singleLogout' | 'singleLogoutResponse'>> {
    readonly config?: Partial<SamlProviderConfig>;
    readonly known?: boolean;
    readonly clock?: { now(): number };
  }

  function logout({ config = {}, known = true, clock, ...metadata }: Setting = {}): Logout {
    const endpoint = { redirect: 'https://idp.example/slo', post: 'https://idp.example/slo-post' };
    const idp: IdpMetadata = {
      entityId: IDP.entityId,
      signingCertificates: [keys.idp.certificate, keys.next.certificate],
      unusedKeys: 0,
      singleSignOn: NOWHERE,
      singleLogout: endpoint,
      singleLogoutResponse: endpoint,
      nameIdFormats: [],
      wantsSignedRequests: false,
      validUntil: null,
      cacheDuration: null,
      ...metadata,
    };
    const pairs = { current: keys.sp, next: null };
    const base = { name: 'corp', entityId: 'urn:stepgate', sign: pairs, decrypt: null, subject: null };
    const rest = { nameIdFormat: PERSISTENT, logout: 'provider', clockTolerance: 60, allowLegacyEncryptionCbc: false };
    return createLogout({
      config: { ...base, ...rest, ...config } as SamlProviderConfig,
      clock: clock ?? { now: () => Math.floor(Date.now() / 1000) },
      random: (bytes) => randomBytes(bytes).toString('base64url'),
      trust: { known: async () => (known ? idp : null), knownNow: () => (known ? idp : null) },
    });
  }

  const query = (message: Message, pair = keys.idp): LogoutMessage => ({
    binding: 'redirect',
    text: signedQuery(message, pair),
  });
  const form = (message: Message, pair = keys.idp): LogoutMessage => ({
    binding: 'post',
    text: new URLSearchParams(signedForm(message, pair)).toString(),
  });
  async function asked(of: Logout, wanted: Wanted, way = query): Promise<LogoutAsked> {
    const received = await of.receiveLogout(way(logoutRequest(PLACE, wanted)), SLO);
    assert.equal(received.kind, 'asked', JSON.stringify(received));
    return received as LogoutAsked;
  }
  async function refusedFor(of: Logout, wanted: Wanted, way = query): Promise<unknown> {
    const received = await of.receiveLogout(way(logoutRequest(PLACE, wanted)), SLO);
    return received.kind === 'refused' ? received.detail : received.kind;
  }

  it('leads nobody to a provider where they are not to go, or cannot be told about', async () => {
    const settings: readonly (readonly [string, Setting, EndedSession])[] = [
      ['local', { config: { logout: 'local' } }, ALICE],
      ['no key of ours: unsigned is never sent', { config: { sign: null } }, ALICE],
      ['no address in its metadata', { singleLogout: NOWHERE }, ALICE],
      ['metadata that are not known, or over', { known: false }, ALICE],
      ['no name for the session', {}, { ...ALICE, providerSession: null }],
      ['another name for the session', {}, { ...ALICE, providerSession: 'sid-1' }],
      ['half a name', {}, { ...ALICE, providerSession: '["alice"]' }],
      ['a name of no text', {}, { ...ALICE, providerSession: '["",null,null,null,null]' }],
      ['a name of odd parts', {}, { ...ALICE, providerSession: '["alice",1,null,null,null]' }],
    ];
    for (const [what, setting, session] of settings) {
      const of = logout(setting);
      assert.equal(of.canEndSession(session), false, what);
      assert.equal(await of.endSession(session, BACK), null, what);
    }
    assert.equal(logout().canEndSession(ALICE), true);
  });

  it('says nothing to a provider that is not known any more, or without a key', async () => {
    const request = await asked(logout(), {});
    for (const setting of [{ known: false }, { config: { sign: null } }, { singleLogoutResponse: NOWHERE }]) {
      assert.equal(logout(setting).answerLogout(request, true), null);
    }
  });

  it('keeps the query that an address of the provider has, and signs beside it', async () => {
    const singleLogout = { redirect: 'https://idp.example/slo?tenant=a%20b', post: null };
    const sent = await logout({ singleLogout }).endSession(ALICE, { ...BACK, state: "it's (a) *state* ~!" });
    const url = new URL(sent?.url ?? '');
    assert.equal(url.searchParams.get('tenant'), 'a b');
    assert.equal(url.searchParams.get('RelayState'), "it's (a) *state* ~!");
    const ours = sent?.url.replace('tenant=a%20b&', '') ?? '';
    assert.equal(attributeOf(readQuery(ours, keys.sp).xml, 'Destination'), singleLogout.redirect);
  });

  it('says whether sessions have ended, in answer to the very request', async () => {
    const of = logout();
    const request = await asked(of, { relayState: 'x' });
    for (const [ended, code] of [
      [true, 'Success'],
      [false, 'Responder'],
    ] as const) {
      const { xml, relayState } = readQuery(of.answerLogout(request, ended)?.url ?? '', keys.sp);
      assert.ok(xml.includes(`:status:${code}"/>`), xml);
      assert.deepEqual([attributeOf(xml, 'InResponseTo'), relayState], [request.id, 'x']);
    }
  });

  it('believes each key of the provider, while one replaces the other', async () => {
    for (const way of [query, form]) {
      const by = (pair: Pair) => (message: Message) => way(message, pair);
      await asked(logout(), {}, by(keys.next));
      assert.equal(await refusedFor(logout(), {}, by(keys.mallory)), 'check failed: signature');
    }
  });

  it('names sessions by all spellings of a name that mean the same, and by no other', async () => {
    const names = (await asked(logout(), { sessionIndexes: ['a', 'b'] })).names;
    const spelt = (qualifier: string | null, ours: string | null, index: string): string =>
      JSON.stringify(['alice', PERSISTENT, qualifier, ours, index]);
    const expected = [null, IDP.entityId].flatMap((qualifier) =>
      [null, 'urn:stepgate'].flatMap((ours) => ['a', 'b'].map((index) => spelt(qualifier, ours, index))),
    );
    assert.deepEqual([...names].sort(), [...expected].sort());
    const about = ' Format="urn:x" NameQualifier="urn:other" SPNameQualifier="urn:elsewhere"';
    assert.deepEqual((await asked(logout(), { about, sessionIndexes: [] })).names, [
      '["alice","urn:x","urn:other","urn:elsewhere"]',
    ]);
  });

  describe('an encrypted name', () => {
    const NAME = `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Format="${PERSISTENT}">alice</saml:NameID>`;
    const sealedFor = (pair: Pair, xml = NAME, more: Partial<Parameters<typeof encrypted>[1]> = {}): Wanted => ({
      nameId: encrypted(xml, { certificate: pair.certificate, ...more }).replaceAll(
        'EncryptedAssertion',
        'EncryptedID',
      ),
    });
    const decrypt = () => ({ current: keys.mallory, next: keys.ours });

    it('is opened with the key in use or the one to come, and is then a name as others are', async () => {
      const plain = (await asked(logout(), {})).names;
      for (const pair of [keys.ours, keys.mallory]) {
        for (const way of [query, form]) {
          const found = await asked(logout({ config: { decrypt: decrypt() } }), sealedFor(pair), way);
          assert.deepEqual(found.names, plain);
          assert.equal(found.subject, 'alice');
        }
      }
    });

    it('is refused without a key, for another one, by another cipher, or where it holds something else', async () => {
      const config = { decrypt: decrypt() };
      const wrong = 'check failed: NameID';
      assert.equal(await refusedFor(logout(), sealedFor(keys.ours)), wrong);
      assert.equal(await refusedFor(logout({ config }), sealedFor(keys.sp)), wrong);
      assert.equal(await refusedFor(logout({ config }), sealedFor(keys.ours, NAME, { data: 'aes256-cbc' })), wrong);
      for (const xml of [NAME.replaceAll('NameID', 'Assertion'), 'alice', `<!DOCTYPE x>${NAME}`, NAME + NAME]) {
        assert.equal(await refusedFor(logout({ config }), sealedFor(keys.ours, xml)), wrong, xml);
      }
      const legacy = { ...config, allowLegacyEncryptionCbc: true };
      await asked(logout({ config: legacy }), sealedFor(keys.ours, NAME, { data: 'aes256-cbc' }));
    });
  });

  it('verifies no more posted messages in a second in which many were forged, and goes on in the next', async () => {
    let now = Math.floor(Date.now() / 1000);
    const of = logout({ clock: { now: () => now } });
    const forged = form(logoutRequest(PLACE), keys.mallory);
    for (let i = 0; i < MOST_FORGED; i += 1) assert.equal((await of.receiveLogout(forged, SLO)).kind, 'refused');
    const good = form(logoutRequest(PLACE));
    const busy = await of.receiveLogout(good, SLO);
    assert.equal(busy.kind === 'refused' && busy.failure, 'provider_unavailable');
    assert.equal(
      (await of.receiveLogout(query(logoutRequest(PLACE)), SLO)).kind,
      'asked',
      'a query costs next to nothing',
    );
    now += 1;
    assert.equal((await of.receiveLogout(good, SLO)).kind, 'asked');
  });

  it('waits for metadata, and says so where there are none', async () => {
    const received = await logout({ known: false }).receiveLogout(query(logoutRequest(PLACE)), SLO);
    assert.equal(received.kind === 'refused' && received.failure, 'provider_unavailable');
  });
});
