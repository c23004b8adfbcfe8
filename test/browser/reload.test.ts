import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type DemoStage, startDemoStage } from '../support/demo-stage.ts';
import { arrive, giveCode, givePassword, type Person } from './person.ts';

describe('a person whose page is open while the rules change', () => {
  let browser: Browser;
  let stage: DemoStage;
  let person: Person;
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
  });
  afterEach(async () => {
    await person.leave();
    await stage.reload((policies) => policies);
  });

  const at = (path: string): string => `${stage.origin}${path}`;
  const stricter = (policies: string): string =>
    policies.replace('    rules:', '    rules:\n      - {id: account, path: /account/**, require: mfa}');
  const failures = (page: Person['page']): string[] => {
    const seen: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400 && !response.url().endsWith('/favicon.ico')) {
        seen.push(`${response.status()} ${response.url()}`);
      }
    });
    return seen;
  };

  it('is asked for the stronger step at the next click, and arrives', async () => {
    const { page } = person;
    await page.goto(at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(at('/account'));
    const failed = failures(page);
    await stage.reload(stricter);
    await page.getByRole('link', { name: 'Account' }).first().click();
    await giveCode(page);
    await page.waitForURL(at('/account'));
    assert.equal(person.trips(), 2);
    assert.deepEqual(failed, []);
    const session = await page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.json()));
    assert.equal((session as { level: string }).level, 'mfa');
  });

  it('and who is at the provider meanwhile is asked for one step more, not for everything again', async () => {
    const { page } = person;
    await page.goto(at('/account'));
    const failed = failures(page);
    await stage.reload(stricter);
    await givePassword(page, 'carol');
    await giveCode(page);
    await page.waitForURL(at('/account'));
    assert.equal(person.trips(), 2);
    assert.deepEqual(failed, []);
  });

  it('does not notice a change that does not concern the page', async () => {
    const { page } = person;
    await page.goto(at('/payslips'));
    await givePassword(page, 'alice');
    await giveCode(page);
    await page.waitForURL(at('/payslips'));
    await stage.reload((policies) => policies.replace('validity: 8h', 'validity: 9h'));
    await page.reload();
    assert.equal(page.url(), at('/payslips'));
    assert.equal(person.trips(), 1);
  });
});
