import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type FakeIdp, metadataOf } from '../support/fake-idp.ts';
import { ACS, MFA_CLASS, PASSWORD_CLASS, type SamlStage, startSamlStage } from '../support/saml-stage.ts';

const MINUTE = 60_000;

/** Two sites, not two ports of one: the gateway is on 127.0.0.1, and the provider’s pages are on localhost. */
const elsewhere = ({ entityId, origin, pair }: FakeIdp): string =>
  metadataOf(entityId, origin.replace('127.0.0.1', 'localhost'), [pair.certificate]);

let browser: Browser;
before(async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 9) });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  mock.timers.reset();
});

/** The last page that the application was asked for; a browser asks for the icon of a site whenever it likes. */
const lastPage = (stage: Pick<SamlStage, 'upstream'>) =>
  stage.upstream.received.filter(({ target }) => target !== '/favicon.ico').at(-1);

describe('a person with a browser whose provider speaks SAML', () => {
  let stage: SamlStage;
  let context: BrowserContext;
  let page: Page;
  let posts: Request[];
  before(async () => {
    stage = await startSamlStage({ metadata: elsewhere });
  });
  after(() => stage.stop());
  beforeEach(async () => {
    stage.straighten();
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    posts = [];
    context.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === ACS) posts.push(request);
    });
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const at = (path: string): string => `${stage.origin}${path}`;
  const isAtProvider = (tab: Page): boolean => new URL(tab.url()).hostname === 'localhost';
  /** Says yes on the provider's page, which posts the answer. */
  const consent = (tab: Page): Promise<void> => tab.getByRole('button', { name: 'Sign in' }).click();
  const told = (name: string): unknown => lastPage(stage)?.headers[`x-auth-${name}`];

  /** Opens a page, by way of the provider. */
  async function openBy(path: string, tab = page): Promise<void> {
    await tab.goto(at(path));
    assert.ok(isAtProvider(tab), tab.url());
    await consent(tab);
    await tab.waitForURL(at(path));
  }

  it('signs in, steps up, is asked again when the level lapses, and signs out', async () => {
    await page.goto(at('/'));
    assert.equal(posts.length, 0);
    await openBy('/home?year=2026&dept=a%20b');
    assert.deepEqual(['subject', 'level', 'acr'].map(told), ['alice', 'password', encodeURI(PASSWORD_CLASS)]);
    await openBy('/admin/people');
    assert.deepEqual(['levels', 'acr'].map(told), ['password,mfa', MFA_CLASS]);
    await page.goto(at('/home'));
    assert.equal(page.url(), at('/home'), 'what was proven is not asked again');
    mock.timers.tick(50 * MINUTE);
    await page.goto(at('/home'));
    mock.timers.tick(11 * MINUTE);
    await page.goto(at('/home'));
    assert.equal(page.url(), at('/home'), 'still signed in');
    await openBy('/admin/people');
    await page.goto(at('/.stepgate/sign-out'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.pathname.endsWith('/signed-out'));
    await page.goto(at('/home'));
    assert.ok(isAtProvider(page), 'a stranger again');
    assert.equal(posts.length, 3);
    for (const post of posts) {
      const headers = await post.allHeaders();
      assert.equal(headers['sec-fetch-site'], 'cross-site');
      assert.equal(headers.cookie, undefined, 'the post brings none of our cookies');
    }
  });

  it('goes back after it is done: the provider’s page posts once more, and the session is what it was', async () => {
    await openBy('/home');
    await openBy('/admin/people');
    await page.goBack();
    assert.ok(isAtProvider(page), page.url());
    const stepUps = stage.events('step_up').length;
    await consent(page);
    await page.waitForURL(at('/'));
    assert.equal(stage.events('step_up').length, stepUps);
    await page.goto(at('/admin/people'));
    assert.equal(page.url(), at('/admin/people'));
  });

  it('signs in in five tabs at once, in any order: each arrives where it wanted to go', async () => {
    const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));
    for (const [number, tab] of tabs.entries()) await tab.goto(at(`/home/${number}`));
    for (const number of [3, 0, 4, 2, 1]) {
      const tab = tabs[number];
      assert.ok(tab);
      await consent(tab);
      await tab.waitForURL(at(`/home/${number}`));
    }
    assert.equal(lastPage(stage)?.target, '/home/1');
  });

  it('opens thirty tabs at once and signs in in one: whoever lost a trip is signed in and goes on', async () => {
    const tabs = await Promise.all(Array.from({ length: 30 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(at(`/home/${number}`))));
    await openBy('/home/one');
    for (const [number, tab] of tabs.slice(0, 8).entries()) {
      await consent(tab);
      await tab.waitForURL((url) => url.href === at(`/home/${number}`) || url.href === at('/'));
    }
    for (const [number, tab] of tabs.entries()) {
      await tab.goto(at(`/home/${number}`));
      assert.equal(tab.url(), at(`/home/${number}`));
    }
    assert.ok((await context.cookies(stage.origin)).length <= 8);
  });

  it('T082 whose answer is posted in somebody else’s browser: they are nobody there, and it is still good here', async () => {
    await page.goto(at('/home'));
    const form = await page.content();
    const other = await browser.newContext();
    const theirs = await other.newPage();
    // The very page of the provider, in another browser.
    await theirs.route('**/sso*', (route) => route.fulfill({ contentType: 'text/html', body: form }));
    await theirs.goto(page.url());
    await consent(theirs);
    await theirs.waitForURL((url) => url.pathname.endsWith('/continue'));
    assert.match((await theirs.textContent('body')) ?? '', /cookies_disabled/);
    await theirs.goto(at('/home'));
    assert.ok(isAtProvider(theirs));
    await other.close();
    await consent(page);
    await page.waitForURL(at('/home'));
  });

  it('is told so where the provider cannot do what is asked, and goes on where they were', async () => {
    await openBy('/home');
    stage.idp.script.status = 'urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext';
    await page.goto(at('/admin/people'));
    await consent(page);
    await page.waitForURL((url) => url.pathname.endsWith('/continue'));
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'A stronger sign-in is needed');
    await page.goto(at('/home'));
    assert.equal(page.url(), at('/home'));
  });
});

