import { parseAssertionKey } from './assertion-key.ts';
import type { Findings } from './findings.ts';
import type { GatewayEntry } from './gateway-schema.ts';
import { keyFileAt } from './key-file.ts';
import type { SecretSource } from './secrets.ts';
import { below, type SourceFile, top } from './source-file.ts';
import type { AssertionKeys, OidcProviderConfig } from './world.ts';

/**
 * The keys that assertions to upstreams are signed with, as far as files are named for them.
 *
 * @param secrets - null leaves files unread: there are no keys then
 * @param providers - whose client keys must be others: what one key signed must never pass for the other's
 */
export function compileAssertion(
  { assertion }: GatewayEntry,
  gateway: SourceFile,
  secrets: SecretSource | null,
  providers: readonly Pick<OidcProviderConfig, 'name' | 'clientKeys'>[],
  findings: Findings,
): AssertionKeys {
  if (secrets === null) return { current: null, next: null };
  const place = (key: 'key' | 'next_key') => below(top(gateway), 'assertion', key);
  const current = keyFileAt(assertion.key, parseAssertionKey, place('key'), secrets, findings);
  const next = keyFileAt(assertion.next_key, parseAssertionKey, place('next_key'), secrets, findings);
  if (current !== null && current.kid === next?.kid) {
    findings.problem(place('next_key'), 'contradiction', 'this is the key that is in use already');
  }
  for (const { name, clientKeys } of providers) {
    const points = [clientKeys?.current, clientKeys?.next].map((key) => key?.publicJwk.x);
    const reused = (x: string | undefined): boolean => x !== undefined && points.includes(x);
    const message = `this is a key that the gateway shows itself with at "${name}": each purpose has keys of its own`;
    if (reused(current?.publicJwk.x)) findings.problem(place('key'), 'contradiction', message);
    if (reused(next?.publicJwk.x)) findings.problem(place('next_key'), 'contradiction', message);
  }
  return { current, next };
}
