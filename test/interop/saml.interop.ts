import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import type { Stage } from '../support/stage.ts';
import { arrive, MFA, ownKeys, POLICIES, type SamlStageOptions, startSamlStage } from './saml-stage.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp } from './simplesamlphp.ts';

/** Heading of the page that somebody has before them. */
const HEADING = 'h1';

describe('SimpleSAMLphp that asks for a second factor', () => {
  let idp: SimpleSamlPhp;
  let browser: Browser;
  before(async () => {
    idp = await startSimpleSamlPhp({ profile: 'stepup' });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await idp?.stop();
  });

  const withStage = async (options: SamlStageOptions, run: (stage: Stage) => Promise<void>): Promise<void> => {
    const stage = await startSamlStage(idp, options);
    try {
      await run(stage);
    } finally {
      await stage.stop();
    }
  };
  /** What the application was told with the last page; a browser asks for the icon of a site whenever it likes. */
  const told = (stage: Stage) =>
    stage.upstream.received.filter(({ target }) => target !== '/favicon.ico').at(-1)?.headers ?? {};

  it('signs somebody in with a password, and later asks for the second factor alone', () =>
    withStage({}, async (stage) => {
      const alice = await arrive(browser);
      const { page } = alice;
      await page.goto(`${stage.origin}/home?x=1`);
      assert.ok(page.url().startsWith(idp.origin));
      await alice.givePassword('alice');
      await page.waitForURL(`${stage.origin}/home?x=1`);
      assert.equal(told(stage)['x-auth-level'], 'password');
      assert.equal(told(stage)['x-auth-email'], 'alice@example.test');
      assert.equal(told(stage)['x-auth-groups'], 'staff,hr');

      await page.goto(`${stage.origin}/admin/list?page=2`);
      await alice.giveCode();
      await page.waitForURL(`${stage.origin}/admin/list?page=2`);
      assert.equal(told(stage)['x-auth-level'], 'mfa');
      assert.equal(told(stage)['x-auth-acr'], MFA);
      await page.goto(`${stage.origin}/hr/x`);
      assert.equal(page.url(), `${stage.origin}/hr/x`);
      await alice.context.close();
    }));

  it('asks for both at once where a deep link wants both', () =>
    withStage({}, async (stage) => {
      const alice = await arrive(browser);
      await alice.page.goto(`${stage.origin}/admin/x`);
      await alice.givePassword('alice');
      await alice.giveCode();
      await alice.page.waitForURL(`${stage.origin}/admin/x`);
      assert.equal(stage.events('sign_in').length, 1);
      assert.equal(stage.events('step_up').length, 0);
      await alice.context.close();
    }));

  it('says NoAuthnContext of somebody without a second factor: a page, and the session stays', () =>
    withStage({}, async (stage) => {
      const bob = await arrive(browser);
      await bob.page.goto(`${stage.origin}/home`);
      await bob.givePassword('bob');
      await bob.page.waitForURL(`${stage.origin}/home`);
      await bob.page.goto(`${stage.origin}/admin/x`);
      assert.equal(await bob.page.textContent(HEADING), 'A stronger sign-in is needed');
      assert.equal(stage.events('step_up_failed').at(-1)?.failure, 'level_not_met');
      await bob.page.goto(`${stage.origin}/home`);
      assert.equal(bob.page.url(), `${stage.origin}/home`);
      await bob.context.close();
    }));

  it('authenticates anew when an emergency wants proofs from after it (ForceAuthn), and locks nobody out', () =>
    withStage({}, async (stage) => {
      const alice = await arrive(browser);
      await alice.page.goto(`${stage.origin}/admin/x`);
      await alice.givePassword('alice');
      await alice.giveCode();
      await alice.page.waitForURL(`${stage.origin}/admin/x`);
      // The proof of just now is to be too old, without waiting for it.
      const since = new Date(Date.now() + 1000).toISOString();
      const floors = `floors:\n  - {id: emergency, path: /admin/**, require: mfa, since: "${since}"}\n`;
      while (Date.now() < Date.parse(since) + 1000) await alice.page.goto(`${stage.origin}/`);
      assert.ok(await stage.reload({ policies: POLICIES.replace('apps:', `${floors}apps:`) }));
      await alice.page.goto(`${stage.origin}/admin/y`);
      await alice.givePassword('alice');
      if (alice.page.url().includes('factor.php')) await alice.giveCode();
      await alice.page.waitForURL(`${stage.origin}/admin/y`);
      await alice.context.close();
    }));

  const { pair, files } = ownKeys();
  const KEYS = '{key: own.pem, cert: own.crt}';
  const variants: readonly (readonly [string, SamlStageOptions])[] = [
    [
      'signs the response alone',
      { provider: '    signed: response', service: { 'saml20.sign.response': true, 'saml20.sign.assertion': false } },
    ],
    [
      'signs the assertion alone',
      { provider: '    signed: assertion', service: { 'saml20.sign.response': false, 'saml20.sign.assertion': true } },
    ],
    [
      'takes signed requests only',
      {
        provider: `    sign: ${KEYS}`,
        files,
        service: { 'validate.authnrequest': true, certificatePem: pair.certificate },
      },
    ],
    [
      'encrypts assertions with AES-CBC, the only way it knows, and the switch allows',
      {
        provider: `    decrypt: ${KEYS}\n    allow_legacy_encryption_cbc: true`,
        files,
        service: {
          'assertion.encryption': true,
          certificatePem: pair.certificate,
        },
      },
    ],
    [
      'tells people by their address',
      {
        provider: '    name_id_format: email',
        service: { NameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' },
      },
    ],
  ];
  for (const [what, options] of variants) {
    it(`${what}: sign-in and step-up`, () =>
      withStage(options, async (stage) => {
        const alice = await arrive(browser);
        await alice.page.goto(`${stage.origin}/home`);
        await alice.givePassword('alice');
        await alice.page.waitForURL(`${stage.origin}/home`);
        await alice.page.goto(`${stage.origin}/admin/x`);
        await alice.giveCode();
        await alice.page.waitForURL(`${stage.origin}/admin/x`);
        await alice.context.close();
      }));
  }

  const SIGNS_OUT: SamlStageOptions = {
    provider: `    sign: ${KEYS}\n    logout: provider`,
    files,
    service: { 'validate.logout': true, 'sign.logout': true, certificatePem: pair.certificate },
  };

  it('is signed out of by a sign-out here', () =>
    withStage(SIGNS_OUT, async (stage) => {
      const alice = await arrive(browser);
      await alice.page.goto(`${stage.origin}/home`);
      await alice.givePassword('alice');
      await alice.page.waitForURL(`${stage.origin}/home`);
      await alice.page.goto(`${stage.origin}/.stepgate/sign-out`);
      await alice.page.click('button');
      // By the page that leads on to the provider, and back from there.
      await alice.page.getByRole('heading', { name: 'You are signed out', exact: true }).waitFor();
      await alice.page.goto(`${stage.origin}/home`);
      assert.ok(await alice.page.isVisible('input[name=password]'), 'the provider has forgotten her');
      await alice.context.close();
    }));

  it('signs out here whoever signs out there', () =>
    withStage(SIGNS_OUT, async (stage) => {
      const alice = await arrive(browser);
      await alice.page.goto(`${stage.origin}/home`);
      await alice.givePassword('alice');
      await alice.page.waitForURL(`${stage.origin}/home`);
      const done = `${idp.origin}/simplesaml/logout.php`;
      await alice.page.goto(
        `${idp.origin}/simplesaml/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(done)}`,
      );
      await alice.page.waitForURL((url) => url.href.startsWith(idp.origin) && !url.href.includes('SingleLogout'));
      assert.equal(stage.events('sign_out').length, 1);
      await alice.page.goto(`${stage.origin}/home`);
      assert.ok(await alice.page.isVisible('input[name=password]'), 'asked to sign in again');
      await alice.context.close();
    }));

  const refused: readonly (readonly [string, SamlStageOptions])[] = [
    ['signs the response alone, where both are wanted', { service: { 'saml20.sign.assertion': false } }],
    ['signs the assertion alone, where both are wanted', { service: { 'saml20.sign.response': false } }],
    [
      'encrypts with AES-CBC, which nobody allowed',
      {
        provider: `    decrypt: ${KEYS}`,
        files,
        service: {
          'assertion.encryption': true,
          certificatePem: pair.certificate,
        },
      },
    ],
    [
      'gives another name each time, where any may be given',
      {
        provider: '    name_id_format: any',
        service: { NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
      },
    ],
  ];
  for (const [what, options] of refused) {
    it(`${what}: the answer is not taken`, () =>
      withStage(options, async (stage) => {
        const alice = await arrive(browser);
        await alice.page.goto(`${stage.origin}/home`);
        await alice.givePassword('alice');
        await alice.page.waitForURL((url) => url.href.startsWith(stage.origin));
        assert.equal(await alice.page.textContent(HEADING), 'The sign-in answer was not valid');
        assert.equal(stage.events('sign_in').length, 0);
        await alice.context.close();
      }));
  }
});

describe('SimpleSAMLphp as it is shipped, which does not look at the class that is asked for', () => {
  it('ends on a page after one trip: asking is not proof', async () => {
    const idp = await startSimpleSamlPhp({ profile: 'naive' });
    const browser = await launchBrowser();
    // The class of a password that nobody asked about.
    const stage = await startSamlStage(idp, { password: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password' });
    try {
      const alice = await arrive(browser);
      let trips = 0;
      alice.context.on('request', (request) => {
        if (request.url().includes('SSOService.php?SAMLRequest')) trips += 1;
      });
      await alice.page.goto(`${stage.origin}/home`);
      await alice.givePassword('alice');
      await alice.page.waitForURL(`${stage.origin}/home`);
      assert.equal(trips, 1);
      await alice.page.goto(`${stage.origin}/admin/x`);
      assert.equal(await alice.page.textContent(HEADING), 'A stronger sign-in is needed');
      assert.equal(trips, 2);
      assert.equal(stage.events('step_up_failed').at(-1)?.failure, 'level_not_met');
    } finally {
      await browser.close();
      await stage.stop();
      await idp.stop();
    }
  });
});
