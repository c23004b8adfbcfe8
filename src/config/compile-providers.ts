import type { EvidenceMap } from '../core/evidence.ts';
import type { Ladder, Level } from '../core/ladder.ts';
import { compileClientKeys } from './compile-client-key.ts';
import { compileEvidence, provableBy } from './compile-evidence.ts';
import { compileSamlProvider } from './compile-saml-provider.ts';
import { secretAt } from './compile-secrets.ts';
import type { Findings } from './findings.ts';
import { type ProviderEntry, providerSchema } from './gateway-schema.ts';
import { checkProviderName } from './names.ts';
import { suggest } from './nearest.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, keysAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';
import type { ClientKeys, OidcProviderConfig, ProviderConfig, SamlProviderConfig } from './world.ts';

/** Without what the apps and policies add to it. */
type BeforeJoined<C extends ProviderConfig> = Omit<C, 'claimsKept' | 'sought' | 'keepsGroup' | 'namesGroup'>;

/** A provider before it is known what its apps, and their conditions, read of a person. */
export interface CompiledProvider {
  readonly config: BeforeJoined<OidcProviderConfig> | BeforeJoined<SamlProviderConfig>;
  /** The levels it can prove, weakest first. */
  readonly provable: readonly Level[];
}

/**
 * Compiles the providers of gateway.yaml. One that is wrong stays as a name with null behind it.
 *
 * @param ladder - null where policies.yaml has none: levels are not compared then
 * @param secrets - null leaves references to secrets unread
 */
export function compileProviders(
  gateway: SourceFile,
  ladder: Ladder | null,
  secrets: SecretSource | null,
  findings: Findings,
): ReadonlyMap<string, CompiledProvider | null> {
  const providers = new Map<string, CompiledProvider | null>();
  const all = below(top(gateway), 'providers');
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkProviderName(name, where, findings);
    const type = valueAt(below(where, 'type'));
    if (type === 'saml') {
      providers.set(name, compileSamlProvider(name, where, ladder, secrets, findings));
      continue;
    }
    // Of which type the other keys would have to be is not known then.
    if (typeof type === 'string' && type !== 'oidc') {
      const message = `"${type}" is no type of provider`;
      findings.problem(below(where, 'type'), 'wrong-value', message, suggest(type, ['oidc', 'saml']));
      providers.set(name, null);
      continue;
    }
    const clientSecret = secretAt(below(where, 'client_secret'), secrets, findings);
    const entry = readShape(providerSchema, where, findings);
    if (entry === null) {
      providers.set(name, null);
      continue;
    }
    checkScopes(entry, where, findings);
    const clientKeys = compileClientKeys(entry, where, secrets, findings);
    const evidence = compileEvidence(entry, where, ladder, findings);
    providers.set(
      name,
      evidence && {
        config: configOf(name, entry, clientSecret ?? '', clientKeys, evidence),
        provable: provableBy(evidence),
      },
    );
  }
  return providers;
}

function configOf(
  name: string,
  entry: ProviderEntry,
  clientSecret: string,
  clientKeys: ClientKeys | null,
  evidence: EvidenceMap,
): BeforeJoined<OidcProviderConfig> {
  return {
    type: 'oidc',
    name,
    issuer: entry.issuer,
    clientId: entry.client_id,
    clientSecret,
    clientAuth: entry.client_auth,
    clientKeys,
    evidence,
    ask: entry.ask ?? null,
    par: entry.par,
    userinfo: entry.userinfo,
    loginHint: entry.login_hint === false ? null : entry.login_hint,
    logout: entry.logout,
    scopes: entry.scopes,
    claims: { email: entry.claims.email, name: entry.claims.name, groups: entry.claims.groups ?? null },
    idTokenAlgorithm: entry.id_token_alg,
    clockTolerance: entry.clock_tolerance,
    timeout: entry.timeout,
  };
}

function checkScopes(entry: ProviderEntry, where: Where, findings: Findings): void {
  if (entry.scopes.includes('openid')) return;
  findings.problem(
    below(where, 'scopes'),
    'bad-scope',
    'without the scope "openid" there is no ID token',
    'add openid',
  );
}
