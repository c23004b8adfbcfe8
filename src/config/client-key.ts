import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Wrong } from './problems.ts';
import type { IdTokenAlgorithm } from './world.ts';

/** A key that the gateway signs its client assertions with (RFC 7523). */
export interface ClientKey {
  readonly algorithm: IdTokenAlgorithm;
  /** Its name in what is published: the `kid` of a JWK, else its thumbprint (RFC 7638). */
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** What is published: nothing private is in it. */
  readonly publicJwk: Readonly<Record<string, string>>;
}

const LEAST_RSA_BITS = 2048;
const KINDS = 'EC P-256, Ed25519, or RSA of 2048 bits (for PS256 as a JWK with that "alg")';

/**
 * Reads a private key: PEM, or a JWK (RFC 7517). EC P-256 signs with ES256, Ed25519 with EdDSA, RSA with RS256, or with
 * PS256 where the JWK says so. An RSASSA-PSS key in PEM has no JWK and so could not be published.
 */
export function parseClientKey(text: string): ClientKey | Wrong {
  const read = text.startsWith('{') ? readJwk(text) : readPem(text);
  if ('wrong' in read) return read;
  const { privateKey, alg } = read;
  const algorithm = algorithmOf(privateKey);
  if (algorithm === null) {
    return { wrong: 'bad-key', message: 'a key of this kind is not used', hint: KINDS };
  }
  const chosen = alg === 'PS256' && algorithm === 'RS256' ? 'PS256' : algorithm;
  if (alg !== undefined && alg !== chosen) {
    return { wrong: 'bad-key', message: `a key of this kind does not sign with the "alg" it names` };
  }
  const facts = publicFacts(privateKey);
  const kid = read.kid ?? thumbprint(facts);
  return { algorithm: chosen, kid, privateKey, publicJwk: { ...facts, kid, alg: chosen, use: 'sig' } };
}

interface Read {
  readonly privateKey: KeyObject;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
}

const UNREADABLE: Wrong = {
  wrong: 'bad-key',
  message: 'this is no private key that can be read',
  hint: 'an unencrypted private key, as PEM or as one JWK',
};

function readPem(text: string): Read | Wrong {
  try {
    return { privateKey: createPrivateKey(text) };
  } catch {
    return UNREADABLE;
  }
}

function readJwk(text: string): Read | Wrong {
  try {
    const jwk: Readonly<Record<string, unknown>> = JSON.parse(text);
    const { kid, alg } = jwk;
    if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return UNREADABLE;
    if (alg !== undefined && typeof alg !== 'string') return UNREADABLE;
    return { privateKey: createPrivateKey({ key: jwk, format: 'jwk' }), kid, alg };
  } catch {
    return UNREADABLE;
  }
}

function algorithmOf(key: KeyObject): IdTokenAlgorithm | null {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= LEAST_RSA_BITS ? 'RS256' : null;
    case 'ec':
      return namedCurve === 'prime256v1' ? 'ES256' : null;
    case 'ed25519':
      return 'EdDSA';
    default:
      return null;
  }
}

/** The members that make a public key (RFC 7518 6, RFC 8037 2), by name: nothing else of a key is ever copied. */
function publicFacts(privateKey: KeyObject): Readonly<Record<string, string>> {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const facts: Record<string, string> = {};
  for (const name of ['crv', 'e', 'kty', 'n', 'x', 'y'] as const) {
    const value = jwk[name];
    if (typeof value === 'string') facts[name] = value;
  }
  return facts;
}

/** RFC 7638 3: the required members in the order of their names, which is how {@link publicFacts} makes them. */
const thumbprint = (facts: Readonly<Record<string, string>>): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
