import { type ClientAuth as Authenticate, ClientSecretPost } from 'openid-client';
import type { ClientAuth } from '../config/world.ts';

/** How the gateway proves at the token endpoint that it is the client (RFC 6749 2.3.1). */
export const clientAuthentication = (method: ClientAuth, secret: string): Authenticate =>
  method === 'client_secret_post' ? ClientSecretPost(secret) : basic(secret);

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
