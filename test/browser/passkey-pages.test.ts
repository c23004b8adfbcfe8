import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ACR_PASSKEY } from '../../src/demo/acr.ts';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { startDemoOidcProvider } from '../../src/demo/oidc/provider.ts';
import { startPayroll } from '../../src/demo/payroll.ts';
import { ask, CLIENT, essential } from '../demo/relying-party.ts';
import { launchBrowser } from '../support/browser.ts';
import { checkLook } from '../support/look.ts';
import { giveCode, givePassword } from './person.ts';
import { plugIn } from './security-key.ts';

describe('the pages around a passkey', () => {
  let browser: Browser;
  let payroll: Awaited<ReturnType<typeof startPayroll>>;
  before(async () => {
    payroll = await startPayroll({ port: 0 });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await payroll.close();
  });

  interface Scene {
    readonly width?: number;
    readonly colorScheme?: 'light' | 'dark';
    readonly script?: boolean;
  }

  /** A browser of its own before a provider of its own, so that nobody has a passkey yet. */
  async function onStage(scene: Scene, run: (page: Page, provider: DemoProvider) => Promise<void>): Promise<void> {
    const { width = 1280, colorScheme = 'light', script = true } = scene;
    const provider = await startDemoOidcProvider({ port: 0, clients: [CLIENT] });
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      javaScriptEnabled: script,
    });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    await page.route(`${CLIENT.redirect_uris[0]}**`, (route) => route.fulfill({ body: 'back at the application' }));
    try {
      await run(page, provider);
    } finally {
      await context.close();
      await provider.close();
    }
  }

  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name }).click();
  const open = (page: Page, provider: DemoProvider, more = {}): Promise<unknown> =>
    page.goto(ask(provider, { ...essential(ACR_PASSKEY), ...more }).url.href);

  for (const width of [320, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`fit ${width} pixels and have no fault that axe knows, ${colorScheme}`, () =>
        onStage({ width, colorScheme }, async (page, provider) => {
          const key = await plugIn(page);
          await open(page, provider);
          await givePassword(page, 'carol');
          await page.getByText('To register one').waitFor();
          await checkLook(page);
          await giveCode(page);
          await page.getByText('This is a demo: a real provider').waitFor();
          await checkLook(page);
          await key.verify(false);
          await press(page, 'Register a passkey');
          await page.getByRole('alert').waitFor();
          await checkLook(page);
          await key.verify(true);
          await press(page, 'Register a passkey');
          await page.getByRole('heading', { name: 'Use your passkey' }).waitFor();
          await checkLook(page);
          await press(page, 'Use passkey');
          await page.getByText('back at the application').waitFor();
          await page.goto(`${provider.issuer}/session/end`);
          await page.getByText('still knows you as Carol').waitFor();
          await checkLook(page);
          await press(page, 'Sign out');
          await page.getByRole('heading', { name: 'Signed out' }).waitFor();
          await checkLook(page);
          await page.goto(`${payroll.url}/bank-account`);
          await checkLook(page);
          await page.getByLabel('New account number').fill('x'.repeat(60));
          await press(page, 'Change account');
          await page.getByRole('alert').waitFor();
          await checkLook(page);
          await page.getByLabel('New account number').fill('DE02 5001 0517 0137 0750 30');
          await press(page, 'Change account');
          await page.getByRole('status').waitFor();
          await checkLook(page);
        }));
    }
  }

  it('say that they need script, where there is none, and can be left', () =>
    onStage({ script: false }, async (page, provider) => {
      await open(page, provider);
      await givePassword(page, 'alice');
      await giveCode(page);
      await press(page, 'Register a passkey');
      await page.getByRole('alert').filter({ hasText: 'uses passkeys by JavaScript' }).waitFor();
      await page.getByRole('link', { name: 'Cancel' }).click();
      await page.getByText('back at the application').waitFor();
      assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
    }));

  it('cannot be answered before their script is there, however slowly it comes', () =>
    onStage({}, async (page, provider) => {
      await plugIn(page);
      const arrival = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      await page.route('**/passkey.js', async (route) => {
        asked.resolve();
        await arrival.promise;
        await route.continue();
      });
      await open(page, provider);
      await givePassword(page, 'alice');
      const confirmed = giveCode(page);
      await asked.promise;
      assert.equal(await page.getByRole('button', { name: 'Register a passkey' }).count(), 0);
      arrival.resolve();
      await confirmed;
      await press(page, 'Register a passkey');
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor();
    }));

  it('register no second passkey of a device that has one, and lead back to it', () =>
    onStage({}, async (page, provider) => {
      const key = await plugIn(page);
      await open(page, provider);
      await givePassword(page, 'alice');
      await giveCode(page);
      await press(page, 'Register a passkey');
      await press(page, 'Use passkey');
      await page.getByText('back at the application').waitFor();
      await open(page, provider, { prompt: 'login' });
      await page.getByRole('link', { name: 'Register another passkey' }).click();
      await givePassword(page, 'alice');
      await giveCode(page);
      await press(page, 'Register a passkey');
      await page.getByRole('alert').filter({ hasText: 'of this device already' }).waitFor();
      await page.getByRole('link', { name: 'Use one that you have' }).click();
      await press(page, 'Use passkey');
      await page.getByText('back at the application').waitFor();
      assert.equal(await key.count(), 1);
    }));
});
