import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { makeKeyPair } from '../../src/demo/saml/certificate.ts';
import { readMetadata } from '../../src/saml/metadata.ts';
import { passwordOf } from './relying-party.ts';
import { type Party, startParty, type Told } from './saml-party.ts';
import { type Seen, type Visitor, visitor } from './visitor.ts';

describe('the doors of the demo’s identity provider that speaks SAML', () => {
  let party: Party;
  let browser: Visitor;
  let stranger: string;
  let certificate: string;
  before(async () => {
    party = await startParty();
    stranger = (await makeKeyPair('stranger', Date.now())).key;
    const text = await fetch(`${party.provider.issuer}/metadata`).then((answer) => answer.text());
    const metadata = readMetadata(text, { issuer: null, certificate: null, plainLoopback: () => true });
    assert.ok(!('problem' in metadata));
    const { issuer } = party.provider;
    assert.equal(metadata.entityId, `${issuer}/metadata`);
    assert.deepEqual(metadata.singleSignOn, { redirect: `${issuer}/sso`, post: `${issuer}/sso` });
    assert.deepEqual(metadata.singleLogout, { redirect: `${issuer}/slo`, post: null });
    assert.equal(metadata.wantsSignedRequests, true);
    certificate = metadata.signingCertificates[0] ?? '';
  });
  after(() => party.provider.close());
  beforeEach(() => {
    browser = visitor(party.provider.issuer);
  });

  const signIn = async (username = 'alice'): Promise<Told> => {
    const page = await browser.open(await party.ask());
    return party.told(await browser.submit(page, passwordOf(party.provider, username)));
  };
  const isSignedIn = async (): Promise<boolean> => {
    const page = await browser.open(party.provider.issuer);
    return /You are signed in/.test(page.text);
  };
  /** The message that a redirect to the service carries, once its signature is verified. */
  const carried = (url: URL, field: 'SAMLRequest' | 'SAMLResponse'): string => {
    const [text = '', signature = ''] = url.search.slice(1).split('&Signature=');
    const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
    assert.ok(verify('sha256', Buffer.from(text), certificate, bytes), 'signed by the provider');
    return inflateRawSync(Buffer.from(url.searchParams.get(field) ?? '', 'base64')).toString();
  };

  const MINUTES_AGO = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  type Forge = (xml: string) => string;
  const forged: readonly (readonly [string, Forge])[] = [
    ['of another application', (xml) => xml.replace('urn:test:service', 'urn:test:other')],
    ['whose answer goes elsewhere', (xml) => xml.replace(party.acs, 'http://127.0.0.1:2/acs')],
    ['that was sent elsewhere', (xml) => xml.replace(/Destination="[^"]+"/, 'Destination="http://127.0.0.1:2/sso"')],
    ['of six minutes ago', (xml) => xml.replace(/IssueInstant="[^"]+"/, `IssueInstant="${MINUTES_AGO(6)}"`)],
    ['of another version', (xml) => xml.replace('Version="2.0"', 'Version="1.1"')],
    ['with a document type', (xml) => `<!DOCTYPE x>${xml}`],
    ['that is no request to sign in', () => party.logoutRequest('alice', 'x').replace('/slo', '/sso')],
    ['that is no XML', () => 'hello'],
    ['that is larger than any', (xml) => xml.replace('>', `>${' '.repeat(70_000)}`)],
  ];
  it('take the request that the forged ones are made from', async () => {
    assert.match((await browser.open(party.send('/sso', party.request()))).text, /<h1>Sign in<\/h1>/);
  });
  for (const [name, forge] of forged) {
    it(`take no request ${name}`, async () =>
      assertRefused(await browser.open(party.send('/sso', forge(party.request())))));
  }

  it('let nobody answer but whom a request is about', async () => {
    await signIn('alice');
    const subject = '<saml:Subject><saml:NameID>carol</saml:NameID></saml:Subject></samlp:AuthnRequest>';
    const xml = party.request().replace('</samlp:AuthnRequest>', subject);
    const page = await browser.open(party.send('/sso', xml));
    assert.match(page.text, /value="carol"/, 'not Alice, who is signed in');
    const wrong = await browser.submit(page, passwordOf(party.provider, 'alice'));
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert">The application asks for Carol N’Diayé/);
    const right = await browser.submit(wrong, passwordOf(party.provider, 'carol'));
    assert.match(right.text, /<h1>Back to the application<\/h1>/);
  });

  it('take no request that is not signed, nor one that somebody else has signed', async () => {
    assertRefused(await browser.open(party.send('/sso', party.request(), null)));
    assertRefused(await browser.open(party.send('/sso', party.request(), stranger)));
  });

  it('take no request whose signature is about another one, nor one with a parameter twice', async () => {
    const sent = party.send('/sso', party.request());
    const other = encodeURIComponent(deflateRawSync(party.request()).toString('base64'));
    assertRefused(await browser.open(sent.replace(/SAMLRequest=[^&]+/, `SAMLRequest=${other}`)));
    assertRefused(await browser.open(`${sent}&SAMLRequest=${other}`));
    assertRefused(
      await browser.open(sent.replace('?', `?%53AMLRequest=${other}&`)),
      'the same name, written otherwise',
    );
    assertRefused(await browser.open(sent.replace('RelayState=here', 'RelayState=there')));
  });

  it('take no posted request that was changed after it was signed, or is not signed at all', async () => {
    const post = async (xml: string): Promise<number> => {
      const body = new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') });
      const answer = await fetch(`${party.provider.issuer}/sso`, { method: 'POST', body, redirect: 'manual' });
      return answer.status;
    };
    const { SAMLRequest = '' } = await party.askByPost();
    const signed = Buffer.from(SAMLRequest, 'base64').toString();
    assert.equal(await post(signed), 303);
    assert.equal(await post(signed.replace('<samlp:AuthnRequest', '<samlp:AuthnRequest ForceAuthn="true"')), 400);
    assert.equal(await post(party.request()), 400);
  });

  it('sign a person out whose application asks, and send them back', async () => {
    const { sessionIndex } = await signIn();
    const back = await browser.open(party.send('/slo', party.logoutRequest('alice', sessionIndex)));
    assert.equal(back.url.origin + back.url.pathname, party.slo);
    assert.equal(back.url.searchParams.get('RelayState'), 'here');
    const answer = carried(back.url, 'SAMLResponse');
    assert.match(answer, /<samlp:LogoutResponse .*InResponseTo="_[0-9a-f]{32}".*status:Success"/);
    assert.equal(await isSignedIn(), false);
  });

  it('sign nobody out by another session’s index, another name, or a request that the application has not signed', async () => {
    const { sessionIndex } = await signIn();
    await browser.open(party.send('/slo', party.logoutRequest('alice', '_of_yesterday')));
    await browser.open(party.send('/slo', party.logoutRequest('bob', sessionIndex)));
    for (const by of [null, stranger]) {
      assertRefused(await browser.open(party.send('/slo', party.logoutRequest('alice', sessionIndex), by)));
    }
    assert.ok(await isSignedIn());
  });

  /** Alice signs out on the provider’s own page: what the application is asked then. */
  const signOutHere = async (): Promise<string> => {
    const page = await browser.open(party.provider.issuer);
    const back = await browser.submit(page, {});
    assert.equal(back.url.origin + back.url.pathname, party.slo);
    return carried(back.url, 'SAMLRequest');
  };
  const answerTo = (request: string): string =>
    party
      .logoutRequest('alice', 'x')
      .replaceAll('LogoutRequest', 'LogoutResponse')
      .replace(' Version', ` InResponseTo="${/ID="([^"]+)"/.exec(request)?.[1]}" Version`);

  it('ask the application to sign a person out who signs out here, and say so when it has', async () => {
    const { sessionIndex } = await signIn();
    assert.ok(await isSignedIn());
    const request = await signOutHere();
    assert.match(request, /<saml:NameID [^>]*>alice<\/saml:NameID>/);
    assert.ok(request.includes(`<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`));
    assert.equal(await isSignedIn(), false);
    const end = await browser.open(party.answer(answerTo(request)));
    assert.match(end.text, /<h1>Signed out<\/h1>/);
  });

  it('take one answer of the application to each question, and none of anybody else', async () => {
    await signIn();
    const request = await signOutHere();
    assertRefused(await browser.open(party.answer(answerTo('ID="_never"'))));
    assertRefused(await browser.open(party.answer(answerTo(request), stranger)));
    assert.equal((await browser.open(party.answer(answerTo(request)))).status, 200);
    assertRefused(await browser.open(party.answer(answerTo(request))));
  });

  it('sign nobody out by a link, nor by a form of another site, which brings no cookie', async () => {
    await signIn();
    assert.match((await browser.open(`${party.provider.issuer}/sign-out`)).text, /Signed out/);
    await fetch(`${party.provider.issuer}/sign-out`, { method: 'POST' });
    assert.ok(await isSignedIn());
  });

  it('say that there is nothing elsewhere', async () => {
    for (const path of ['/auth', '/constructor', '/.well-known/openid-configuration']) {
      assert.equal((await fetch(`${party.provider.issuer}${path}`)).status, 404);
    }
  });
});

function assertRefused(page: Seen, what = page.url.pathname): void {
  assert.equal(page.status, 400, what);
  assert.match(page.text, /This request cannot be answered/);
}
