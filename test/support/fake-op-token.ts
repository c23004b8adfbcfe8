import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An authorization code: the request it answers, and whether it was redeemed. */
export interface Code {
  readonly request: URLSearchParams;
  used: boolean;
}

interface Redeemer {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly codes: ReadonlyMap<string, Code>;
}

/** Redeems the code of a token request (RFC 6749 4.1.3, RFC 7636 4.6), or says with which error it is refused. */
export async function redeem(
  request: IncomingMessage,
  { clientId, clientSecret, codes }: Redeemer,
): Promise<{ readonly request: URLSearchParams } | { readonly error: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = new URLSearchParams(Buffer.concat(chunks).toString());
  const [id, secret] = credentialsOf(request.headers.authorization, body);
  if (id !== clientId || secret !== clientSecret) return { error: 'invalid_client' };
  const code = codes.get(body.get('code') ?? '');
  if (body.get('grant_type') !== 'authorization_code' || code === undefined) return { error: 'invalid_grant' };
  const challenge = createHash('sha256')
    .update(body.get('code_verifier') ?? '')
    .digest('base64url');
  const ours =
    !code.used &&
    code.request.get('redirect_uri') === body.get('redirect_uri') &&
    code.request.get('code_challenge_method') === 'S256' &&
    code.request.get('code_challenge') === challenge;
  if (!ours) return { error: 'invalid_grant' };
  code.used = true;
  return { request: code.request };
}

function credentialsOf(header: string | undefined, body: URLSearchParams): readonly (string | null)[] {
  if (header === undefined) return [body.get('client_id'), body.get('client_secret')];
  const pair = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  return pair.split(':').map(decode);
}
