import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type DemoStage, startDemoStage } from '../support/demo-stage.ts';
import { checkLook } from '../support/look.ts';
import { arrive, givePassword, type Person } from './person.ts';

describe('a person with a browser who signs out', () => {
  let browser: Browser;
  let stage: DemoStage;
  let person: Person;
  let page: Page;
  before(async () => {
    stage = await startDemoStage();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await stage.stop();
  });
  beforeEach(async () => {
    person = await arrive(browser, stage.issuer);
    page = person.page;
  });
  afterEach(() => person.leave());

  const at = (path: string): string => `${stage.origin}${path}`;
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const heading = (name: string): Promise<void> => page.getByRole('heading', { name, level: 1 }).waitFor();
  const atIssuer = (): Promise<void> => page.waitForURL((url) => url.origin === stage.issuer);

  /** Alice reads her account, and signs out by the link of the application. */
  async function signOut(): Promise<void> {
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await page.getByRole('link', { name: 'Sign out' }).click();
    await press('Sign out');
    await atIssuer();
    await heading('Sign out here too?');
  }

  it('is asked by the provider too, and is a stranger to both then', async () => {
    await signOut();
    await checkLook(page);
    await press('Sign out');
    await page.waitForURL(at('/.stepgate/signed-out'));
    await heading('You are signed out');
    await page.goto(at('/account'));
    await page.getByLabel('Password', { exact: true }).waitFor();
  });

  it('may stay signed in at the provider, and gets back in without a password', async () => {
    await signOut();
    await press('Stay signed in here');
    await page.waitForURL(at('/.stepgate/signed-out'));
    const trips = person.trips();
    await page.goto(at('/account'));
    assert.equal(page.url(), at('/account'));
    assert.equal(person.trips(), trips + 1);
  });

  it('is asked nothing by a provider that has forgotten them already', async () => {
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await person.context.clearCookies({ domain: 'localhost' });
    await page.getByRole('link', { name: 'Sign out' }).click();
    await press('Sign out');
    await page.waitForURL(at('/.stepgate/signed-out'));
    await heading('You are signed out');
  });

  it('is signed out here although they leave the provider’s question unanswered', async () => {
    await signOut();
    await page.goto(at('/'));
    const session = await page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.text()));
    assert.deepEqual(JSON.parse(session), { signed_in: false });
  });
});
