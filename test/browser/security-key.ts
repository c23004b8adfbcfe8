import type { Page } from 'playwright-core';

/** A security key that is plugged into one tab: touches and PINs happen by themselves. */
export interface SecurityKey {
  /** How many passkeys it holds. */
  count(): Promise<number>;
  /** From now on somebody gives the right PIN, or nobody does. */
  verify(right: boolean): Promise<void>;
  /** Takes it away, with all its passkeys. */
  remove(): Promise<void>;
}

/** Chromium's virtual authenticator, over the DevTools protocol. */
export async function plugIn(page: Page): Promise<SecurityKey> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async count() {
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.length;
    },
    async verify(isUserVerified) {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async remove() {
      await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
