import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type DemoStage, startDemoStage } from '../support/demo-stage.ts';
import { arrive, giveCode, givePassword, type Person } from './person.ts';

const MINUTE = 60_000;

describe('a person with a browser', () => {
  let browser: Browser;
  let stage: DemoStage;
  let person: Person;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 9) });
    stage = await startDemoStage();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await stage.stop();
    mock.timers.reset();
  });
  beforeEach(async () => {
    person = await arrive(browser, stage.issuer);
  });
  afterEach(() => person.leave());

  const at = (path: string): string => `${stage.origin}${path}`;
  const heading = (): Promise<string | null> => person.page.getByRole('heading', { level: 1 }).textContent();

  it('reads the public page, then signs in with a password, then with a second factor where it is wanted', async () => {
    const { page } = person;
    await page.goto(at('/'));
    assert.equal(person.trips(), 0);
    await page.goto(at('/account'));
    assert.ok(page.url().startsWith(stage.issuer));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await page.goto(at('/payslips'));
    await giveCode(page);
    await page.waitForURL(at('/payslips'));
    assert.equal(person.trips(), 2);
    await page.goto(at('/account'));
    assert.equal(page.url(), at('/account'));
    assert.equal(person.trips(), 2, 'what was proven is not asked again');
  });

  it('follows a deep link with its query to the end', async () => {
    const { page } = person;
    await page.goto(at('/report?year=2026&dept=a%20b&x=%C3%A9'));
    await givePassword(page, 'bob');
    await page.waitForURL(at('/report?year=2026&dept=a%20b&x=%C3%A9'));
  });

  it('is asked for both steps in one trip where a deep link wants the second factor', async () => {
    const { page } = person;
    await page.goto(at('/payslips/2026-10'));
    await givePassword(page, 'carol');
    await giveCode(page);
    await page.waitForURL(at('/payslips/2026-10'));
    assert.equal(person.trips(), 1);
  });

  it('is asked again when the level lapses, while staying signed in', async () => {
    const { page } = person;
    await page.goto(at('/payslips'));
    await givePassword(page, 'alice');
    await giveCode(page);
    await page.waitForURL(at('/payslips'));
    mock.timers.tick(50 * MINUTE);
    await page.goto(at('/account'));
    mock.timers.tick(11 * MINUTE);
    await page.goto(at('/account'));
    assert.equal(page.url(), at('/account'), 'still signed in');
    await page.goto(at('/payslips'));
    assert.ok(page.url().startsWith(stage.issuer), 'asked again');
  });

  it('needs a second factor of the last two minutes for what is dear', async () => {
    const { page } = person;
    await page.goto(at('/payslips'));
    await givePassword(page, 'alice');
    await giveCode(page);
    await page.waitForURL(at('/payslips'));
    mock.timers.tick(3 * MINUTE);
    await page.goto(at('/payslips'));
    assert.equal(page.url(), at('/payslips'));
    await page.goto(at('/approve/42'));
    await givePassword(page, 'alice');
    await giveCode(page);
    await page.waitForURL(at('/approve/42'));
    assert.equal(person.trips(), 2);
  });

  it('without a second factor ends on a page after one trip, and keeps the session', async () => {
    const { page } = person;
    await page.goto(at('/account'));
    await givePassword(page, 'bob');
    await page.waitForURL(at('/account'));
    const answer = await page.goto(at('/payslips'));
    assert.equal(answer?.status(), 403);
    assert.equal(await heading(), 'A stronger sign-in is needed');
    assert.match((await page.textContent('body')) ?? '', /Two-step verification.*level_not_met/s);
    assert.equal(person.trips(), 2);
    await page.goto(at('/account'));
    assert.equal(page.url(), at('/account'));
    assert.equal(person.trips(), 2);
  });

  it('is asked again by a provider where somebody else sits down: it was told whom to ask, and nothing changes here', async () => {
    const { page } = person;
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    // Alice's session at the provider is gone, and Carol sits down.
    await person.context.clearCookies({ domain: 'localhost' });
    await page.goto(at('/payslips'));
    assert.doesNotMatch(page.url(), /alice|claims|login_hint/, 'what is asked for is pushed, not shown to the browser');
    await givePassword(page, 'carol');
    await page.waitForFunction('document.querySelector("input[type=password]")?.value === ""');
    assert.ok(page.url().startsWith(stage.issuer));
    await page.goto(at('/'));
    const session = await page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.json()));
    assert.equal((session as { subject: string }).subject, 'alice');
    assert.equal((session as { level: string }).level, 'password');
  });

  it('signs out, and is a stranger again', async () => {
    const { page } = person;
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    // From our own page on to the provider's, which asks whether it is to forget her too.
    await page.waitForURL((url) => url.origin === stage.issuer);
    const before = person.trips();
    await page.goto(at('/account'));
    assert.equal(person.trips(), before + 1);
  });

  it('opens thirty tabs at once, signs in in one, and every tab arrives', async () => {
    const { context } = person;
    const tabs = await Promise.all(Array.from({ length: 30 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(at(`/report?tab=${number}`))));
    // Most of their flows have lost their slot to another tab by now. Whoever goes on at the provider arrives all the same,
    for (const [number, tab] of tabs.slice(0, 8).entries()) {
      await givePassword(tab, 'alice');
      await tab.waitForURL(at(`/report?tab=${number}`));
    }
    // and so does whoever loads a page again.
    for (const [number, tab] of tabs.entries()) {
      await tab.goto(at(`/report?tab=${number}`));
      assert.equal(tab.url(), at(`/report?tab=${number}`));
    }
    const cookies = await context.cookies(stage.origin);
    assert.ok(cookies.length <= 8, `${cookies.length} cookies`);
  });
});
