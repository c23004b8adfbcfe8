import type { Proof } from '../../src/core/session.ts';
import { createOidcProvider } from '../../src/providers/oidc.ts';
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

providerContract('OpenID Connect against the fake', async (t): Promise<ProviderStage> => {
  const { op, provider } = await startBench(t);
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

for (const clientAuth of ['client_secret_basic', 'client_secret_post'] as const) {
  providerContract(`OpenID Connect against oidc-provider, ${clientAuth}`, async (t): Promise<ProviderStage> => {
    const { clientId, clientSecret } = configOf();
    const op = await startOidcProvider({ clientId, clientSecret, clientAuth, redirectUri: REDIRECT_URI });
    const config = configOf({ issuer: op.issuer, clientAuth });
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
  });
}
