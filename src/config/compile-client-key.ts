import { parseClientKey } from './client-key.ts';
import type { Findings } from './findings.ts';
import type { ProviderEntry } from './gateway-schema.ts';
import { keyFileAt } from './key-file.ts';
import type { SecretSource } from './secrets.ts';
import { below, type Where } from './source-file.ts';
import type { ClientKeys } from './world.ts';

/**
 * The keys that the gateway shows itself with at a provider (`private_key_jwt`), or null where it uses a secret. What does
 * not go together is reported: each of the two ways has its own keys of the file, and needs them.
 *
 * @param secrets - null leaves files unread: there are no keys then
 */
export function compileClientKeys(
  entry: ProviderEntry,
  where: Where,
  secrets: SecretSource | null,
  findings: Findings,
): ClientKeys | null {
  const byKey = entry.client_auth === 'private_key_jwt';
  const [needed, foreign] = byKey
    ? (['key', ['client_secret']] as const)
    : (['client_secret', ['key', 'next_key']] as const);
  if (entry[needed] === undefined) {
    findings.problem(below(where, needed), 'missing-key', `"${needed}" is missing: ${entry.client_auth} needs it`);
  }
  for (const key of foreign) {
    if (entry[key] === undefined) continue;
    findings.problemAtKey(below(where, key), 'contradiction', `${entry.client_auth} does not use "${key}"`);
  }
  if (!byKey || secrets === null) return null;
  const current = keyFileAt(entry.key, parseClientKey, below(where, 'key'), secrets, findings);
  const next = keyFileAt(entry.next_key, parseClientKey, below(where, 'next_key'), secrets, findings);
  if (current !== null && next !== null && current.kid === next.kid) {
    findings.problem(below(where, 'next_key'), 'contradiction', 'this is the key that is in use already');
  }
  return current === null ? null : { current, next };
}
