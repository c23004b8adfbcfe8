import { constants, createDecipheriv, privateDecrypt } from 'node:crypto';
import { CIPHERS, type Cipher, oaepHash } from '../../saml/algorithms.ts';
import { NS } from '../../saml/names.ts';
import { attribute, childrenOf, type Element, everyElement, exactTextOf, isNamed, onlyChild } from '../../saml/xml.ts';

/** What is to be opened: one cipher text under one key, which is encrypted to one of ours. */
export interface Sealed {
  readonly cipher: Cipher;
  readonly hash: 'sha1' | 'sha256' | 'sha512';
  readonly key: Buffer;
  readonly data: Buffer;
}

/**
 * Reads an `EncryptedAssertion` (Core 2.3.4): one EncryptedData, and one EncryptedKey in its KeyInfo or beside it.
 *
 * @returns null where it has another shape, or names an algorithm that is not believed
 */
export function readSealed(encrypted: Element): Sealed | null {
  const named = (name: string): readonly Element[] =>
    everyElement(encrypted).filter((element) => isNamed(element, NS.encryption, name));
  const data = onlyChild(encrypted, NS.encryption, 'EncryptedData');
  const [key, ...keys] = named('EncryptedKey');
  if (data === null || key === undefined || keys.length > 0 || named('EncryptedData').length !== 1) return null;
  const keyInfo = onlyChild(data, NS.signature, 'KeyInfo');
  if (key.parentNode !== encrypted && (keyInfo === null || key.parentNode !== keyInfo)) return null;

  const [dataMethod, keyMethod] = [data, key].map((of) => onlyChild(of, NS.encryption, 'EncryptionMethod'));
  const cipher = dataMethod && CIPHERS.get(attribute(dataMethod, 'Algorithm') ?? '');
  const hash = keyMethod && oaepHash(keyMethod);
  const [dataValue, keyValue] = [data, key].map(cipherValueOf);
  return cipher && hash && dataValue && keyValue ? { cipher, hash, data: dataValue, key: keyValue } : null;
}

function cipherValueOf(element: Element): Buffer | null {
  const [data, ...more] = childrenOf(element, NS.encryption, 'CipherData');
  const text = data && exactTextOf(onlyChild(data, NS.encryption, 'CipherValue'));
  return text && more.length === 0 ? Buffer.from(text, 'base64') : null;
}

/**
 * Opens what is encrypted with the one of our keys that fits.
 *
 * @param keys - private RSA keys, PEM: the one in use, and the one that is to come
 * @returns null where none fits, or what they open is not what was encrypted; which of both nobody is told
 */
export function openSealed(sealed: Sealed, keys: readonly string[]): string | null {
  // Always all of them: how long it takes does not say which one it was.
  const [opened] = keys.map((key) => openWith(key, sealed)).filter((text) => text !== null);
  return opened ?? null;
}

function openWith(privateKey: string, { cipher, hash, key, data }: Sealed): string | null {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const contentKey = privateDecrypt({ key: privateKey, padding, oaepHash: hash }, key);
    if (contentKey.length !== cipher.keyBytes) return null;
    const bytes = cipher.authenticates ? openGcm(cipher, contentKey, data) : openCbc(cipher, contentKey, data);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Twelve bytes of IV, the cipher text, sixteen bytes of tag (XML Encryption 1.1, 5.2.4). */
function openGcm({ name }: Cipher, key: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv(name as 'aes-128-gcm', key, data.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(data.subarray(-16));
  return Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
}

/** Sixteen bytes of IV, the cipher text; the last byte says how many are padding, whatever they are (5.2). */
function openCbc({ name }: Cipher, key: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, data.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(data.subarray(16)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > 16) throw new Error('padding');
  return padded.subarray(0, -padding);
}
