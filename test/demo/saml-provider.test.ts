import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { passwordOf, shownCode } from './relying-party.ts';
import { type Ask, MFA, PASSKEY, PASSWORD, type Party, startParty, type Told } from './saml-party.ts';
import { type Seen, type Visitor, visitor } from './visitor.ts';

const START = Date.UTC(2026, 9, 5, 8);
const MINUTE = 60_000;

describe('the identity provider of the demo, by SAML', () => {
  let party: Party;
  let browser: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: START });
    party = await startParty();
  });
  after(async () => {
    await party.provider.close();
    mock.timers.reset();
  });
  beforeEach(() => {
    browser = visitor(party.provider.issuer);
  });

  const open = async (ask?: Ask): Promise<Seen> => browser.open(await party.ask(ask));
  const givePassword = (page: Seen, username = 'alice'): Promise<Seen> =>
    browser.submit(page, passwordOf(party.provider, username));
  const giveCode = (page: Seen): Promise<Seen> => browser.submit(page, { code: shownCode(page) });
  const heading = (page: Seen): string | undefined => /<h1>([^<]+)</.exec(page.text)?.[1];
  const signIn = async (username = 'alice'): Promise<Told> => party.told(await givePassword(await open(), username));
  const wrongCode = (page: Seen): string => (shownCode(page).startsWith('0') ? '999999' : '000000');

  it('signs a person in with a password, and says who they are and how', async () => {
    const page = await open();
    assert.equal(heading(page), 'Sign in');
    const { profile, classRef, authnInstant } = await party.told(await givePassword(page, 'carol'));
    assert.equal(profile.nameID, 'carol');
    assert.equal(profile.nameIDFormat, 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent');
    assert.equal(profile.displayName, 'Carol N’Diayé');
    assert.equal(profile.mail, 'carol@demo.example');
    assert.deepEqual(profile.groups, ['staff', 'managers']);
    assert.equal(classRef, PASSWORD);
    assert.equal(authnInstant, Date.now());
  });

  it('does not ask again while the login will do, and says when it was', async () => {
    const first = await signIn();
    mock.timers.tick(10 * MINUTE);
    const second = await party.told(await open());
    assert.equal(second.authnInstant, Date.now() - 10 * MINUTE);
    assert.equal(second.sessionIndex, first.sessionIndex);
    assert.equal((await party.told(await open({ classes: [MFA, PASSWORD] }))).classRef, PASSWORD);
  });

  it('asks for the second factor alone on top of a password, and moves AuthnInstant', async () => {
    const first = await signIn();
    mock.timers.tick(180 * MINUTE);
    const page = await open({ classes: [MFA] });
    assert.equal(heading(page), 'Confirm that it is you');
    const second = await party.told(await giveCode(page));
    assert.equal(second.classRef, MFA);
    assert.equal(second.authnInstant, Date.now());
    assert.equal(second.sessionIndex, first.sessionIndex, 'one session, in which more was proven');
  });

  it('asks for password and second factor where nobody is signed in', async () => {
    const page = await givePassword(await open({ classes: [MFA] }));
    assert.equal(heading(page), 'Confirm that it is you');
    assert.equal((await party.told(await giveCode(page))).classRef, MFA);
  });

  it('asks for everything anew where the request forces it', async () => {
    await signIn();
    mock.timers.tick(MINUTE);
    const page = await open({ classes: [PASSWORD], force: true });
    assert.equal(heading(page), 'Sign in');
    assert.match(page.text, /value="alice"/, 'it knows who is about to');
    assert.equal((await party.told(await givePassword(page))).authnInstant, Date.now());
  });

  const reached: readonly (readonly [string, Ask, string])[] = [
    ['the first of the classes that the person can reach', { classes: ['urn:unknown', MFA, PASSWORD] }, PASSWORD],
    ['the weakest of a minimum', { classes: [PASSWORD, MFA], comparison: 'minimum' }, PASSWORD],
  ];
  for (const [name, ask, classRef] of reached) {
    it(`takes ${name}`, async () => {
      assert.equal((await party.told(await givePassword(await open(ask), 'bob'))).classRef, classRef);
    });
  }

  it('takes a stronger login for a minimum, and not for another exact class', async () => {
    await party.told(await giveCode(await givePassword(await open({ classes: [MFA] }))));
    assert.equal((await party.told(await open({ classes: [PASSWORD], comparison: 'minimum' }))).classRef, MFA);
    assert.equal(heading(await open({ classes: [PASSWORD] })), 'Sign in');
  });

  const unmet: readonly (readonly [string, Ask])[] = [
    ['a class that nobody knows', { classes: ['urn:unknown'] }],
    ['a minimum of one', { classes: ['urn:unknown'], comparison: 'minimum' }],
    ['better than a password', { classes: [PASSWORD], comparison: 'better' }],
    ['at most a password', { classes: [PASSWORD], comparison: 'maximum' }],
  ];
  for (const [name, ask] of unmet) {
    it(`answers NoAuthnContext, without a page, to ${name}`, async () => {
      assert.equal(await party.refusal(await open(ask)), 'NoAuthnContext');
    });
  }

  it('answers NoAuthnContext for a person without a second factor, at once where they are known', async () => {
    assert.equal(await party.refusal(await givePassword(await open({ classes: [MFA] }), 'bob')), 'NoAuthnContext');
    await signIn('bob');
    for (const one of [MFA, PASSKEY])
      assert.equal(await party.refusal(await open({ classes: [one] })), 'NoAuthnContext');
    assert.equal((await party.told(await open())).profile.nameID, 'bob', 'who stays signed in');
  });

  it('answers RequestDenied for a person who cancels', async () => {
    const page = await open();
    const [, cancel = ''] = /<a href="([^"]+\/cancel)">Cancel/.exec(page.text) ?? [];
    assert.equal(await party.refusal(await browser.open(new URL(cancel, page.url))), 'RequestDenied');
  });

  it('answers AuthnFailed after five wrong codes', async () => {
    let page = await givePassword(await open({ classes: [MFA] }), 'carol');
    for (let attempt = 1; attempt <= 5; attempt++) page = await browser.submit(page, { code: wrongCode(page) });
    assert.equal(await party.refusal(page), 'AuthnFailed');
    mock.timers.tick(5 * MINUTE);
  });

  it('asks nothing where the request forbids it', async () => {
    assert.equal(await party.refusal(await open({ passive: true })), 'NoPassive');
    await signIn();
    assert.equal((await party.told(await open({ passive: true }))).classRef, PASSWORD);
    assert.equal(await party.refusal(await open({ passive: true, classes: [MFA] })), 'NoPassive');
  });

  it('takes a request that is posted, and finds whoever is signed in although a browser brings no cookie with it', async () => {
    await signIn();
    const fields = await party.askByPost({ classes: [PASSWORD] });
    const posted = await fetch(`${party.provider.issuer}/sso`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
    });
    assert.equal(posted.status, 303);
    browser.keep(posted.headers.getSetCookie());
    const page = await browser.open(new URL(posted.headers.get('location') ?? '', party.provider.issuer));
    assert.equal((await party.told(page)).profile.nameID, 'alice');
  });

  it('ends the session of whoever was signed in before somebody else', async () => {
    const alice = await signIn();
    const bob = await party.told(await givePassword(await open({ force: true }), 'bob'));
    assert.notEqual(bob.sessionIndex, alice.sessionIndex);
    assert.equal((await party.told(await open())).profile.nameID, 'bob');
  });

  it('gives a session another name at each login, so that none can be planted', async () => {
    await signIn();
    await party.told(await givePassword(await open({ force: true })));
    const names = browser.cookiesSet.filter((cookie) => cookie.startsWith('demo-saml-session='));
    assert.equal(new Set(names).size, 2);
    const [before = '', now = ''] = names.map((cookie) => cookie.split(';')[0]);
    const greeting = async (Cookie: string): Promise<string> =>
      (await fetch(party.provider.issuer, { headers: { Cookie } })).text();
    assert.match(await greeting(now), /You are signed in/);
    assert.doesNotMatch(await greeting(before), /You are signed in/);
    for (const cookie of names) assert.match(cookie, /; HttpOnly; SameSite=Lax$/);
  });

  it('forgets a session after twelve hours', async () => {
    const { profile } = await signIn();
    assert.match(profile.getAssertionXml?.() ?? '', new RegExp(`SessionNotOnOrAfter="${inHours(12)}"`));
    mock.timers.tick(12 * 60 * MINUTE);
    assert.equal(heading(await open()), 'Sign in');
  });
  const inHours = (hours: number): string => new Date(Date.now() + hours * 60 * MINUTE).toISOString();

  it('keeps a trip for one browser, for ten minutes, and for one answer', async () => {
    const page = await open();
    const stranger = await visitor(party.provider.issuer).open(page.url);
    assert.equal(stranger.status, 400);
    assert.match(stranger.text, /This sign-in has expired/);
    mock.timers.tick(10 * MINUTE);
    assert.equal((await givePassword(page)).status, 400);
    const next = await open();
    await party.told(await givePassword(next));
    assert.equal((await givePassword(next)).status, 400, 'answered already');
  });

  it('posts the answer by itself, and by a button where scripts are off', async () => {
    const page = await givePassword(await open());
    assert.match(page.text, /<button type="submit">Continue<\/button>/);
    const csp = page.headers.get('content-security-policy') ?? '';
    assert.match(
      csp,
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:1;/,
    );
    assert.equal(page.headers.get('cache-control'), 'no-store');
  });

  it('answers to its own name only', async () => {
    const { port } = new URL(party.provider.issuer);
    assert.equal((await fetch(`http://localhost:${port}/metadata`)).status, 421);
  });
});
