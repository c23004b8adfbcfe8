import type { ProviderWithoutSecrets } from '../../config/world.ts';
import type { Demand } from '../../core/demand.ts';
import type { Seconds } from '../../core/time.ts';
import { callbackUrl } from '../../http/own-routes.ts';
import { acrValues, authorizationParameters } from '../../providers/ask.ts';
import type { AskedOfProvider, AskedWay } from './explanation.ts';

/** What of a request to the provider is about the demand. The rest is the same in every one, or fresh in each. */
const TELLING: readonly string[] = ['acr_values', 'claims', 'max_age', 'prompt', 'login_hint', 'scope'];

/** Whom the provider would be told to ask. Nobody said who it is. */
const SOMEBODY = '(their subject)';

/**
 * What a step-up for `demand` would ask of the provider, in both ways where that depends on what discovery says: nobody
 * is asked anything here.
 *
 * @param person - who is signed in; null for nobody
 */
export function askedOf(
  config: ProviderWithoutSecrets,
  origin: string,
  demand: Demand,
  person: { readonly subject: string | null } | null,
  now: Seconds,
): AskedOfProvider {
  if (config.type === 'saml') return askedOfSaml(config, demand);
  const ask = {
    redirectUri: callbackUrl(origin, config.name),
    state: '',
    demand,
    force: false,
    person: person && { subject: person.subject ?? SOMEBODY, loginHint: null },
  };
  const parametersWhere = (takesClaims: boolean): AskedWay['parameters'] => {
    const all = authorizationParameters(config, takesClaims, ask, { nonce: '', challenge: '' }, now);
    return TELLING.flatMap((name) => {
      const value = all.get(name);
      return value === null ? [] : [{ name, value }];
    });
  };
  const [taken, left] = [parametersWhere(true), parametersWhere(false)];
  const same = JSON.stringify(taken) === JSON.stringify(left);
  return {
    provider: config.name,
    issuer: config.issuer,
    level: demand.level.name,
    ways: same
      ? [{ where: 'always', parameters: taken }]
      : [
          { where: 'takes_claims', parameters: taken },
          { where: 'takes_no_claims', parameters: left },
        ],
  };
}

/** The classes that would be asked for, preferred first (SAML Core 3.3.2.2.1). */
function askedOfSaml(
  { name, issuer, evidence, comparison }: Extract<ProviderWithoutSecrets, { readonly type: 'saml' }>,
  demand: Demand,
): AskedOfProvider {
  const classes = acrValues(evidence, demand);
  const asked =
    classes.length === 0 ? [] : [{ name: 'RequestedAuthnContext', value: `${comparison} ${classes.join(' ')}` }];
  return { provider: name, issuer, level: demand.level.name, ways: [{ where: 'always', parameters: asked }] };
}
