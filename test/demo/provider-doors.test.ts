import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ACR_MFA } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { ask, CLIENT, essential, passwordOf, redeem, shownCode, signIn } from './relying-party.ts';
import { type Seen, type Visitor, visitor } from './visitor.ts';

const SIGNED_OUT = 'http://127.0.0.1:2/signed-out';

describe('the side doors of the demo’s identity provider', () => {
  let provider: DemoProvider;
  let browser: Visitor;
  before(async () => {
    const clients = [{ ...CLIENT, post_logout_redirect_uris: [SIGNED_OUT] }];
    provider = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients });
  });
  after(() => provider.close());
  beforeEach(() => {
    browser = visitor(provider.issuer);
  });

  const signOut = (more: Readonly<Record<string, string>> = {}): Promise<Seen> => {
    const query = { client_id: CLIENT.client_id, post_logout_redirect_uri: SIGNED_OUT, state: 's', ...more };
    return browser.open(`${provider.issuer}/session/end?${new URLSearchParams(query)}`);
  };
  const confirm = (page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen> => {
    const [, action] = /method="post" action="([^"]+)"/.exec(page.text) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
    return browser.submit({ ...page, text: `<form method="post" action="${action}"` }, { xsrf, ...fields });
  };

  it('sign a person out who says so, and send them back', async () => {
    await signIn(provider, browser);
    const page = await signOut();
    assert.match(page.text, /still knows you as <strong>Alice Keller/);
    assert.doesNotMatch(page.text, /<script/);
    const csp = page.headers.get('content-security-policy') ?? '';
    assert.match(csp, /^default-src 'none'; .*form-action 'self' http:\/\/127\.0\.0\.1:1 http:\/\/127\.0\.0\.1:2;/);
    assert.equal((await confirm(page, { logout: 'yes' })).url.href, `${SIGNED_OUT}?state=s`);
    const next = await browser.open(ask(provider).url);
    assert.match(next.text, /<h1>Sign in<\/h1>/);
  });

  it('leave a person signed in who wants to stay, and send them back', async () => {
    await signIn(provider, browser);
    assert.equal((await confirm(await signOut(), {})).url.href, `${SIGNED_OUT}?state=s`);
    const next = ask(provider);
    assert.equal((await redeem(provider, next, await browser.open(next.url))).sub, 'alice');
  });

  it('sign nobody out by a link alone, nor by a form of another site', async () => {
    await signIn(provider, browser);
    const page = await signOut();
    const forged = await confirm(
      { ...page, text: page.text.replace(/name="xsrf" value="[^"]+"/, '') },
      { logout: 'yes' },
    );
    assert.equal(forged.status, 400);
    const next = ask(provider);
    assert.equal((await redeem(provider, next, await browser.open(next.url))).sub, 'alice');
  });

  it('send nobody to an address that is not registered', async () => {
    await signIn(provider, browser);
    const page = await signOut({ post_logout_redirect_uri: 'http://127.0.0.1:2/elsewhere' });
    assert.equal(page.status, 400);
    assert.match(page.text, /This request cannot be answered/);
  });

  it('end on a page of their own where no application waits', async () => {
    await signIn(provider, browser);
    const page = await browser.open(`${provider.issuer}/session/end`);
    const end = await confirm(page, { logout: 'yes' });
    assert.match(end.text, /<h1>Signed out<\/h1>/);
    assert.match(end.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  it('take an authorization request by the back channel (RFC 9126)', async () => {
    await signIn(provider, browser);
    const sent = ask(provider, essential(ACR_MFA));
    const { client_id, client_secret } = CLIENT;
    const pushed = await push(sent.url, { client_id, client_secret });
    assert.equal(pushed.status, 201);
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const page = await browser.open(`${provider.issuer}/auth?${new URLSearchParams({ client_id, request_uri })}`);
    const back = await browser.submit(page, { code: shownCode(page) });
    assert.equal((await redeem(provider, sent, back)).acr, ACR_MFA);
  });

  it('take none from whoever is not the client', async () => {
    const { client_id } = CLIENT;
    assert.equal((await push(ask(provider).url, { client_id, client_secret: 'guessed' })).status, 401);
  });

  it('know a person by name who was pushed there without being signed in', async () => {
    const sent = ask(provider);
    const pushed = await push(sent.url, CLIENT);
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const query = new URLSearchParams({ client_id: CLIENT.client_id, request_uri });
    const page = await browser.open(`${provider.issuer}/auth?${query}`);
    const claims = await redeem(provider, sent, await browser.submit(page, passwordOf(provider, 'bob')));
    assert.equal(claims.sub, 'bob');
  });

  const push = (
    url: URL,
    { client_id, client_secret }: { readonly client_id: string; readonly client_secret: string },
  ): Promise<Response> =>
    fetch(`${provider.issuer}/request`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${client_id}:${encodeURIComponent(client_secret)}`).toString('base64')}`,
      },
      body: url.searchParams,
    });
});
