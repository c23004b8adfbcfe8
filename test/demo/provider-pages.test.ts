import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { ACR_MFA } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { ask, CLIENT, errorOf, essential, passwordOf, redeem, shownCode, signIn } from './relying-party.ts';
import { type Seen, visitor } from './visitor.ts';

const START = Date.UTC(2026, 9, 5, 8);

describe('the pages of the demo’s identity provider', () => {
  let provider: DemoProvider;
  before(async () => {
    provider = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
  });
  after(() => provider.close());
  afterEach(() => mock.timers.reset());

  it('say that a password is wrong, and take the right one then', async () => {
    const browser = visitor(provider.issuer);
    const sent = ask(provider);
    const page = await browser.open(sent.url);
    const wrong = await browser.submit(page, { username: 'alice', password: 'looking-glass' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert">That username and password do not belong together/);
    assert.match(wrong.text, /value="alice"/);
    await redeem(provider, sent, await browser.submit(wrong, passwordOf(provider, 'alice')));
  });

  it('say that a code is wrong, and take the right one then', async () => {
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    const sent = ask(provider, essential(ACR_MFA));
    const page = await browser.open(sent.url);
    const wrong = await browser.submit(page, { code: wrongCode(page) });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert">That code is not right/);
    assert.equal((await redeem(provider, sent, await browser.submit(wrong, { code: shownCode(wrong) }))).acr, ACR_MFA);
  });

  it('give up after five wrong codes, on the next trip as well, until five minutes have passed', async () => {
    mock.timers.enable({ apis: ['Date'], now: START });
    const browser = visitor(provider.issuer);
    await signIn(provider, browser, 'carol');
    let page = await browser.open(ask(provider, essential(ACR_MFA)).url);
    for (let attempt = 1; attempt <= 4; attempt++) page = await browser.submit(page, { code: wrongCode(page) });
    assert.equal(errorOf(await browser.submit(page, { code: wrongCode(page) })), 'access_denied');
    assert.equal(errorOf(await browser.open(ask(provider, essential(ACR_MFA)).url)), 'access_denied');
    mock.timers.tick(5 * 60_000);
    const sent = ask(provider, essential(ACR_MFA));
    page = await browser.open(sent.url);
    await redeem(provider, sent, await browser.submit(page, { code: shownCode(page) }));
  });

  it('do not take the right code either once five were wrong', async () => {
    mock.timers.enable({ apis: ['Date'], now: START + 3_600_000 });
    const [one, other] = [visitor(provider.issuer), visitor(provider.issuer)];
    await signIn(provider, one, 'carol');
    await signIn(provider, other, 'carol');
    const waiting = await other.open(ask(provider, essential(ACR_MFA)).url);
    let page = await one.open(ask(provider, essential(ACR_MFA)).url);
    for (let attempt = 1; attempt <= 5; attempt++) page = await one.submit(page, { code: '000' });
    assert.equal(errorOf(await other.submit(waiting, { code: shownCode(waiting) })), 'access_denied');
  });

  it('take a person who cancels back with access_denied', async () => {
    const browser = visitor(provider.issuer);
    const page = await browser.open(ask(provider).url);
    const [, cancel] = /<a href="([^"]+\/cancel)">Cancel/.exec(page.text) ?? [];
    assert.equal(errorOf(await browser.open(new URL(cancel ?? '', page.url))), 'access_denied');
  });

  it('do not take a code before the password', async () => {
    const browser = visitor(provider.issuer);
    const page = await browser.open(ask(provider, essential(ACR_MFA)).url);
    const forged = { ...page, text: page.text.replace('/password"', '/code"') };
    const answer = await browser.submit(forged, { code: '123456' });
    assert.match(answer.text, /<h1>Sign in<\/h1>/);
  });

  it('do not let a password stand in for the second factor', async () => {
    const browser = visitor(provider.issuer);
    const page = await browser.open(ask(provider, essential(ACR_MFA)).url);
    const second = await browser.submit(page, passwordOf(provider, 'alice'));
    const uid = page.url.pathname.split('/')[2];
    const resumed = await browser.open(new URL(`/auth/${uid}`, provider.issuer));
    assert.match(second.text, /Confirm that it is you/);
    assert.match(resumed.text, /<h1>Sign in<\/h1>/);
  });

  it('belong to one browser', async () => {
    const page = await visitor(provider.issuer).open(ask(provider).url);
    const stranger = await visitor(provider.issuer).open(page.url);
    assert.equal(stranger.status, 400);
    assert.match(stranger.text, /This sign-in has expired/);
  });

  it('fill in the username that the application hints at, escaped', async () => {
    const browser = visitor(provider.issuer);
    const page = await browser.open(ask(provider, { login_hint: '"><script>' }).url);
    assert.match(page.text, /value="&quot;&gt;&lt;script&gt;"/);
  });

  it('let nobody answer but whom the application asks for', async () => {
    const browser = visitor(provider.issuer);
    const sent = ask(provider, { claims: JSON.stringify({ id_token: { sub: { value: 'carol' } } }) });
    const page = await browser.open(sent.url);
    assert.match(page.text, /value="carol"/);
    const wrong = await browser.submit(page, passwordOf(provider, 'alice'));
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert">The application asks for Carol N’Diayé/);
    assert.equal(
      (await redeem(provider, sent, await browser.submit(wrong, passwordOf(provider, 'carol')))).sub,
      'carol',
    );
  });

  it('allow no script, no frame, no foreign form, and may not be stored', async () => {
    const page = await visitor(provider.issuer).open(ask(provider).url);
    const csp = page.headers.get('content-security-policy') ?? '';
    assert.match(csp, /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:1;/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(page.text, /<script/);
  });

  it('tell a browser what is wrong with a request that no application sent', async () => {
    const url = new URL('/auth?client_id=nobody', provider.issuer);
    const page = await visitor(provider.issuer).open(url);
    assert.equal(page.status, 400);
    assert.match(page.text, /This request cannot be answered/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  it('explain the bare address', async () => {
    const page = await visitor(provider.issuer).open(provider.issuer);
    assert.match(page.text, /identity provider of the Stepgate demo/);
  });
});

function wrongCode(page: Seen): string {
  return shownCode(page).startsWith('0') ? '999999' : '000000';
}
