import type { Ladder } from '../core/ladder.ts';
import { compileEvidence, provableBy, SAML_WORDS } from './compile-evidence.ts';
import { compileKeyPairs } from './compile-key-pairs.ts';
import { compileMetadata } from './compile-metadata.ts';
import type { CompiledProvider } from './compile-providers.ts';
import type { Findings } from './findings.ts';
import { type LevelProofEntry, type SamlProviderEntry, samlProviderSchema } from './gateway-schema.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, type Where } from './source-file.ts';

/** Formats of names (Core 8.3) by the words of gateway.yaml; null asks for none. */
const NAME_ID_FORMATS: Readonly<Record<SamlProviderEntry['name_id_format'], string | null>> = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  any: null,
};

/**
 * Compiles a provider of `type: saml`. Null after reporting what is wrong with it.
 *
 * @param secrets - null leaves keys and metadata files unread
 */
export function compileSamlProvider(
  name: string,
  where: Where,
  ladder: Ladder | null,
  secrets: SecretSource | null,
  findings: Findings,
): CompiledProvider | null {
  const entry = readShape(samlProviderSchema, where, findings);
  if (entry === null) return null;
  const metadata = compileMetadata(entry, where, secrets, findings);
  const sign = compileKeyPairs(entry.sign, below(where, 'sign'), secrets, findings);
  const decrypt = compileKeyPairs(entry.decrypt, below(where, 'decrypt'), secrets, findings);
  if (entry.logout === 'provider' && entry.sign === undefined) {
    const message = 'signing out leads to no provider: there is no key to sign that with';
    findings.notice(
      below(where, 'logout'),
      'logout-stays-local',
      message,
      'name a key and its certificate under "sign"',
    );
  }
  const proofs = { levels: proofsOf(entry), unmarked: entry.unmarked };
  const evidence = compileEvidence(proofs, where, ladder, findings, SAML_WORDS);
  if (evidence === null || metadata === null) return null;
  return {
    provable: provableBy(evidence),
    config: {
      type: 'saml',
      name,
      metadata,
      issuer: entry.issuer ?? null,
      entityId: entry.entity_id,
      evidence,
      signed: entry.signed,
      sign,
      decrypt,
      subject: entry.subject.attribute,
      nameIdFormat: NAME_ID_FORMATS[entry.name_id_format],
      comparison: entry.comparison,
      claims: {
        email: entry.claims.email ?? null,
        name: entry.claims.name ?? null,
        groups: entry.claims.groups ?? null,
      },
      allowLegacyEncryptionCbc: entry.allow_legacy_encryption_cbc,
      logout: entry.logout,
      logoutScope: entry.logout_scope,
      clockTolerance: entry.clock_tolerance,
      timeout: entry.timeout,
    },
  };
}

/** A class is to SAML what an acr is to OpenID Connect, and an attribute what a claim is. */
const proofsOf = (entry: SamlProviderEntry): Readonly<Record<string, LevelProofEntry>> =>
  Object.fromEntries(
    Object.entries(entry.levels).map(([level, { class_ref, attribute }]) => [
      level,
      { acr: class_ref, claim: attribute },
    ]),
  );
