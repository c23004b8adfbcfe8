import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { giveCode, givePassword } from './person.ts';
import { setScene } from './scene.ts';
import { plugIn } from './security-key.ts';

const MINUTE = 60_000;

/** The same people, pages and policies.yaml. Where a provider's protocol shows all the same, it is said here. */
const PROTOCOLS = [
  // A request says how old a login may be, and the provider asks at once.
  { protocol: 'oidc', tripsForFreshness: 1, asksAtSignOut: true },
  // It cannot: the login of before comes back, is too old, and the person is sent once more, to authenticate anew.
  { protocol: 'saml', tripsForFreshness: 2, asksAtSignOut: false },
] as const;

for (const { protocol, tripsForFreshness, asksAtSignOut } of PROTOCOLS) {
  describe(`a person with a browser, by ${protocol}`, () => {
    const scene = setScene(protocol);

    it('reads the public page, then signs in with a password, then with a second factor where it is wanted', async () => {
      const { page } = scene;
      await page.goto(scene.at('/'));
      assert.equal(scene.person.trips(), 0);
      await page.goto(scene.at('/account'));
      assert.ok(page.url().startsWith(scene.stage.issuer));
      await givePassword(page, 'alice');
      await page.waitForURL(scene.at('/account'));
      await page.goto(scene.at('/payslips'));
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips'));
      assert.equal(scene.person.trips(), 2);
      await page.goto(scene.at('/account'));
      assert.equal(page.url(), scene.at('/account'));
      assert.equal(scene.person.trips(), 2, 'what was proven is not asked again');
    });

    it('follows a deep link with its query to the end', async () => {
      const { page } = scene;
      await page.goto(scene.at('/report?year=2026&dept=a%20b&x=%C3%A9'));
      await givePassword(page, 'bob');
      await page.waitForURL(scene.at('/report?year=2026&dept=a%20b&x=%C3%A9'));
    });

    it('is asked for both steps in one trip where a deep link wants the second factor', async () => {
      const { page } = scene;
      await page.goto(scene.at('/payslips/2026-10'));
      await givePassword(page, 'carol');
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips/2026-10'));
      assert.equal(scene.person.trips(), 1);
    });

    it('is asked again when the level lapses, while staying signed in', async () => {
      const { page } = scene;
      await page.goto(scene.at('/payslips'));
      await givePassword(page, 'alice');
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips'));
      mock.timers.tick(50 * MINUTE);
      await page.goto(scene.at('/account'));
      mock.timers.tick(11 * MINUTE);
      await page.goto(scene.at('/account'));
      assert.equal(page.url(), scene.at('/account'), 'still signed in');
      await page.goto(scene.at('/payslips'));
      assert.ok(page.url().startsWith(scene.stage.issuer), 'asked again');
    });

    it('needs a second factor of the last two minutes for what is dear', async () => {
      const { page } = scene;
      await page.goto(scene.at('/payslips'));
      await givePassword(page, 'alice');
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips'));
      mock.timers.tick(3 * MINUTE);
      await page.goto(scene.at('/payslips'));
      assert.equal(page.url(), scene.at('/payslips'));
      await page.goto(scene.at('/approve/42'));
      await givePassword(page, 'alice');
      await giveCode(page);
      await page.waitForURL(scene.at('/approve/42'));
      assert.equal(scene.person.trips(), 1 + tripsForFreshness);
    });

    it('without a second factor ends on a page after one trip, and keeps the session', async () => {
      const { page } = scene;
      await page.goto(scene.at('/account'));
      await givePassword(page, 'bob');
      await page.waitForURL(scene.at('/account'));
      const refused = page.waitForResponse((answer) => answer.status() === 403);
      await page.goto(scene.at('/payslips'));
      assert.ok((await refused).url().startsWith(scene.stage.origin));
      await page.getByRole('heading', { name: 'A stronger sign-in is needed', level: 1 }).waitFor();
      assert.match((await page.textContent('body')) ?? '', /Two-step verification.*level_not_met/s);
      assert.equal(scene.person.trips(), 2);
      await page.goto(scene.at('/account'));
      assert.equal(page.url(), scene.at('/account'));
      assert.equal(scene.person.trips(), 2);
    });

    it('goes all the way: nobody, password, second factor, lapse, step-up, passkey, sign-out', async () => {
      const { page } = scene;
      await plugIn(page);
      await page.goto(scene.at('/'));
      await page.goto(scene.at('/account'));
      await givePassword(page, 'alice');
      await page.waitForURL(scene.at('/account'));
      assert.deepEqual(await levelsTold(), ['password']);

      await page.goto(scene.at('/payslips'));
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips'));
      assert.deepEqual(await levelsTold(), ['password', 'mfa']);

      mock.timers.tick(50 * MINUTE);
      await page.goto(scene.at('/account'));
      mock.timers.tick(11 * MINUTE);
      assert.deepEqual(await levelsTold(), ['password'], 'the second factor has lapsed, the sign-in has not');
      await page.goto(scene.at('/payslips'));
      await givePassword(page, 'alice');
      await giveCode(page);
      await page.waitForURL(scene.at('/payslips'));

      await page.goto(scene.at('/bank-account'));
      await giveCode(page);
      await page.getByRole('button', { name: 'Register a passkey' }).click();
      await page.getByRole('button', { name: 'Use passkey' }).click();
      await page.waitForURL(scene.at('/bank-account'));
      assert.deepEqual(await levelsTold(), ['password', 'mfa', 'passkey']);

      await page.getByRole('link', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      if (asksAtSignOut) {
        await scene.heading('Sign out here too?');
        await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      }
      await page.waitForURL((url) => url.href.startsWith(scene.at('/.stepgate/signed-out')));
      await scene.heading('You are signed out');
      await page.goto(scene.at('/account'));
      await page.getByLabel('Password', { exact: true }).waitFor();
      assert.ok(page.url().startsWith(scene.stage.issuer), 'a stranger to the gateway, and to the provider');
    });

    /** The levels that the application is told, as it shows them. */
    async function levelsTold(): Promise<readonly string[]> {
      await scene.page.goto(scene.at('/account'));
      const row = scene.page.getByRole('row', { name: /^x-auth-levels/i });
      return ((await row.getByRole('cell').last().textContent()) ?? '').split(/,\s*/);
    }
  });
}
