/**
 * SAML metadata of identity providers as tests need them, right or wrong.
 *
 *   metadata({certificates: [PAIR.certificate], entity: 'validUntil="2030-01-01T00:00:00Z"'})
 *   aggregate([metadata({entityId: 'urn:a'}), metadata({entityId: 'urn:b'})])
 *   signedMetadata(metadata(), PAIR)
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignedXml } from 'xml-crypto';
import { makePair, type Pair } from './fake-idp.ts';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** What signs at the provider, unless a test says otherwise. */
export const PAIR: Pair = makePair('idp');
export const ENTITY_ID = 'https://idp.example/saml';

export interface WrittenMetadata {
  readonly entityId?: string;
  readonly certificates?: readonly string[];
  /** Instead of the keys of those certificates. */
  readonly keys?: string;
  /** Attributes of the EntityDescriptor, and of its role. */
  readonly entity?: string;
  readonly role?: string;
  /** Services and name formats, behind the keys. */
  readonly services?: string;
  /** Instead of the one role. */
  readonly roles?: string;
}

const base64Of = (certificate: string): string => certificate.replace(/-----[^-]+-----|\s/g, '');

export const x509 = (...certificates: readonly string[]): string =>
  `<ds:KeyInfo xmlns:ds="${DS}"><ds:X509Data>${certificates.map((one) => `<ds:X509Certificate>${base64Of(one)}</ds:X509Certificate>`).join('')}</ds:X509Data></ds:KeyInfo>`;

/** @param use - null leaves the attribute out */
export const key = (certificate: string, use: string | null = 'signing'): string =>
  `<md:KeyDescriptor${use === null ? '' : ` use="${use}"`}>${x509(certificate)}</md:KeyDescriptor>`;

export const endpoint = (service: string, binding: 'HTTP-Redirect' | 'HTTP-POST' | 'SOAP', location: string): string =>
  `<md:${service} Binding="${BINDINGS}${binding}" Location="${location}"/>`;

const SSO = endpoint('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example/sso');

export function role({
  certificates = [PAIR.certificate],
  keys,
  role: more = '',
  services = SSO,
}: WrittenMetadata = {}) {
  const written = keys ?? certificates.map((certificate) => key(certificate)).join('');
  return `<md:IDPSSODescriptor protocolSupportEnumeration="${PROTOCOL}" ${more}>${written}${services}</md:IDPSSODescriptor>`;
}

export function metadata(written: WrittenMetadata = {}): string {
  const { entityId = ENTITY_ID, entity = '', roles = role(written) } = written;
  return `<md:EntityDescriptor xmlns:md="${MD}" entityID="${entityId}" ${entity}>${roles}</md:EntityDescriptor>`;
}

export const aggregate = (entities: readonly string[], more = ''): string =>
  `<md:EntitiesDescriptor xmlns:md="${MD}" ${more}>${entities.join('')}</md:EntitiesDescriptor>`;

/** Signs the root, or what `xpath` names, as its first child: enveloped, by RSA-SHA256 unless other algorithms are given. */
export function signedMetadata(
  xml: string,
  signer: Pair,
  { signature = RSA_SHA256, digest = SHA256, xpath = '/*', id = 'ID' } = {},
): string {
  let count = 0;
  const library = new SignedXml({
    privateKey: signer.key,
    publicCert: signer.certificate,
    signatureAlgorithm: signature,
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  library.addReference({ xpath, transforms: [`${DS}enveloped-signature`, EXCLUSIVE], digestAlgorithm: digest });
  const named = xml.replaceAll(/<md:Ent[^ >]*/g, (start) => `${start} ${id}="_${(count++).toString()}"`);
  library.computeSignature(named, { location: { reference: xpath, action: 'prepend' } });
  return library.getSignedXml();
}

/** A pair with another kind of key, by openssl. */
export function pairOf(...newKey: readonly string[]): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-pair-'));
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const options = ['req', '-x509', '-newkey', ...newKey, '-nodes', '-sha256', '-days', '30', '-subj', '/CN=odd'];
    execFileSync('openssl', [...options, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
    return { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certFile, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
