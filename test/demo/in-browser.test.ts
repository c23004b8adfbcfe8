import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ACR_MFA } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { startPayroll } from '../../src/demo/payroll.ts';
import { launchBrowser } from '../support/browser.ts';
import { checkLook } from '../support/look.ts';
import { ask, CLIENT, essential } from './relying-party.ts';

describe('the demo in a browser', () => {
  let browser: Browser;
  let payroll: Awaited<ReturnType<typeof startPayroll>>;
  let provider: DemoProvider;
  before(async () => {
    payroll = await startPayroll({ port: 0 });
    provider = await startDemoOidcProvider({ port: 0, host: '127.0.0.1', clients: [CLIENT] });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await provider.close();
    await payroll.close();
  });

  /** Opens a page without script where `script` is false; the redirect URI is answered by the test. */
  async function withPage(run: (page: Page) => Promise<void>, width = 1280, script = true): Promise<void> {
    const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: script });
    const page = await context.newPage();
    await page.route(`${CLIENT.redirect_uris[0]}**`, (route) => route.fulfill({ body: 'back at the application' }));
    await run(page).finally(() => context.close());
  }

  it('signs in with a second factor without script, and lands at the application across origins', () =>
    withPage(
      async (page) => {
        await page.goto(ask(provider, essential(ACR_MFA)).url.href);
        await page.getByLabel('Username').fill('alice');
        await page.getByLabel('Password', { exact: true }).fill('wonderland');
        await page.getByRole('button', { name: 'Sign in' }).click();
        const code = await page.locator('.now').textContent();
        await page.getByLabel('Six-digit code').fill(code ?? '');
        await page.getByRole('button', { name: 'Confirm' }).click();
        await page.getByText('back at the application').waitFor();
        assert.equal(new URL(page.url()).searchParams.get('error'), null);
        assert.notEqual(new URL(page.url()).searchParams.get('code'), null);
      },
      1280,
      false,
    ));

  it('talks over the live line and loads the payslip by script', () =>
    withPage(async (page) => {
      await page.goto(payroll.url);
      await page.getByRole('button', { name: 'Load latest payslip' }).click();
      await page.getByText('"paid_out":"3812.40"').waitFor();
      assert.match((await page.locator('#loaded').textContent()) ?? '', /^Status 200/);
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.getByText('You said: hello').waitFor();
      assert.match((await page.locator('#heard').textContent()) ?? '', /connected\nYou are nobody, level none\./);
    }));

  it('offers the way to the step-up when a fetch is answered 401', () =>
    withPage(async (page) => {
      const step_up_url = `${payroll.url}/.stepgate/step-up?t=x`;
      await page.route('**/latest.json', (route) => route.fulfill({ status: 401, json: { step_up_url } }));
      await page.goto(payroll.url);
      await page.getByRole('button', { name: 'Load latest payslip' }).click();
      const link = page.getByRole('link', { name: /Confirm that it is you/ });
      assert.equal(await link.getAttribute('href'), step_up_url);
    }));

  it('never offers a way that is a script', () =>
    withPage(async (page) => {
      const step_up_url = 'javascript:alert(1)';
      await page.route('**/latest.json', (route) => route.fulfill({ status: 401, json: { step_up_url } }));
      await page.goto(payroll.url);
      await page.getByRole('button', { name: 'Load latest payslip' }).click();
      await page.getByText('Status 401').waitFor();
      assert.equal(await page.locator('#step-up a').count(), 0);
    }));

  for (const width of [320, 1280]) {
    it(`fits ${width} pixels and has no fault that axe knows, in light and dark`, () =>
      withPage(async (page) => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(ask(provider, essential(ACR_MFA)).url.href);
          await checkLook(page);
          await page.getByLabel('Username').fill('carol');
          await page.getByLabel('Password', { exact: true }).fill('wrong');
          await page.getByRole('button', { name: 'Sign in' }).click();
          await page.getByRole('alert').waitFor();
          await checkLook(page);
          await page.getByLabel('Username').fill('carol');
          await page.getByLabel('Password', { exact: true }).fill('harbour');
          await page.getByRole('button', { name: 'Sign in' }).click();
          await page.getByText('your code is').waitFor();
          await checkLook(page);
          await page.setExtraHTTPHeaders(HEADERS);
          for (const path of ['/', '/account', '/payslips/2026-10', '/approve/42', '/report?year=2026&dept=a%20b']) {
            await page.goto(payroll.url + path);
            await checkLook(page);
          }
          await page.setExtraHTTPHeaders({});
          await page.context().clearCookies();
        }
      }, width));
  }
});

const HEADERS = {
  'X-Auth-Subject': 'carol',
  'X-Auth-Name': 'Carol N%E2%80%99Diay%C3%A9',
  'X-Auth-Assertion': 'eyJhbGciOiJFUzI1NiJ9'.repeat(20),
};
