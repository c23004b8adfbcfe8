import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { ACR_MFA, ACR_PASSKEY, ACR_PASSWORD } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { ask, CLIENT, errorOf, essential, passwordOf, redeem, shownCode, signIn } from './relying-party.ts';
import { visitor } from './visitor.ts';

const START = Date.UTC(2026, 9, 5, 8);
const MINUTE = 60_000;

describe('the identity provider of the demo', () => {
  let provider: DemoProvider;
  before(async () => {
    provider = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
  });
  after(() => provider.close());
  const advance = (milliseconds: number) => mock.timers.tick(milliseconds);
  const setClock = () => mock.timers.enable({ apis: ['Date'], now: START });
  afterEach(() => mock.timers.reset());

  it('says what it can do', async () => {
    const response = await fetch(new URL('/.well-known/openid-configuration', provider.issuer));
    const metadata = JSON.parse(await response.text());
    assert.equal(metadata.issuer, provider.issuer);
    assert.deepEqual(metadata.acr_values_supported, [ACR_PASSWORD, ACR_MFA, ACR_PASSKEY]);
    assert.equal(metadata.claims_parameter_supported, true);
    assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
    assert.ok(metadata.id_token_signing_alg_values_supported.includes('RS256'));
    for (const claim of ['acr', 'amr', 'auth_time', 'groups', 'email_verified']) {
      assert.ok(metadata.claims_supported.includes(claim), claim);
    }
    assert.equal(metadata.end_session_endpoint, `${provider.issuer}/session/end`);
    assert.equal(metadata.pushed_authorization_request_endpoint, `${provider.issuer}/request`);
    assert.equal(metadata.require_pushed_authorization_requests, undefined);
  });

  it('signs a person in with a password and says so', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    const sent = ask(provider);
    const page = await browser.open(sent.url);
    assert.match(page.text, /<h1>Sign in<\/h1>/);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'carol')));
    assert.equal(claims.sub, 'carol');
    assert.equal(claims.acr, ACR_PASSWORD);
    assert.deepEqual(claims.amr, ['pwd']);
    assert.equal(claims.auth_time, START / 1000);
    assert.equal(claims.name, 'Carol N’Diayé');
    assert.equal(claims.email, 'carol@demo.example');
    assert.equal(claims.email_verified, true);
    assert.deepEqual(claims.groups, ['staff', 'managers']);
  });

  it('gives claims that are asked for by name with the scope openid alone', async () => {
    const browser = visitor(provider.issuer);
    const id_token = { name: null, email: null, email_verified: null, groups: { essential: true } };
    const sent = ask(provider, { scope: 'openid', claims: JSON.stringify({ id_token }) });
    const page = await browser.open(sent.url);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'bob')));
    assert.deepEqual(
      [claims.name, claims.email, claims.email_verified, claims.groups],
      ['Bob Meyer', 'bob@demo.example', true, ['staff']],
    );
    assert.equal(claims.preferred_username, undefined);
  });

  it('does not ask again while the login will do', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    advance(10 * MINUTE);
    const sent = ask(provider, { max_age: '600' });
    const claims = await redeem(provider, sent, await browser.open(sent.url));
    assert.equal(claims.auth_time, START / 1000);
    assert.equal(typeof claims.auth_time, 'number');
  });

  it('asks for the second factor alone on top of a password, and moves auth_time', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    advance(180 * MINUTE);
    const sent = ask(provider, essential(ACR_MFA));
    const page = await browser.open(sent.url);
    assert.match(page.text, /Confirm that it is you/);
    assert.match(page.text, /Alice Keller/);
    const claims = await redeem(provider, sent, await browser.submit(page, { code: shownCode(page) }));
    assert.equal(claims.sub, 'alice');
    assert.equal(claims.acr, ACR_MFA);
    assert.deepEqual(claims.amr, ['pwd', 'otp', 'mfa']);
    assert.equal(claims.auth_time, START / 1000 + 180 * 60);
  });

  it('asks for password and second factor where nobody is signed in', async () => {
    const browser = visitor(provider.issuer);
    const sent = ask(provider, essential(ACR_MFA));
    const page = await browser.open(sent.url);
    const second = await browser.submit(page, passwordOf(provider, 'alice'));
    assert.match(second.text, /Confirm that it is you/);
    const claims = await redeem(provider, sent, await browser.submit(second, { code: shownCode(second) }));
    assert.equal(claims.acr, ACR_MFA);
  });

  it('sends a person without a second factor back with an error at once where it is essential', async () => {
    const browser = visitor(provider.issuer);
    const fresh = await browser.open(ask(provider, essential(ACR_MFA)).url);
    const back = await browser.submit(fresh, passwordOf(provider, 'bob'));
    assert.equal(errorOf(back), 'unmet_authentication_requirements');

    await signIn(provider, browser, 'bob');
    const again = await browser.open(ask(provider, essential(ACR_MFA)).url);
    assert.equal(errorOf(again), 'unmet_authentication_requirements');
  });

  it('sends everybody back where an acr is essential that it does not know', async () => {
    const back = await visitor(provider.issuer).open(ask(provider, essential('urn:unknown')).url);
    assert.equal(errorOf(back), 'unmet_authentication_requirements');
  });

  it('takes the first essential acr that the person can reach', async () => {
    const browser = visitor(provider.issuer);
    const sent = ask(provider, essential('urn:unknown', ACR_MFA, ACR_PASSWORD));
    const page = await browser.open(sent.url);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'bob')));
    assert.equal(claims.acr, ACR_PASSWORD);
  });

  it('returns what was proven where a wish cannot be fulfilled', async () => {
    const browser = visitor(provider.issuer);
    const sent = ask(provider, { acr_values: ACR_MFA });
    const page = await browser.open(sent.url);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'bob')));
    assert.equal(claims.acr, ACR_PASSWORD);
    const again = ask(provider, { acr_values: ACR_MFA });
    assert.equal((await redeem(provider, again, await browser.open(again.url))).acr, ACR_PASSWORD);
  });

  it('fulfils a wish where the person can, and never asks for less than there is', async () => {
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    const sent = ask(provider, { acr_values: ACR_MFA });
    const page = await browser.open(sent.url);
    const claims = await redeem(provider, sent, await browser.submit(page, { code: shownCode(page) }));
    assert.equal(claims.acr, ACR_MFA);
    const less = ask(provider, { acr_values: ACR_PASSWORD });
    assert.equal((await redeem(provider, less, await browser.open(less.url))).acr, ACR_MFA);
  });

  it('asks for the password again when max_age is exceeded, and for the second factor if that is asked', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    advance(10 * MINUTE);
    const sent = ask(provider, { max_age: '300', ...essential(ACR_MFA) });
    const page = await browser.open(sent.url);
    assert.match(page.text, /<h1>Sign in<\/h1>/);
    assert.match(page.text, /value="alice"/);
    const second = await browser.submit(page, passwordOf(provider, 'alice'));
    const claims = await redeem(provider, sent, await browser.submit(second, { code: shownCode(second) }));
    assert.equal(claims.auth_time, START / 1000 + 600);
    assert.equal(claims.acr, ACR_MFA);
  });

  it('takes max_age=0 for now, in the very second of the last login too', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    const sent = ask(provider, { max_age: '0' });
    const page = await browser.open(sent.url);
    assert.match(page.text, /<h1>Sign in<\/h1>/);
    await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'alice')));
  });

  it('asks for the password again on prompt=login', async () => {
    setClock();
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    advance(MINUTE);
    const sent = ask(provider, { prompt: 'login' });
    const page = await browser.open(sent.url);
    assert.match(page.text, /<h1>Sign in<\/h1>/);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'alice')));
    assert.equal(claims.auth_time, START / 1000 + 60);
  });

  it('lets another person answer, and is signed in as that one from then on', async () => {
    const browser = visitor(provider.issuer);
    await signIn(provider, browser, 'alice');
    const sent = ask(provider, { prompt: 'login' });
    const page = await browser.open(sent.url);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'carol')));
    assert.equal(claims.sub, 'carol');
    const next = ask(provider);
    assert.equal((await redeem(provider, next, await browser.open(next.url))).sub, 'carol');
  });

  it('never shows a page on prompt=none', async () => {
    const browser = visitor(provider.issuer);
    assert.equal(errorOf(await browser.open(ask(provider, { prompt: 'none' }).url)), 'login_required');
    await signIn(provider, browser);
    const silent = ask(provider, { prompt: 'none', acr_values: ACR_MFA });
    assert.equal((await redeem(provider, silent, await browser.open(silent.url))).acr, ACR_PASSWORD);
    const demanding = await browser.open(ask(provider, { prompt: 'none', ...essential(ACR_MFA) }).url);
    assert.equal(errorOf(demanding), 'login_required');
  });

  it('never asks for consent', async () => {
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    const sent = ask(provider, { prompt: 'consent' });
    await redeem(provider, sent, await browser.open(sent.url));
  });

  it('refuses an authorization request without PKCE', async () => {
    const { url } = ask(provider);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    assert.equal(errorOf(await visitor(provider.issuer).open(url)), 'invalid_request');
  });

  it('names its cookies so that they collide with nobody else on the host', async () => {
    const browser = visitor(provider.issuer);
    await signIn(provider, browser);
    assert.notEqual(browser.cookiesSet.length, 0);
    for (const cookie of browser.cookiesSet) {
      assert.match(cookie, /^demo-idp-/);
      assert.match(cookie, /httponly/i);
      assert.match(cookie, /samesite=lax/i);
    }
  });

  it('says nothing on the console, and stops', async () => {
    const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const spies = methods.map((method) => mock.method(console, method, () => {}));
    const other = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
    await signIn(other, visitor(other.issuer));
    await other.close();
    assert.deepEqual(
      spies.flatMap((spy) => spy.mock.calls.map((call) => call.arguments)),
      [],
    );
    await assert.rejects(fetch(other.issuer));
    mock.restoreAll();
  });

  it('keeps nothing between two that run side by side', async () => {
    const other = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
    const secrets = [provider, other].map(({ people }) => people[0]?.totpSecret?.toString('hex'));
    assert.notEqual(secrets[0], secrets[1]);
    await other.close();
  });

  it('stops listening when its clients cannot be registered', async () => {
    const first = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
    await first.close();
    const port = Number(new URL(first.issuer).port);
    await assert.rejects(startDemoOidcProvider({ port, host: '127.0.0.1', clients: [CLIENT, CLIENT] }));
    const second = await startDemoOidcProvider({ port, host: '127.0.0.1', clients: [CLIENT] });
    await second.close();
  });

  it('answers to its own name only', async () => {
    const { port } = new URL(provider.issuer);
    const response = await fetch(`http://localhost:${port}/`);
    assert.equal(response.status, 421);
  });
});
