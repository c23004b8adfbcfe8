import type { OidcProviderConfig } from '../config/world.ts';

/** What of a provider's metadata (OpenID Connect Discovery 3) the gateway relies on. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorization_endpoint?: string | undefined;
  readonly token_endpoint?: string | undefined;
  readonly jwks_uri?: string | undefined;
  readonly pushed_authorization_request_endpoint?: string | undefined;
  readonly require_pushed_authorization_requests?: boolean | undefined;
  readonly userinfo_endpoint?: string | undefined;
  readonly end_session_endpoint?: string | undefined;
}

const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname);

/** Whether this address may be spoken to without TLS: it is on this machine, and says so with its scheme. */
export function isPlainLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === 'http:' && isLoopback(url);
}

/**
 * Why metadata cannot be used, or null. The library takes issuers that differ in spelling for one, and any issuer from two
 * well-known hosts; here it is the configured one, character for character (Discovery 4.3).
 */
export function metadataProblem(
  metadata: ProviderMetadata,
  issuer: string,
  needs: Pick<OidcProviderConfig, 'par' | 'userinfo'> = { par: 'off', userinfo: false },
): string | null {
  if (metadata.issuer !== issuer) return 'issuer is not the configured one';
  for (const name of [
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    ...(pushesRequests(metadata, needs.par) ? (['pushed_authorization_request_endpoint'] as const) : []),
    ...(needs.userinfo ? (['userinfo_endpoint'] as const) : []),
  ] as const) {
    if (safeUrl(metadata[name], issuer) === null) return `${name} is missing or not https`;
  }
  return null;
}

/** An address that a provider names, where it is https, or on this machine like the provider itself; else null. */
export function safeUrl(address: unknown, issuer: string): string | null {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null) return null;
  return url.protocol === 'https:' || (isPlainLoopback(issuer) && isPlainLoopback(url.href)) ? url.href : null;
}

/** Whether requests are pushed (RFC 9126 5): what the provider insists on is done whatever is configured. */
export const pushesRequests = (metadata: ProviderMetadata, par: OidcProviderConfig['par']): boolean =>
  par === 'require' ||
  metadata.require_pushed_authorization_requests === true ||
  (par === 'auto' && metadata.pushed_authorization_request_endpoint !== undefined);
