/** What of a provider's metadata (OpenID Connect Discovery 3) the gateway relies on. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorization_endpoint?: string | undefined;
  readonly token_endpoint?: string | undefined;
  readonly jwks_uri?: string | undefined;
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
export function metadataProblem(metadata: ProviderMetadata, issuer: string): string | null {
  if (metadata.issuer !== issuer) return 'issuer is not the configured one';
  const plain = isPlainLoopback(issuer);
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const url = URL.parse(metadata[name] ?? '');
    const safe = url !== null && (url.protocol === 'https:' || (plain && isPlainLoopback(url.href)));
    if (!safe) return `${name} is missing or not https`;
  }
  return null;
}
