import type { Findings } from './findings.ts';
import { isWrong, type Wrong } from './problems.ts';
import { isReference, readSecret, type SecretSource } from './secrets.ts';
import type { Where } from './source-file.ts';

/** What stands where a file should be named, and must not be repeated in any message. */
const KEY_ITSELF = /^\s*(?:\{|-----BEGIN)/;

/** The key in a file, named by its path or by a reference. Problems name the file, never what is in it. */
export function keyFileAt<K>(
  written: string | undefined,
  parse: (text: string) => K | Wrong,
  where: Where,
  secrets: SecretSource,
  findings: Findings,
): K | null {
  if (written === undefined) return null;
  if (KEY_ITSELF.test(written)) {
    const hint = 'put it into a file that only the gateway can read, and name that';
    findings.problem(where, 'bad-key', 'here stands a key instead of the name of its file', hint);
    return null;
  }
  const secret = readSecret(isReference(written) ? written : `\${file:${written}}`, secrets);
  const key = isWrong(secret) ? secret : parse(secret.text);
  if (!isWrong(key)) return key;
  findings.problem(where, key.wrong, key.message, key.hint);
  return null;
}
