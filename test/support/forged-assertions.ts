import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import { es256, newKey, tokenOf, unverified } from './assertions.ts';

export interface Shown {
  /** What is wrong with it. */
  readonly name: string;
  readonly assertion: string;
}

/**
 * What somebody may show to a verifier in place of an assertion, made of a real one: nothing of it may be taken.
 *
 * @param key - the gateway's own: what is signed with it is not forged, and meant for something else
 */
export function forgedFrom(real: string, key: KeyObject): readonly Shown[] {
  const { header, claims } = unverified(real);
  const now = claims.iat ?? 0;
  const own = es256(key);
  const stranger = newKey();
  const publicKey = createPublicKey(key);
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = publicKey.export({ format: 'jwk' });
  const hmac = (secret: string) => (input: Buffer) => createHmac('sha256', secret).update(input).digest();
  const without = (name: string): object => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const [head = '', body = '', signature = ''] = real.split('.');
  const raised = Buffer.from(JSON.stringify({ ...claims, level: 'passkey' })).toString('base64url');
  const forged: Record<string, string> = {
    'is over for 61 seconds': tokenOf(header, { ...claims, iat: now - 121, exp: now - 61 }, own),
    'never ends': tokenOf(header, without('exp'), own),
    'is about nobody': tokenOf(header, without('sub'), own),
    'is for nobody': tokenOf(header, without('aud'), own),
    'is for an app of nearly this name': tokenOf(header, { ...claims, aud: `${claims.aud}s` }, own),
    'is from another origin': tokenOf(header, { ...claims, iss: 'https://elsewhere.example' }, own),
    'is from an origin of nearly this name': tokenOf(header, { ...claims, iss: `${claims.iss}.example` }, own),
    'is from nowhere': tokenOf(header, without('iss'), own),
    'is a token of no type': tokenOf({ ...header, typ: undefined }, claims, own),
    'is a token of another type': tokenOf({ ...header, typ: 'JWT' }, claims, own),
    'is an access token': tokenOf({ ...header, typ: 'at+jwt' }, claims, own),
    'is not signed, and says so': tokenOf({ ...header, alg: 'none' }, claims, () => Buffer.alloc(0)),
    'is not signed, and says so loudly': tokenOf({ ...header, alg: 'NONE' }, claims, () => Buffer.alloc(0)),
    'is not signed': tokenOf(header, claims, () => Buffer.alloc(0)),
    'has zeros for a signature': tokenOf(header, claims, () => Buffer.alloc(64)),
    'is signed with HS256 by the public key in PEM': tokenOf({ ...header, alg: 'HS256' }, claims, hmac(spki)),
    'is signed with HS256 by the public key as JWK': tokenOf(
      { ...header, alg: 'HS256' },
      claims,
      hmac(JSON.stringify(jwk)),
    ),
    'is signed with HS256 by a coordinate of the public key': tokenOf(
      { ...header, alg: 'HS256' },
      claims,
      hmac(jwk.x ?? ''),
    ),
    'is signed by a stranger under our name': tokenOf(header, claims, es256(stranger)),
    'is signed by a stranger': tokenOf({ ...header, kid: 'stranger' }, claims, es256(stranger)),
    'brings its own key': tokenOf(
      { ...header, jwk: createPublicKey(stranger).export({ format: 'jwk' }) },
      claims,
      es256(stranger),
    ),
    'names no key': tokenOf({ ...header, kid: undefined }, claims, es256(stranger)),
    'has another level under the old signature': `${head}.${raised}.${signature}`,
    'is cut off': real.slice(0, -8),
    'has a fourth part': `${real}.${signature}`,
    'stands there twice': `${real}, ${real}`,
    'is two parts': `${head}.${body}`,
    'is empty': '',
    'is no token': 'let me in',
  };
  return Object.entries(forged).map(([name, assertion]) => ({ name, assertion }));
}
