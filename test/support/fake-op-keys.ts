import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

type Json = Record<string, unknown>;

/** A key pair at `/jwks`, and one beside it that is not. */
export interface FakeKeys {
  readonly kid: string;
  readonly publicJwk: JWK;
  /** Signs whatever it is given. `foreign`: with the key that nobody was told of. */
  sign(header: Json, claims: Json, foreign?: boolean): Promise<string>;
}

export type FakeAlgorithm = 'RS256' | 'ES256' | 'PS256' | 'EdDSA';

export async function makeKeys(algorithm: FakeAlgorithm): Promise<FakeKeys> {
  const ours = await generateKeyPair(algorithm, { extractable: true });
  const kid = crypto.randomUUID();
  return {
    kid,
    publicJwk: { ...(await exportJWK(ours.publicKey)), kid, alg: algorithm, use: 'sig' },
    sign: async (header, claims, foreign = false) => {
      const { privateKey } = foreign ? await generateKeyPair(algorithm) : ours;
      // jose signs a critical header only if told that it is understood.
      const crit = Object.fromEntries((Array.isArray(header.crit) ? header.crit : []).map((name) => [name, true]));
      return new SignJWT(claims).setProtectedHeader({ ...header, alg: String(header.alg) }).sign(privateKey, { crit });
    },
  };
}

/** A token with `alg: none` and an empty signature. */
export const unsignedToken = (header: Json, claims: Json): string =>
  `${part({ ...header, alg: 'none' })}.${part(claims)}.`;

/** A token signed with HMAC under any bytes, as who confuses algorithms does. */
export const hmacToken = (header: Json, claims: Json, secret: Uint8Array): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret);

const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
