import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import type { Seen, Visitor } from './visitor.ts';

export const CLIENT = {
  client_id: 'gateway',
  client_secret: 'a secret of the test client, long enough',
  redirect_uris: ['http://127.0.0.1:1/callback'],
  token_endpoint_auth_method: 'client_secret_basic',
} as const;
const [REDIRECT_URI] = CLIENT.redirect_uris;

/** One authorization request and what only its sender knows. */
export interface Sent {
  readonly url: URL;
  readonly verifier: string;
  readonly nonce: string;
}

/** An authorization request with PKCE; `more` are further parameters. */
export function ask(provider: DemoProvider, more: Readonly<Record<string, string>> = {}): Sent {
  const verifier = randomBytes(32).toString('base64url');
  const nonce = randomBytes(8).toString('base64url');
  const url = new URL('/auth', provider.issuer);
  url.search = new URLSearchParams({
    client_id: CLIENT.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'the state',
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }).toString();
  return { url, verifier, nonce };
}

/** A `claims` parameter that makes these values of acr essential. */
export function essential(...values: readonly string[]): Record<string, string> {
  const id_token = { acr: { essential: true, values }, auth_time: { essential: true } };
  return { claims: JSON.stringify({ id_token }) };
}

/** The error that the client was sent back with. */
export function errorOf(back: Seen): string | null {
  assert.equal(back.url.origin + back.url.pathname, REDIRECT_URI);
  return back.url.searchParams.get('error');
}

/** Redeems the code and verifies the ID token. */
export async function redeem(provider: DemoProvider, sent: Sent, back: Seen): Promise<JWTPayload> {
  assert.equal(back.url.origin + back.url.pathname, REDIRECT_URI, back.text);
  assert.equal(back.url.searchParams.get('error'), null);
  assert.equal(back.url.searchParams.get('state'), 'the state');
  const response = await fetch(new URL('/token', provider.issuer), {
    method: 'POST',
    headers: { Authorization: `Basic ${basic(CLIENT.client_id, CLIENT.client_secret)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.url.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT_URI,
      code_verifier: sent.verifier,
    }),
  });
  const tokens: unknown = await response.json();
  assert.ok(typeof tokens === 'object' && tokens !== null && 'id_token' in tokens, JSON.stringify(tokens));
  const keys = createLocalJWKSet(await keysOf(provider));
  const { payload } = await jwtVerify(String(tokens.id_token), keys, {
    issuer: provider.issuer,
    audience: CLIENT.client_id,
    algorithms: ['RS256'],
  });
  assert.equal(payload.nonce, sent.nonce);
  return payload;
}

async function keysOf(provider: DemoProvider): Promise<JSONWebKeySet> {
  const response = await fetch(new URL('/jwks', provider.issuer));
  return JSON.parse(await response.text());
}

function basic(id: string, secret: string): string {
  return Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
}

/** Signs in with a password only. */
export async function signIn(provider: DemoProvider, browser: Visitor, username = 'alice'): Promise<JWTPayload> {
  const sent = ask(provider);
  const page = await browser.open(sent.url);
  return redeem(provider, sent, await browser.submit(page, passwordOf(provider, username)));
}

/** What this person types into the sign-in page. */
export function passwordOf(provider: DemoProvider, username: string): { username: string; password: string } {
  const person = provider.people.find((each) => each.username === username);
  assert.ok(person);
  return { username, password: person.password };
}

/** The six digits that the page shows. */
export function shownCode(page: Seen): string {
  const [, code] = /your code is <strong class="now">([0-9 ]+)</.exec(page.text) ?? [];
  assert.ok(code, 'a code on the page');
  return code;
}
