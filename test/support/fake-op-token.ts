import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';

/** An authorization code: the request it answers, and whether it was redeemed. */
export interface Code {
  readonly request: URLSearchParams;
  used: boolean;
}

/** Who the client must show itself as: by its secret, or by an assertion under one of its keys. */
export interface KnownClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuer: string;
  /** Null = by its secret. */
  readonly clientKeys: () => JSONWebKeySet | null;
  /** Ids of assertions that were used. */
  readonly used: Set<string>;
}

export async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

/** Whether a request to the token or PAR endpoint is the client's. */
export async function isClient(request: IncomingMessage, body: URLSearchParams, client: KnownClient): Promise<boolean> {
  const keys = client.clientKeys();
  if (keys !== null) return isAsserted(body, keys, client);
  const [id, secret] = credentialsOf(request.headers.authorization, body);
  return id === client.clientId && secret === client.clientSecret;
}

/** RFC 7523 3, as strictly as a provider may be: one audience as one text, a minute at most, each once. */
async function isAsserted(body: URLSearchParams, keys: JSONWebKeySet, client: KnownClient): Promise<boolean> {
  const { issuer, clientId, used } = client;
  if (body.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') return false;
  if (body.has('client_secret')) return false;
  try {
    const { payload } = await jwtVerify(body.get('client_assertion') ?? '', createLocalJWKSet(keys), {
      issuer: clientId,
      subject: clientId,
      requiredClaims: ['jti', 'exp', 'iat'],
      currentDate: new Date(Date.now()),
    });
    if (payload.aud !== issuer || typeof payload.jti !== 'string' || used.has(payload.jti)) return false;
    used.add(payload.jti);
    return Number(payload.exp) - Number(payload.iat) <= 60;
  } catch {
    return false;
  }
}

/** Redeems the code of a token request (RFC 6749 4.1.3, RFC 7636 4.6), or says with which error it is refused. */
export async function redeem(
  request: IncomingMessage,
  client: KnownClient,
  codes: ReadonlyMap<string, Code>,
): Promise<{ readonly request: URLSearchParams } | { readonly error: string }> {
  const body = await formOf(request);
  if (!(await isClient(request, body, client))) return { error: 'invalid_client' };
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
