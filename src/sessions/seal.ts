import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** Seals text so that only we can read it, and only for the purpose and under the host it was sealed for. */
export interface Sealer {
  /** @returns base64url, 4/3 of the UTF-8 bytes of `plaintext` plus 44 characters */
  seal(purpose: string, host: string, plaintext: string): string;
  /** The text, or null for whatever was not sealed by one of our secrets for this purpose and host. Never throws. */
  open(purpose: string, host: string, sealed: string): string | null;
}

/** Unpredictable bytes. */
export type RandomBytes = (bytes: number) => Buffer;

/** First byte of everything sealed: says how to read the rest. */
const VERSION = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HEAD_BYTES = 1 + KEY_ID_BYTES + IV_BYTES;

/** The characters at the end of a sealed text that are sure to hold its whole tag. */
export const TAG_CHARACTERS = Math.ceil((TAG_BYTES * 8) / 6);

/** What one secret needs for one purpose and host. */
interface Lock {
  readonly key: KeyObject;
  readonly additional: Buffer;
}

interface KeyRing {
  readonly id: Buffer;
  lock(purpose: string, host: string): Lock;
}

/**
 * AES-256-GCM (NIST SP 800-38D) with keys derived by HKDF-SHA256 (RFC 5869) per secret, purpose and host. The format is
 * base64url of: version, key id, IV, ciphertext, tag. IVs are random, which is sound for 2^32 messages per derived key.
 *
 * @param secrets - at least 32 random bytes each, newest first: the first seals, all open
 * @param randomBytes - for IVs
 * @throws RangeError without a secret
 */
export function createSealer(secrets: readonly Buffer[], randomBytes: RandomBytes): Sealer {
  const rings = secrets.map(keyRing);
  const newest = rings[0];
  if (newest === undefined) throw new RangeError('at least one secret');
  return {
    seal(purpose, host, plaintext) {
      const { key, additional } = newest.lock(purpose, host);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(additional);
      const body = cipher.update(plaintext, 'utf8');
      const rest = cipher.final();
      return Buffer.concat([Buffer.of(VERSION), newest.id, iv, body, rest, cipher.getAuthTag()]).toString('base64url');
    },
    open(purpose, host, sealed) {
      const bytes = decodeCanonical(sealed);
      if (bytes === null || bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) return null;
      const id = bytes.subarray(1, 1 + KEY_ID_BYTES);
      for (const ring of rings) {
        if (!ring.id.equals(id)) continue;
        const text = decrypt(ring.lock(purpose, host), bytes);
        if (text !== null) return text;
      }
      return null;
    },
  };
}

/** One spelling per sealed text: Node's decoder skips foreign characters and ignores spare bits, so encode and compare. */
function decodeCanonical(sealed: string): Buffer | null {
  const bytes = Buffer.from(sealed, 'base64url');
  return bytes.toString('base64url') === sealed ? bytes : null;
}

function decrypt({ key, additional }: Lock, bytes: Buffer): string | null {
  const tagAt = bytes.length - TAG_BYTES;
  try {
    const iv = bytes.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(additional);
    decipher.setAuthTag(bytes.subarray(tagAt));
    const text = decipher.update(bytes.subarray(HEAD_BYTES, tagAt));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    // The tag does not fit: altered, or sealed for something else. That is an answer, not a failure.
    return null;
  }
}

/** Derived keys of one secret, kept: purposes are ours and hosts are configured, so there are few. */
function keyRing(secret: Buffer): KeyRing {
  const locks = new Map<string, Lock>();
  return {
    id: derive(secret, ['stepgate', 'key id'], KEY_ID_BYTES),
    lock(purpose, host) {
      const name = JSON.stringify([VERSION, purpose, host]);
      const known = locks.get(name);
      if (known !== undefined) return known;
      const key = createSecretKey(derive(secret, ['stepgate', 'seal', name], KEY_BYTES));
      const made = { key, additional: Buffer.from(name) };
      locks.set(name, made);
      return made;
    },
  };
}

const derive = (secret: Buffer, info: readonly string[], bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', JSON.stringify(info), bytes));
