import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { JWTPayload } from 'jose';
import { ACR_MFA, ACR_PASSKEY, ACR_PASSWORD } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { ask, CLIENT, errorOf, essential, passwordOf, redeem, shownCode, signIn } from './relying-party.ts';
import { type Seen, type Visitor, visitor } from './visitor.ts';

const START = Date.UTC(2026, 9, 5, 8);
const MINUTE = 60_000;

describe('a trip for a passkey to the demo’s identity provider', () => {
  let provider: DemoProvider;
  let browser: Visitor;
  let key: Authenticator;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: START });
  });
  beforeEach(async () => {
    provider = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
    browser = visitor(provider.issuer);
    key = createAuthenticator();
  });
  afterEach(() => provider.close());
  after(() => mock.timers.reset());

  const heading = (page: Seen): string | undefined => /<h1>([^<]+)</.exec(page.text)?.[1];
  /** Answers the page's question with the security key. */
  const answer = (page: Seen, by = key): Promise<Seen> => {
    const [, ceremony, question = ''] = /data-ceremony="(\w+)" data-question="([^"]+)"/.exec(page.text) ?? [];
    const { challenge } = JSON.parse(question.replaceAll('&quot;', '"'));
    const asked = { challenge, origin: provider.issuer };
    return browser.submit(page, { answer: ceremony === 'create' ? by.create(asked) : by.get(asked) });
  };
  /** From the page for the second factor to the answer of the provider. */
  const register = async (page: Seen): Promise<Seen> => {
    const offered = await browser.submit(page, { code: shownCode(page) });
    assert.equal(heading(offered), 'Register a passkey');
    const saved = await answer(offered);
    assert.equal(heading(saved), 'Use your passkey');
    return answer(saved);
  };
  const trip = async (walk: (page: Seen) => Promise<Seen>, more = {}): Promise<JWTPayload> => {
    const sent = ask(provider, { ...essential(ACR_PASSKEY), ...more });
    return redeem(provider, sent, await walk(await browser.open(sent.url)));
  };

  it('registers one on top of a password, after the second factor, and uses it', async () => {
    await signIn(provider, browser);
    mock.timers.tick(10 * MINUTE);
    const claims = await trip(async (page) => {
      assert.equal(heading(page), 'Confirm that it is you');
      assert.match(page.text, /To register one, confirm with your second factor first/);
      return register(page);
    });
    assert.equal(claims.acr, ACR_PASSKEY);
    assert.deepEqual(claims.amr, ['hwk', 'user', 'mfa']);
    assert.equal(claims.auth_time, Date.now() / 1000);
  });

  it('asks for the passkey alone from then on, also when the login is too old', async () => {
    await signIn(provider, browser);
    await trip(register);
    mock.timers.tick(16 * MINUTE);
    const claims = await trip(
      async (page) => {
        assert.equal(heading(page), 'Use your passkey');
        return answer(page);
      },
      { max_age: '900' },
    );
    assert.equal(claims.auth_time, Date.now() / 1000);
    const forced = await trip(answer, { prompt: 'login' });
    assert.equal(forced.acr, ACR_PASSKEY);
  });

  it('asks nobody known for the password, then for the passkey, for no code in between', async () => {
    await signIn(provider, browser);
    await trip(register);
    browser = visitor(provider.issuer);
    const claims = await trip(async (page) => {
      assert.equal(heading(page), 'Sign in');
      return answer(await browser.submit(page, passwordOf(provider, 'alice')));
    });
    assert.equal(claims.acr, ACR_PASSKEY);
  });

  it('says so where a question was answered wrongly, and asks a new one', async () => {
    await signIn(provider, browser);
    await trip(register);
    const claims = await trip(
      async (page) => {
        const wrong = await answer(page, createAuthenticator());
        assert.equal(wrong.status, 422);
        assert.match(wrong.text, /role="alert" id="complaint">That passkey was not accepted/);
        return answer(wrong);
      },
      { prompt: 'login' },
    );
    assert.equal(claims.acr, ACR_PASSKEY);
  });

  it('registers another one for whoever has the first not at hand, after both other factors', async () => {
    await signIn(provider, browser);
    await trip(register);
    const first = key;
    key = createAuthenticator();
    await trip(
      async (page) => {
        const [, another = ''] = /<a href="([^"]+\/another)">/.exec(page.text) ?? [];
        const password = await browser.open(new URL(another, provider.issuer));
        assert.equal(heading(password), 'Sign in');
        return register(await browser.submit(password, passwordOf(provider, 'alice')));
      },
      { prompt: 'login' },
    );
    await trip((page) => answer(page, first), { prompt: 'login' });
  });

  it('saves no passkey before the second factor was given on this very trip', async () => {
    const sent = ask(provider, essential(ACR_MFA));
    const second = await browser.submit(await browser.open(sent.url), passwordOf(provider, 'alice'));
    await redeem(provider, sent, await browser.submit(second, { code: shownCode(second) }));
    const page = await browser.open(ask(provider, essential(ACR_PASSKEY)).url);
    assert.equal(heading(page), 'Confirm that it is you');
    const forged = { ...page, text: page.text.replace('/code"', '/register"') };
    const asked = { challenge: 'A'.repeat(43), origin: provider.issuer };
    assert.equal(heading(await browser.submit(forged, { answer: key.create(asked) })), 'Confirm that it is you');
  });

  it('does not take a saved passkey for a proof: leaving then proves the password of before', async () => {
    await signIn(provider, browser);
    const page = await browser.open(ask(provider, essential(ACR_PASSKEY)).url);
    const saved = await answer(await browser.submit(page, { code: shownCode(page) }));
    assert.equal(heading(saved), 'Use your passkey');
    const sent = ask(provider);
    assert.equal((await redeem(provider, sent, await browser.open(sent.url))).acr, ACR_PASSWORD);
    const resumed = await browser.open(new URL(`/auth/${page.url.pathname.split('/')[2]}`, provider.issuer));
    assert.equal(heading(resumed), 'Use your passkey');
  });

  it('sends somebody without a second factor back at once', async () => {
    await signIn(provider, browser, 'bob');
    const back = await browser.open(ask(provider, essential(ACR_PASSKEY)).url);
    assert.equal(errorOf(back), 'unmet_authentication_requirements');
  });

  it('shows the password page to whoever a wish is for whom the one signed in is not', async () => {
    await signIn(provider, browser);
    await trip(register);
    const id_token = { sub: { value: 'carol' }, acr: { essential: true, values: [ACR_PASSKEY] } };
    const page = await browser.open(ask(provider, { claims: JSON.stringify({ id_token }) }).url);
    assert.equal(heading(page), 'Sign in');
  });

  it('runs one script, on the pages for passkeys only', async () => {
    await signIn(provider, browser);
    const code = await browser.open(ask(provider, essential(ACR_PASSKEY)).url);
    assert.doesNotMatch(code.headers.get('content-security-policy') ?? '', /script/);
    const page = await browser.submit(code, { code: shownCode(code) });
    const csp = page.headers.get('content-security-policy') ?? '';
    assert.ok(csp.startsWith("default-src 'none'; style-src 'sha256-"), csp);
    assert.ok(csp.includes(`; script-src ${provider.issuer}/passkey.js; form-action `), csp);
    assert.deepEqual(page.text.match(/<script[^>]*>/g), ['<script src="/passkey.js">']);
    const script = await fetch(`${provider.issuer}/passkey.js`);
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
  });
});
