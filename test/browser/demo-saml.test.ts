import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLook } from '../support/look.ts';
import { givePassword } from './person.ts';
import { setScene } from './scene.ts';

describe('a person with a browser, where the provider speaks SAML', () => {
  const scene = setScene('saml');

  async function signIn(): Promise<void> {
    await scene.page.goto(scene.at('/account'));
    await givePassword(scene.page, 'alice');
    await scene.page.waitForURL(scene.at('/account'));
  }

  it('who is not the one who was signed in ends on a page, and nothing changes here', async () => {
    const { page } = scene;
    await signIn();
    // Alice's session at the provider is gone, and Carol sits down. A request of SAML does not say whom it is about.
    await scene.context.clearCookies({ domain: 'localhost' });
    await page.goto(scene.at('/payslips'));
    await givePassword(page, 'carol');
    const code = await page.locator('.now').textContent();
    await page.getByLabel('Six-digit code').fill(code ?? '');
    const refused = page.waitForResponse((answer) => answer.status() === 403);
    await page.getByRole('button', { name: 'Confirm' }).click();
    assert.ok((await refused).url().startsWith(scene.stage.origin));
    await page.getByText('subject_mismatch').waitFor();
    const { subject, level } = await scene.session();
    assert.deepEqual([subject, level], ['alice', 'password']);
  });

  it('cancels, reads a page that says so, and is signed in as before', async () => {
    const { page } = scene;
    await signIn();
    await page.goto(scene.at('/payslips'));
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('access_denied').waitFor();
    assert.equal((await scene.session()).subject, 'alice');
  });

  it('signs out at the provider, and is a stranger to the application too', async () => {
    const { page } = scene;
    await signIn();
    await page.goto(scene.stage.issuer);
    await scene.heading('You are signed in');
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await scene.heading('Signed out');
    assert.ok(page.url().startsWith(scene.stage.issuer), 'by way of the gateway, and back');
    assert.deepEqual(await scene.session(), { signed_in: false });
  });

  it('gets back by a button where scripts are off', async () => {
    const context = await scene.context.browser()?.newContext({ javaScriptEnabled: false });
    assert.ok(context !== undefined);
    const page = await context.newPage();
    await page.goto(scene.at('/account'));
    await givePassword(page, 'alice');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(scene.at('/account'));
    await context.close();
  });

  it('reads pages that fit every window, in light and dark, and that axe finds no fault with', async () => {
    const { page } = scene;
    await signIn();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(scene.stage.issuer);
        await scene.heading('You are signed in');
        await checkLook(page);
        await leadBack();
        await checkLook(page);
      }
    }

    /** The page that leads back, which leaves at once: it is held by an answer that changes nothing of the page. */
    async function leadBack(): Promise<void> {
      await page.route('**/saml/corp/acs', (route) => route.fulfill({ status: 204 }));
      await scene.context.clearCookies({ domain: '127.0.0.1' });
      await page.goto(scene.at('/account'), { waitUntil: 'commit' });
      await scene.heading('Back to the application');
    }
  });

  it('opens many tabs at once, and gets into all of them by signing in in one', async () => {
    const tabs = await Promise.all(Array.from({ length: 12 }, () => scene.context.newPage()));
    for (const [number, tab] of tabs.entries()) await tab.goto(scene.at(`/report?tab=${number}`));
    // What a request of SAML carries is too short for the way back: a tab whose flow was lost has to be loaded again.
    const last = tabs.at(-1);
    assert.ok(last !== undefined);
    await givePassword(last, 'alice');
    await last.waitForURL(scene.at('/report?tab=11'));
    for (const [number, tab] of tabs.entries()) {
      await tab.goto(scene.at(`/report?tab=${number}`));
      assert.equal(tab.url(), scene.at(`/report?tab=${number}`));
    }
    const cookies = await scene.context.cookies(scene.stage.origin);
    assert.ok(cookies.length <= 8, `${cookies.length} cookies`);
  });
});
