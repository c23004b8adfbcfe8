import type { webcrypto } from 'node:crypto';
import { type ClientAuth as Authenticate, ClientSecretPost, modifyAssertion, PrivateKeyJwt } from 'openid-client';
import type { ClientKey } from '../config/client-key.ts';
import type { IdTokenAlgorithm, OidcProviderConfig } from '../config/world.ts';
import type { Seconds } from '../core/time.ts';
import type { Clock } from '../ports.ts';

/**
 * How the gateway proves that it is the client (RFC 6749 2.3.1, RFC 7523 2.2).
 *
 * @throws TypeError without the key that `private_key_jwt` needs, which a configuration that can be served has
 */
export function clientAuthentication(
  { clientAuth, clientSecret, clientKeys }: Pick<OidcProviderConfig, 'clientAuth' | 'clientSecret' | 'clientKeys'>,
  clock: Clock,
): Authenticate {
  switch (clientAuth) {
    case 'client_secret_post':
      return ClientSecretPost(clientSecret);
    case 'client_secret_basic':
      return basic(clientSecret);
    case 'private_key_jwt':
      if (clientKeys === null) throw new TypeError('private_key_jwt without a key');
      return assertion(clientKeys.current, clock);
  }
}

/**
 * HTTP Basic with form-encoded id and secret. The library also encodes `-`, `_` and `.`, which every decoder undoes; but
 * some providers do not decode at all, and those refuse a client whose id has a hyphen. Encoding only what a form must is
 * read the same by the former and suits the latter.
 */
function basic(secret: string): Authenticate {
  return (_server, client, _body, headers) => {
    const pair = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

/** How long an assertion can be used, once. */
const ASSERTION_LIFE: Seconds = 60;

const SIGNING: Readonly<Record<IdTokenAlgorithm, webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams>> = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' } as webcrypto.EcKeyImportParams,
};

/**
 * A signed assertion for every request. The library makes it for the issuer alone, as one text (CVE-2025-27370: an
 * audience that several servers take for theirs can be passed on), with a new jti. It calls EdDSA by its newer name, which
 * providers do not know yet, and would have it refused by clocks a little behind ours.
 */
function assertion({ privateKey, kid, algorithm }: ClientKey, clock: Clock): Authenticate {
  const key = privateKey.toCryptoKey(SIGNING[algorithm], false, ['sign']);
  return PrivateKeyJwt(
    { key, kid },
    {
      [modifyAssertion]: (header, payload) => {
        const now = Math.floor(clock.now());
        header.alg = algorithm;
        delete payload.nbf;
        payload.iat = now;
        payload.exp = now + ASSERTION_LIFE;
      },
    },
  );
}
