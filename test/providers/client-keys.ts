import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type ClientKey, parseClientKey } from '../../src/config/client-key.ts';
import { isWrong } from '../../src/config/problems.ts';

export type KeyType = 'EC' | 'RSA' | 'RSA for PS256' | 'Ed25519';

const made = (type: KeyType): KeyObject => {
  switch (type) {
    case 'EC':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'Ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  }
};

/** A private key as it stands in a file: a JWK. */
export const keyText = (type: KeyType): string =>
  JSON.stringify({ ...made(type).export({ format: 'jwk' }), ...(type === 'RSA for PS256' ? { alg: 'PS256' } : {}) });

/** A new key of the gateway as a client. */
export function clientKey(type: KeyType = 'EC'): ClientKey {
  const key = parseClientKey(keyText(type));
  if (isWrong(key)) throw new Error(key.message);
  return key;
}
