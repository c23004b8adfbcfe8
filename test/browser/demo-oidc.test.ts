import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givePassword } from './person.ts';
import { setScene } from './scene.ts';

describe('a person with a browser, where the provider speaks OpenID Connect', () => {
  const scene = setScene('oidc');

  it('is asked again by a provider where somebody else sits down: it was told whom to ask, and nothing changes here', async () => {
    const { page } = scene;
    await page.goto(scene.at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(scene.at('/account'));
    // Alice's session at the provider is gone, and Carol sits down.
    await scene.context.clearCookies({ domain: 'localhost' });
    await page.goto(scene.at('/payslips'));
    assert.doesNotMatch(page.url(), /alice|claims|login_hint/, 'what is asked for is pushed, not shown to the browser');
    await givePassword(page, 'carol');
    await page.waitForFunction('document.querySelector("input[type=password]")?.value === ""');
    assert.ok(page.url().startsWith(scene.stage.issuer));
    await page.goto(scene.at('/'));
    const session = await page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.json()));
    assert.equal((session as { subject: string }).subject, 'alice');
    assert.equal((session as { level: string }).level, 'password');
  });

  it('signs out, and is a stranger again', async () => {
    const { page } = scene;
    await page.goto(scene.at('/account'));
    await givePassword(page, 'alice');
    await page.waitForURL(scene.at('/account'));
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    // From our own page on to the provider's, which asks whether it is to forget her too.
    await page.waitForURL((url) => url.origin === scene.stage.issuer);
    const before = scene.person.trips();
    await page.goto(scene.at('/account'));
    assert.equal(scene.person.trips(), before + 1);
  });

  it('opens thirty tabs at once, signs in in one, and every tab arrives', async () => {
    const { context } = scene;
    const tabs = await Promise.all(Array.from({ length: 30 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(scene.at(`/report?tab=${number}`))));
    // Most of their flows have lost their slot to another tab by now. Whoever goes on at the provider arrives all the same,
    for (const [number, tab] of tabs.slice(0, 8).entries()) {
      await givePassword(tab, 'alice');
      await tab.waitForURL(scene.at(`/report?tab=${number}`));
    }
    // and so does whoever loads a page again.
    for (const [number, tab] of tabs.entries()) {
      await tab.goto(scene.at(`/report?tab=${number}`));
      assert.equal(tab.url(), scene.at(`/report?tab=${number}`));
    }
    const cookies = await context.cookies(scene.stage.origin);
    assert.ok(cookies.length <= 8, `${cookies.length} cookies`);
  });
});
