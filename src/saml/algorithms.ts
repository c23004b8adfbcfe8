import { NS } from './names.ts';
import { attribute, childrenOf, type Element, elementsIn, everyElement, isNamed } from './xml.ts';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** What we sign with. */
export const RSA_SHA256 = `${MORE}rsa-sha256`;
export const SHA256 = `${NS.encryption}sha256`;

/** What a signature may be made with. SHA-1 is missing on purpose, and so are all MACs: nobody here shares a key. */
export const SIGNATURES: ReadonlySet<string> = new Set([RSA_SHA256, `${MORE}rsa-sha512`]);
export const DIGESTS: ReadonlySet<string> = new Set([SHA256, `${NS.encryption}sha512`]);

export const ENVELOPED = `${NS.signature}enveloped-signature`;
/** Exclusive canonicalisation; it leaves comments out. */
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** No XSLT, no XPath. */
export const TRANSFORMS: ReadonlySet<string> = new Set([ENVELOPED, EXCLUSIVE]);

/** Whether SigAlg of a signed redirect (Bindings 3.4.4.1) is one that is believed. */
export const isSignatureAlgorithm = (uri: string): boolean => SIGNATURES.has(uri);

/** How an assertion is encrypted. */
export interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc';
  readonly keyBytes: 16 | 32;
  /** CBC authenticates nothing of what it encrypts (XML Encryption 1.1, 6.1.1). */
  readonly authenticates: boolean;
}

export const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  [`${NS.encryption11}aes128-gcm`, { name: 'aes-128-gcm', keyBytes: 16, authenticates: true }],
  [`${NS.encryption11}aes256-gcm`, { name: 'aes-256-gcm', keyBytes: 32, authenticates: true }],
  [`${NS.encryption}aes128-cbc`, { name: 'aes-128-cbc', keyBytes: 16, authenticates: false }],
  [`${NS.encryption}aes256-cbc`, { name: 'aes-256-cbc', keyBytes: 32, authenticates: false }],
]);

/** How keys are encrypted: by OAEP alone. PKCS #1 v1.5 tells whoever asks often enough what was encrypted. */
export const RSA_OAEP = `${NS.encryption}rsa-oaep-mgf1p`;
const OAEP = `${NS.encryption11}rsa-oaep`;

type Hash = 'sha1' | 'sha256' | 'sha512';

/** Of the two hashes of OAEP none is a signature: nothing hangs on whether it has collisions. SHA-1 where none is named. */
const OAEP_DIGESTS: ReadonlyMap<string | null, Hash> = new Map([
  [null, 'sha1'],
  [`${NS.signature}sha1`, 'sha1'],
  [`${NS.encryption}sha256`, 'sha256'],
  [`${NS.encryption}sha512`, 'sha512'],
]);
const OAEP_MASKS: ReadonlyMap<string | null, Hash> = new Map([
  [null, 'sha1'],
  [`${NS.encryption11}mgf1sha1`, 'sha1'],
  [`${NS.encryption11}mgf1sha256`, 'sha256'],
  [`${NS.encryption11}mgf1sha512`, 'sha512'],
]);

/**
 * The hash of OAEP that an `EncryptionMethod` of a key asks for (XML Encryption 1.1, 5.5.2); null where it is no OAEP, or
 * one whose two hashes are not the same.
 */
export function oaepHash(method: Element): Hash | null {
  const uri = attribute(method, 'Algorithm');
  const [digest = null, ...digests] = childrenOf(method, NS.signature, 'DigestMethod');
  const [mask = null, ...masks] = childrenOf(method, NS.encryption11, 'MGF');
  const isPlain =
    digests.length + masks.length === 0 && elementsIn(method).every((one) => one === digest || one === mask);
  if (!isPlain || (uri !== OAEP && (uri !== RSA_OAEP || mask !== null))) return null;
  const hash = OAEP_DIGESTS.get(digest && attribute(digest, 'Algorithm'));
  return hash !== undefined && hash === OAEP_MASKS.get(mask && attribute(mask, 'Algorithm')) ? hash : null;
}

/**
 * The first algorithm of a signature in a document that is not believed, wherever it stands, or null. What nobody signed
 * is looked at too: it may be what the library is going to use.
 */
export function unknownAlgorithm(root: Element): string | null {
  for (const element of everyElement(root)) {
    if (element.namespaceURI !== NS.signature) continue;
    const allowed = ALLOWED.get(element.localName ?? '');
    if (allowed === undefined || isOfEncryption(element)) continue;
    if (!allowed.has(attribute(element, 'Algorithm') ?? '')) return element.localName;
  }
  return null;
}

const ALLOWED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['SignatureMethod', SIGNATURES],
  ['CanonicalizationMethod', new Set([EXCLUSIVE])],
  ['Transform', TRANSFORMS],
  ['DigestMethod', DIGESTS],
]);

function isOfEncryption(element: Element): boolean {
  const parent = element.parentNode as Element | null;
  return parent !== null && isNamed(parent, NS.encryption, 'EncryptionMethod');
}
