import { createSign, createVerify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Which of the two a message is. */
export type MessageField = 'SAMLRequest' | 'SAMLResponse';

/** A message as it came, before anything of it is believed. */
export interface Received {
  readonly xml: string;
  readonly relayState: string | null;
  /** Whether one of the certificates is of who sent it. */
  readonly isSigned: boolean;
}

/** RSA with SHA-256: the only algorithm that is used and believed here. */
const SIG_ALG = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
/** Bytes of a message, at most, once it is inflated. */
export const LARGEST_MESSAGE = 64 * 1024;

/** The address that takes a message to `location`, signed (Bindings 3.4.4.1). */
export function redirectWith(
  location: string,
  field: MessageField,
  xml: string,
  relayState: string | null,
  key: string,
): string {
  const signed = [
    [field, deflateRawSync(xml).toString('base64')] as const,
    ...(relayState === null ? [] : [['RelayState', relayState] as const]),
    ['SigAlg', SIG_ALG] as const,
  ];
  const query = signed.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const signature = createSign('sha256').update(query).sign(key, 'base64');
  return `${location}${location.includes('?') ? '&' : '?'}${query}&Signature=${encodeURIComponent(signature)}`;
}

/**
 * Reads the message in a query; null where there is none that can be read.
 *
 * @param query - as it came, percent-encoded: what is signed is this very text
 */
export function readRedirect(query: string, field: MessageField, certificates: readonly string[]): Received | null {
  const given = new URLSearchParams(query);
  // Of a parameter that is there twice, one might be signed and the other one read.
  if (new Set(given.keys()).size !== given.size) return null;
  try {
    const deflated = Buffer.from(given.get(field) ?? '', 'base64');
    const xml = inflateRawSync(deflated, { maxOutputLength: LARGEST_MESSAGE }).toString('utf8');
    const isSigned = certificates.some((certificate) => isSignedBy(certificate, query, field));
    return { xml, relayState: given.get('RelayState'), isSigned };
  } catch {
    return null;
  }
}

function isSignedBy(certificate: string, query: string, field: MessageField): boolean {
  const pairs = new Map(query.split('&').map((pair) => [pair.split('=')[0] ?? '', pair]));
  const given = new URLSearchParams(query);
  const signature = Buffer.from(given.get('Signature') ?? '', 'base64');
  if (given.get('SigAlg') !== SIG_ALG || signature.length === 0) return false;
  const signed = [field, 'RelayState', 'SigAlg'].flatMap((name) => pairs.get(name) ?? []).join('&');
  return createVerify('sha256').update(signed).verify(certificate, signature);
}
