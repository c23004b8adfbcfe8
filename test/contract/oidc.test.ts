import type { Proof } from '../../src/core/session.ts';
import { createOidcProvider } from '../../src/providers/oidc.ts';
import { clientKey } from '../providers/client-keys.ts';
import {
  configOf,
  demandOf,
  REDIRECT_URI,
  random,
  startBench,
  systemClock,
  unmetBy as unmet,
} from '../providers/fixtures.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { type ProviderStage, providerContract } from './provider.ts';

const demand = demandOf('mfa', 300);
const { evidence } = configOf();
const unmetBy = (proof: Proof) => unmet(proof, demand);
const shared = { clock: systemClock, redirectUri: REDIRECT_URI, evidence, demand, unmetBy };

for (const pushing of ['no', 'required'] as const) {
  providerContract(`OpenID Connect against the fake, pushing: ${pushing}`, async (t): Promise<ProviderStage> => {
    const { op, provider } = await startBench(t, { op: { script: { pushing } } });
    return {
      ...shared,
      provider,
      identity: op.issuer,
      signIn: (url, subject) => {
        op.script.person = { sub: subject };
        return op.visit(url);
      },
      cancel: (url) => {
        op.script.error = 'access_denied';
        return op.visit(url);
      },
      vanish: op.stop,
    };
  });
}

for (const [clientAuth, keyType] of [
  ['client_secret_basic', null],
  ['client_secret_post', null],
  ['private_key_jwt', 'EC'],
  ['private_key_jwt', 'RSA'],
  ['private_key_jwt', 'RSA for PS256'],
  ['private_key_jwt', 'Ed25519'],
] as const) {
  providerContract(
    `OpenID Connect against oidc-provider, ${clientAuth} ${keyType ?? ''}`,
    async (t): Promise<ProviderStage> => {
      const { clientId, clientSecret } = configOf();
      const current = keyType === null ? null : clientKey(keyType);
      const op = await startOidcProvider({
        clientId,
        clientSecret,
        clientAuth,
        redirectUri: REDIRECT_URI,
        ...(current === null ? {} : { clientKeys: [current.publicJwk] }),
      });
      const clientKeys = current && { current, next: null };
      const config = configOf({ issuer: op.issuer, clientAuth, clientKeys });
      const provider = createOidcProvider({ config, clock: systemClock, random, log: () => {} });
      t.after(() => {
        provider.close();
        return op.stop();
      });
      return {
        ...shared,
        provider,
        identity: op.issuer,
        signIn: (url, subject) => op.visit(url, { login: { accountId: subject, acr: 'urn:mfa', amr: ['pwd', 'otp'] } }),
        cancel: (url) => op.visit(url, { error: 'access_denied' }),
        vanish: op.stop,
      };
    },
  );
}
