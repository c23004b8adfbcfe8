import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Where a provider is asked: by OpenID Connect, by SAML. */
const TRIPS = ['/auth', '/sso'];

/** Somebody in front of a browser of their own. */
export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Requests for the provider's authorization endpoint or single sign-on service so far: how often the person was sent there. */
  trips(): number;
  leave(): Promise<void>;
}

/** Opens a fresh browser profile with one tab. */
export async function arrive(browser: Browser, issuer: string): Promise<Person> {
  const context = await browser.newContext();
  // Everything is on this machine: what is not there in ten seconds is not coming.
  context.setDefaultTimeout(10_000);
  let trips = 0;
  context.on('request', (request) => {
    if (TRIPS.some((path) => request.url().startsWith(`${issuer}${path}?`))) trips += 1;
  });
  return { context, page: await context.newPage(), trips: () => trips, leave: () => context.close() };
}

const PASSWORDS = { alice: 'wonderland', bob: 'builder', carol: 'harbour' } as const;

/** Fills in the provider's password page. */
export async function givePassword(page: Page, who: keyof typeof PASSWORDS): Promise<void> {
  await page.getByLabel('Username').fill(who);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORDS[who]);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Fills in the second factor with the code that the demo's page shows. */
export async function giveCode(page: Page): Promise<void> {
  const code = await page.locator('.now').textContent();
  await page.getByLabel('Six-digit code').fill(code ?? '');
  await page.getByRole('button', { name: 'Confirm' }).click();
}
