import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Ladder } from '../core/ladder.ts';
import { besideFile } from './beside-file.ts';
import { compileEvidence, provableBy } from './compile-evidence.ts';
import type { CompiledProvider } from './compile-providers.ts';
import type { Findings } from './findings.ts';
import { type LevelProofEntry, type SamlProviderEntry, samlProviderSchema } from './gateway-schema.ts';
import { keyFileAt } from './key-file.ts';
import type { Wrong } from './problems.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, valueAt, type Where } from './source-file.ts';
import type { KeyPair, KeyPairs, MetadataSource } from './world.ts';

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
  const metadata = metadataSource(entry.metadata, where, secrets, findings);
  const sign = compileKeys(entry.sign, below(where, 'sign'), secrets, findings);
  const decrypt = compileKeys(entry.decrypt, below(where, 'decrypt'), secrets, findings);
  const evidence = compileEvidence({ levels: proofsOf(entry), unmarked: entry.unmarked }, where, ladder, findings);
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
      subject: entry.subject === 'name_id' ? null : entry.subject,
      nameIdFormat: NAME_ID_FORMATS[entry.name_id_format],
      comparison: entry.comparison,
      claims: {
        email: entry.claims.email ?? null,
        name: entry.claims.name ?? null,
        groups: entry.claims.groups ?? null,
      },
      allowLegacyEncryptionCbc: entry.allow_legacy_encryption_cbc,
      logout: entry.logout,
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

function metadataSource(
  written: string,
  where: Where,
  secrets: SecretSource | null,
  findings: Findings,
): MetadataSource | null {
  if (/^https?:\/\//i.test(written)) return { kind: 'url', url: written };
  const path = besideFile(where.source.file, written);
  if (secrets === null) return { kind: 'file', path, text: '' };
  try {
    return { kind: 'file', path, text: secrets.readFile(written).toString('utf8') };
  } catch {
    findings.problem(below(where, 'metadata'), 'file-unreadable', `the metadata file ${path} cannot be read`);
    return null;
  }
}

function compileKeys(
  entry: SamlProviderEntry['sign'],
  where: Where,
  secrets: SecretSource | null,
  findings: Findings,
): KeyPairs | null {
  if (entry === undefined || secrets === null) return null;
  const current = pairOf(entry.key, entry.cert, 'key', 'cert', where, secrets, findings);
  const hasNext = valueAt(below(where, 'next_key')) !== undefined || valueAt(below(where, 'next_cert')) !== undefined;
  const next = hasNext
    ? pairOf(entry.next_key, entry.next_cert, 'next_key', 'next_cert', where, secrets, findings)
    : null;
  return current === null ? null : { current, next };
}

function pairOf(
  key: string | undefined,
  cert: string | undefined,
  keyName: string,
  certName: string,
  where: Where,
  secrets: SecretSource,
  findings: Findings,
): KeyPair | null {
  for (const [value, name] of [
    [key, keyName],
    [cert, certName],
  ] as const) {
    if (value === undefined) findings.problem(below(where, name), 'missing-key', `"${name}" is missing`);
  }
  const privateKey = keyFileAt(key, readPrivateKey, below(where, keyName), secrets, findings);
  const certificate = keyFileAt(cert, readCertificate, below(where, certName), secrets, findings);
  if (privateKey === null || certificate === null) return null;
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))) {
    findings.problem(below(where, certName), 'bad-key', 'this certificate does not belong to the key beside it');
    return null;
  }
  return { key: privateKey, certificate };
}

const LEAST_RSA_BITS = 2048;

function readPrivateKey(text: string): string | Wrong {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS) {
      return key.export({ type: 'pkcs8', format: 'pem' }).toString();
    }
  } catch {
    // Told below.
  }
  return {
    wrong: 'bad-key',
    message: 'this is no RSA key of 2048 bits or more',
    hint: 'an unencrypted private key, as PEM',
  };
}

function readCertificate(text: string): string | Wrong {
  try {
    return new X509Certificate(text).toString();
  } catch {
    return {
      wrong: 'bad-key',
      message: 'this is no certificate that can be read',
      hint: 'an X.509 certificate, as PEM',
    };
  }
}