describe('a provider that takes requests by post alone', () => {
  let stage: SamlStage;
  /** The provider’s front door, on one host; it sends people on to a page on another. */
  let door: Server;
  before(async () => {
    door = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const pages = stage.idp.origin.replace('127.0.0.1', 'login.localhost');
      response.writeHead(303, { location: `${pages}/sso?posted=yes&${Buffer.concat(chunks)}` }).end();
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const { port } = door.address() as AddressInfo;
    stage = await startSamlStage({
      metadata: ({ entityId, pair }) =>
        metadataOf(entityId, `http://localhost:${port}`, [pair.certificate]).replace(
          /(SingleSignOnService Binding="[^"]*)HTTP-Redirect/,
          '$1HTTP-POST',
        ),
    });
  });
  after(async () => {
    await stage.stop();
    door.closeAllConnections();
    door.close();
  });

  it('is reached by a page that posts itself, also where the provider sends people on to another host', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    for (const path of ['/home?a=b', '/admin/people']) {
      await page.goto(`${stage.origin}${path}`);
      await page.waitForURL((url) => url.hostname === 'login.localhost');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${stage.origin}${path}`);
    }
    assert.deepEqual(
      complaints.filter((text) => /Content Security Policy/.test(text)),
      [],
    );
    assert.equal(lastPage(stage)?.headers['x-auth-levels'], 'password,mfa');
    await context.close();
  });

  it('is reached by a button where scripts are off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const answer = await page.goto(`${stage.origin}/home`);
    assert.equal(answer?.status(), 200);
    assert.equal(answer?.headers()['cache-control'], 'no-store');
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'On to your sign-in service');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL((url) => url.hostname === 'login.localhost');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${stage.origin}/home`);
    await context.close();
  });
});
