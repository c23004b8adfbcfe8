import type { Seconds } from '../core/time.ts';
import type { Wrong } from './problems.ts';

const REFERENCE = /^\$\{(env|file):([^}\s][^}\n]*)\}$/;

/** What secrets are read from. */
export interface SecretSource {
  env(name: string): string | undefined;
  /** Reads a file named in a reference. @throws when it cannot be read */
  readFile(path: string): Buffer | string;
  /** What certificates are noticed to be over by; long ago where nobody asks. */
  now(): Seconds;
}

/** Text that was read, and whether it stood in the file itself. */
export interface SecretText {
  readonly text: string;
  readonly plain: boolean;
}

/** Whether a value is `${env:NAME}` or `${file:path}` and nothing else. */
export const isReference = (value: string): boolean => REFERENCE.test(value);

/**
 * Reads a secret: the environment variable or file a value refers to, or the value itself. Surrounding white space is
 * no part of a secret. Problems name the variable or file, never the value.
 *
 * @param source - null leaves references unread: the result is empty text
 */
export function readSecret(value: string, source: SecretSource | null): SecretText | Wrong {
  const match = REFERENCE.exec(value.trim());
  if (match === null) return plainSecret(value);
  const [, kind, name = ''] = match;
  if (source === null) return { text: '', plain: false };
  const text = (kind === 'env' ? (source.env(name) ?? null) : readTrimmed(source, name))?.trim() ?? null;
  if (text === null || text === '') {
    const what = kind === 'env' ? `environment variable ${name}` : `file ${name}`;
    const state = text === '' ? 'is empty' : kind === 'env' ? 'is not set' : 'cannot be read';
    return { wrong: 'secret-missing', message: `the ${what} ${state}` };
  }
  return { text, plain: false };
}

function plainSecret(value: string): SecretText | Wrong {
  if (value.includes('${')) {
    return {
      wrong: 'secret-reference',
      message: 'a reference to a secret is the whole value',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how references are written
      hint: 'write "${env:NAME}" or "${file:path}", with nothing around it',
    };
  }
  if (value.trim() === '') return { wrong: 'secret-missing', message: 'the secret is empty' };
  return { text: value.trim(), plain: true };
}

function readTrimmed(source: SecretSource, path: string): string | null {
  try {
    return source.readFile(path).toString('utf8');
  } catch {
    return null;
  }
}

/** As many bytes as the strongest key derived from a secret has. */
const LEAST_BYTES = 32;
/** 32 random bytes have fewer distinct values than this once in 10^9 times. */
const LEAST_DISTINCT = 20;
const MAKE_ONE = 'make one with: openssl rand -base64 32';

/**
 * Decodes key material: base64, base64url or hex of at least 32 random bytes. Passphrases and material that clearly
 * repeats itself are refused: keys are derived from it without any stretching.
 */
export function decodeKeyMaterial(text: string): Buffer | Wrong {
  const weak = (message: string): Wrong => ({ wrong: 'secret-weak', message, hint: MAKE_ONE });
  const hex = /^(?:[0-9a-f]{2})+$/i.test(text);
  if (!hex && !isBase64(text)) return weak('not base64, base64url or hex: passphrases are not taken');
  const bytes = Buffer.from(text, hex ? 'hex' : 'base64');
  if (bytes.length < LEAST_BYTES) return weak(`only ${bytes.length} bytes of key material, at least 32 are needed`);
  if (repeats(bytes)) return weak('this repeats itself: it is not random');
  if (!hex && looksWritten(text, bytes)) return weak('this reads like words, not like random bytes');
  return bytes;
}

function isBase64(text: string): boolean {
  const unpadded = text.replace(/={1,2}$/, '');
  if (!/^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)$/.test(unpadded) || unpadded.length % 4 === 1) return false;
  // Text that is no encoding leaves bits over, or padding that does not fit.
  const canonical = Buffer.from(unpadded, 'base64').toString('base64');
  const standard = unpadded.replaceAll('-', '+').replaceAll('_', '/');
  return canonical.replace(/=+$/, '') === standard && (text === unpadded || text.length === canonical.length);
}

/** Few distinct bytes, or few distinct steps from one to the next (a count, a pattern). */
function repeats(bytes: Buffer): boolean {
  const steps = new Set<number>();
  for (const [i, byte] of bytes.entries()) steps.add((byte - (bytes[i - 1] ?? 0)) & 255);
  return new Set(bytes).size < LEAST_DISTINCT || steps.size < LEAST_DISTINCT;
}

/**
 * Text somebody wrote: what it decodes to is text again, capitals or small letters are missing, or small letters follow
 * small letters as in words. The encoding of random bytes does the last one once in 10^4 times, the others practically
 * never.
 */
function looksWritten(text: string, bytes: Buffer): boolean {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return true;
  if (!/[A-Z]/.test(text) || !/[a-z]/.test(text)) return true;
  const pairs = text.match(/(?<=[a-z])[a-z]/g)?.length ?? 0;
  return pairs > 0.55 * (text.length - 1);
}
