import type { Findings } from './findings.ts';
import { isWrong } from './problems.ts';
import { decodeKeyMaterial, readSecret, type SecretSource } from './secrets.ts';
import { below, lengthAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';

/** Decodes the gateway's key material, newest first. Without a source, references are left unread and yield nothing. */
export function compileSecrets(
  gateway: SourceFile,
  source: SecretSource | null,
  findings: Findings,
): readonly Buffer[] {
  const list = below(top(gateway), 'secrets');
  const keys: Buffer[] = [];
  for (let i = 0; i < lengthAt(list); i++) {
    const where = below(list, i);
    const text = secretAt(where, source, findings);
    if (text === null || text === '') continue;
    const key = decodeKeyMaterial(text);
    if (isWrong(key)) findings.problem(where, key.wrong, key.message, key.hint);
    else if (keys.some((other) => other.equals(key))) {
      findings.problem(where, 'secret-duplicate', 'this secret is listed twice', 'the newest comes first, each once');
    } else keys.push(key);
  }
  return keys;
}

/** The secret at a place; null after reporting why there is none; empty where references are left unread. */
export function secretAt(where: Where, source: SecretSource | null, findings: Findings): string | null {
  const value = valueAt(where);
  if (typeof value !== 'string') return null;
  const secret = readSecret(value, source);
  if (isWrong(secret)) {
    findings.problem(where, secret.wrong, secret.message, secret.hint);
    return null;
  }
  if (secret.plain) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how references are written
    const hint = 'refer to it: "${env:NAME}" or "${file:path}"';
    findings.notice(where, 'plain-secret', 'a secret stands in the file itself', hint);
  }
  return secret.text;
}
