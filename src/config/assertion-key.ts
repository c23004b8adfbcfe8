import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseClientKey } from './client-key.ts';
import { isWrong, type Wrong } from './problems.ts';

/** A key that assertions to upstreams are signed with: ES256, and nothing else (RFC 7518 3.4). */
export interface AssertionKey {
  /** Its thumbprint (RFC 7638), whatever the file calls it: two keys never share a name. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** What is published: nothing private is in it. */
  readonly publicJwk: Readonly<Record<string, string>>;
}

/** Reads an EC private key on P-256: PEM, or a JWK (RFC 7517). */
export function parseAssertionKey(text: string): AssertionKey | Wrong {
  const key = parseClientKey(text.trim());
  if (isWrong(key)) return key;
  const { privateKey, algorithm } = key;
  if (algorithm !== 'ES256') {
    const hint = 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256';
    return { wrong: 'bad-key', message: 'assertions are signed with ES256: the key must be EC on P-256', hint };
  }
  const { crv = '', kty = '', x = '', y = '' } = key.publicJwk;
  // RFC 7638 3: the required members, in the order of their names.
  const facts = { crv, kty, x, y };
  const kid = createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
  return { kid, privateKey, publicJwk: { ...facts, kid, alg: 'ES256', use: 'sig' } };
}

/** A new key, as PEM, for a gateway whose operator names none. */
export function makeAssertionKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return privateKey;
}
