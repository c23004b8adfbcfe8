import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type DemoStage, startDemoStage } from '../support/demo-stage.ts';
import { arrive, giveCode, givePassword, type Person } from './person.ts';
import { plugIn, type SecurityKey } from './security-key.ts';

const MINUTE = 60_000;

describe('a person with a browser and a security key', () => {
  let browser: Browser;
  let stage: DemoStage;
  let person: Person;
  let page: Page;
  let key: SecurityKey;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 9) });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    mock.timers.reset();
  });
  beforeEach(async () => {
    stage = await startDemoStage();
    person = await arrive(browser, stage.issuer);
    page = person.page;
    key = await plugIn(page);
  });
  afterEach(async () => {
    await person.leave();
    await stage.stop();
  });

  const at = (path: string): string => `${stage.origin}${path}`;
  const press = (name: string): Promise<void> => page.getByRole('button', { name }).click();
  const heading = (): Promise<string | null> => page.getByRole('heading', { level: 1 }).textContent();
  const session = async (): Promise<{ readonly subject?: string; readonly level?: string }> => {
    await page.goto(at('/'));
    return page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.json() as Promise<object>));
  };

  /** Alice signs in with her password, wants to change her account, registers a passkey and uses it. */
  async function register(): Promise<void> {
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await page.goto(at('/bank-account'));
    await giveCode(page);
    await press('Register a passkey');
    await press('Use passkey');
    await page.waitForURL(at('/bank-account'));
  }

  it('registers a passkey on the way, uses it, and changes her account', async () => {
    await register();
    assert.equal(person.trips(), 2);
    assert.equal(await key.count(), 1);
    await press('Change account');
    await page.getByText('Your salary goes to another account from now on.').waitFor();
    assert.match((await page.textContent('main')) ?? '', /Changed by\s*Alice Keller/);
    assert.equal(person.trips(), 2);
    const { level, subject } = await session();
    assert.deepEqual([subject, level], ['alice', 'passkey']);
  });

  it('is asked for the passkey alone once fifteen minutes are over', async () => {
    await register();
    mock.timers.tick(16 * MINUTE);
    await page.goto(at('/payslips'));
    assert.equal(page.url(), at('/payslips'), 'a passkey of sixteen minutes ago is a second factor still');
    await page.goto(at('/bank-account'));
    assert.equal(await heading(), 'Use your passkey');
    await press('Use passkey');
    await page.waitForURL(at('/bank-account'));
    assert.equal(person.trips(), 3);
    await press('Change account');
    await page.getByText('Your salary goes to another account from now on.').waitFor();
  });

  it('changes nothing with a form that was left open for too long', async () => {
    await register();
    mock.timers.tick(16 * MINUTE);
    await press('Change account');
    await page.waitForLoadState();
    assert.doesNotMatch((await page.textContent('body')) ?? '', /goes to another account/);
  });

  it('cancels, reads a page that says so, and is signed in as before', async () => {
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await page.goto(at('/bank-account'));
    await giveCode(page);
    await page.getByRole('heading', { name: 'Register a passkey' }).waitFor();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL(/callback/);
    assert.equal(await key.count(), 0);
    const { level, subject } = await session();
    assert.deepEqual([subject, level], ['alice', 'password']);
    await page.goto(at('/account'));
    assert.equal(page.url(), at('/account'));
  });

  it('is not believed without the right PIN, and may try again', async () => {
    await register();
    mock.timers.tick(16 * MINUTE);
    await key.verify(false);
    await page.goto(at('/bank-account'));
    await press('Use passkey');
    await page.getByRole('alert').filter({ hasText: 'No passkey was used' }).waitFor();
    assert.ok(page.url().startsWith(stage.issuer));
    await key.verify(true);
    await press('Use passkey');
    await page.waitForURL(at('/bank-account'));
  });

  it('registers another one where the first is lost', async () => {
    await register();
    await key.remove();
    key = await plugIn(page);
    mock.timers.tick(16 * MINUTE);
    await page.goto(at('/bank-account'));
    await page.getByRole('link', { name: 'Register another passkey' }).click();
    await givePassword(page, 'alice');
    await giveCode(page);
    await press('Register a passkey');
    await press('Use passkey');
    await page.waitForURL(at('/bank-account'));
    assert.equal(await key.count(), 1);
  });

  it('without a second factor ends on a page, is offered no passkey, and stays signed in', async () => {
    await page.goto(at('/account'));
    await givePassword(page, 'bob');
    await page.waitForURL(at('/account'));
    const answer = await page.goto(at('/bank-account'));
    assert.equal(answer?.status(), 403);
    assert.equal(await heading(), 'A stronger sign-in is needed');
    assert.equal((await session()).subject, 'bob');
  });
});
