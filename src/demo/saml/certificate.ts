import { webcrypto } from 'node:crypto';
import { loadOptional } from '../optional.ts';

/** A private key and its certificate, PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

const DAY_MS = 86_400_000;

/**
 * Makes an RSA key and a certificate that it signs itself. SAML takes certificates for mere wrappings of keys: nobody looks
 * at more of them than the key (Metadata Interoperability Profile 2.6.1).
 *
 * @param now - milliseconds since 1970
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when @peculiar/x509 is not installed
 */
export async function makeKeyPair(name: string, now: number): Promise<KeyPair> {
  const { X509CertificateGenerator } = await loadOptional('@peculiar/x509', async () => {
    // The package does not start without it.
    await import('reflect-metadata');
    return import('@peculiar/x509');
  });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const shape = { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await webcrypto.subtle.generateKey(shape, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 365 * DAY_MS),
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g) ?? [];
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
    certificate: certificate.toString('pem'),
  };
}
