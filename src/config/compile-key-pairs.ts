import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Findings } from './findings.ts';
import type { KeyPairEntry } from './gateway-schema.ts';
import { keyFileAt } from './key-file.ts';
import type { Wrong } from './problems.ts';
import type { SecretSource } from './secrets.ts';
import { below, type Where } from './source-file.ts';
import type { KeyPair, KeyPairs } from './world.ts';

/**
 * Our keys with their certificates: the pair in use, and the one that is to follow. Null where there is none, or after
 * reporting what is wrong with them.
 *
 * @param secrets - null leaves the files unread: there are no keys then
 */
export function compileKeyPairs(
  entry: KeyPairEntry | undefined,
  where: Where,
  secrets: SecretSource | null,
  findings: Findings,
): KeyPairs | null {
  if (entry === undefined) return null;
  const follows = (['next_key', 'next_cert'] as const).filter((name) => entry[name] === undefined);
  const [missing] = follows;
  if (missing !== undefined && follows.length === 1) {
    const message = `"${missing}" is missing: a key and its certificate follow together`;
    findings.problem(below(where, missing), 'missing-key', message);
  }
  if (secrets === null) return null;
  const current = pairAt(entry, 'key', 'cert', where, secrets, findings);
  const next = pairAt(entry, 'next_key', 'next_cert', where, secrets, findings);
  if (current !== null && next !== null && current.key === next.key) {
    findings.problem(below(where, 'next_key'), 'contradiction', 'this is the key that is in use already');
  }
  return current === null ? null : { current, next };
}

function pairAt(
  entry: KeyPairEntry,
  keyName: 'key' | 'next_key',
  certName: 'cert' | 'next_cert',
  where: Where,
  secrets: SecretSource,
  findings: Findings,
): KeyPair | null {
  const key = keyFileAt(entry[keyName], readPrivateKey, below(where, keyName), secrets, findings);
  const certificate = certificateAt(entry[certName], below(where, certName), secrets, findings);
  if (key === null || certificate === null) return null;
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    findings.problem(below(where, certName), 'bad-key', 'this certificate does not belong to the key beside it');
    return null;
  }
  return { key, certificate };
}

/** The certificate in a file, PEM, with a notice where it is over. */
export function certificateAt(
  written: string | undefined,
  where: Where,
  secrets: SecretSource,
  findings: Findings,
): string | null {
  const certificate = keyFileAt(written, readCertificate, where, secrets, findings);
  if (certificate === null) return null;
  const end = Date.parse(certificate.validTo) / 1000;
  if (end <= secrets.now()) {
    const message = 'this certificate is over: some providers believe it no more';
    findings.notice(where, 'certificate-expired', message, 'make a new one; its key may stay');
  }
  return certificate.toString();
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
  const message = 'this is no RSA key of 2048 bits or more';
  return { wrong: 'bad-key', message, hint: 'an unencrypted private key, as PEM' };
}

function readCertificate(text: string): X509Certificate | Wrong {
  try {
    return new X509Certificate(text);
  } catch {
    const message = 'this is no certificate that can be read';
    return { wrong: 'bad-key', message, hint: 'an X.509 certificate, as PEM' };
  }
}
