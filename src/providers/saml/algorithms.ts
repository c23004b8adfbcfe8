import { NS } from './names.ts';
import { attribute, type Element } from './xml.ts';

const DSIG = NS.signature;
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const ENC = NS.encryption;
const ENC11 = 'http://www.w3.org/2009/xmlenc11#';

/** What a signature may be made with. SHA-1 is missing on purpose, and so are all MACs: nobody here shares a key. */
const SIGNATURE: ReadonlySet<string> = new Set([`${MORE}rsa-sha256`, `${MORE}rsa-sha384`, `${MORE}rsa-sha512`]);
const DIGEST: ReadonlySet<string> = new Set([`${ENC}sha256`, `${MORE}sha384`, `${ENC}sha512`]);
/** Canonicalisation without comments, and the enveloped signature: no XSLT, no XPath. */
const TRANSFORM: ReadonlySet<string> = new Set([
  `${DSIG}enveloped-signature`,
  'http://www.w3.org/2001/10/xml-exc-c14n#',
]);
const ENCRYPTION: ReadonlySet<string> = new Set([`${ENC11}aes128-gcm`, `${ENC11}aes256-gcm`, `${ENC}rsa-oaep-mgf1p`]);
/** Without authentication of what they encrypt (XML Encryption 1.1, 6.1.1): only by a switch that says so. */
const LEGACY_CBC: ReadonlySet<string> = new Set([`${ENC}aes128-cbc`, `${ENC}aes256-cbc`]);

const CHECKS: readonly (readonly [namespace: string, name: string, allowed: ReadonlySet<string>])[] = [
  [DSIG, 'SignatureMethod', SIGNATURE],
  [DSIG, 'CanonicalizationMethod', TRANSFORM],
  [DSIG, 'Transform', TRANSFORM],
];

/** Whether SigAlg of a signed redirect (Bindings 3.4.4.1) is one that is believed. */
export const isSignatureAlgorithm = (uri: string): boolean => SIGNATURE.has(uri);

/**
 * The first algorithm in a document that is not believed, wherever it stands, or null. What nobody signed is looked at
 * too: it may be what the library is going to use.
 */
export function unknownAlgorithm(root: Element, allowLegacyCbc: boolean): string | null {
  for (const [namespace, name, allowed] of CHECKS) {
    const found = refused(root, namespace, name, (uri) => allowed.has(uri));
    if (found !== null) return found;
  }
  const encryption = (uri: string): boolean => ENCRYPTION.has(uri) || (allowLegacyCbc && LEGACY_CBC.has(uri));
  return (
    // OAEP of an encrypted key names a digest as well; there SHA-1 is no signature, and what everybody writes.
    refusedDigest(root) ?? refused(root, ENC, 'EncryptionMethod', encryption)
  );
}

function refused(root: Element, namespace: string, name: string, allows: (uri: string) => boolean): string | null {
  for (const element of Array.from(root.getElementsByTagNameNS(namespace, name))) {
    const uri = attribute(element, 'Algorithm');
    if (uri === null || !allows(uri)) return name;
  }
  return null;
}

function refusedDigest(root: Element): string | null {
  for (const element of Array.from(root.getElementsByTagNameNS(DSIG, 'DigestMethod'))) {
    const parent = element.parentNode as Element | null;
    if (parent?.namespaceURI === ENC && parent.localName === 'EncryptionMethod') continue;
    if (!DIGEST.has(attribute(element, 'Algorithm') ?? '')) return 'DigestMethod';
  }
  return null;
}
