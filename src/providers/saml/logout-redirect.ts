import { isUtf8 } from 'node:buffer';
import { sign, verify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isSignatureAlgorithm, RSA_SHA256 } from '../../saml/algorithms.ts';
import { readXml } from '../../saml/xml.ts';
import { fitsWell, LONGEST_LOGOUT, type Signed } from './logout-signed.ts';

/** Every parameter that a signed message has (Bindings 3.4.4.1). What else is there is not signed, and may not be there. */
const PARAMETERS = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature'] as const;
type Parameter = (typeof PARAMETERS)[number];

/**
 * Reads a message that came in a query (Bindings 3.4). The signature is verified first, over the very characters that
 * came: whoever has none of the keys gets nothing inflated and nothing parsed.
 *
 * @param query - without its question mark
 * @param certificates - PEM, of RSA keys
 * @returns the check that failed, where it is no good
 */
export function readSignedQuery(query: string, certificates: readonly string[]): Signed | string {
  const raw = rawParameters(query);
  if (raw === null) return 'parameters';
  const type = raw.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse';
  if (raw.has('SAMLRequest') === raw.has('SAMLResponse')) return 'parameters';
  const [message, relayState, algorithm, signature] = [type, 'RelayState', 'SigAlg', 'Signature'].map((name) =>
    decoded(raw.get(name as Parameter)),
  );
  if (algorithm === null || !signature) return 'the message is not signed';
  if (algorithm === undefined || !isSignatureAlgorithm(algorithm)) return 'algorithm of the signature';
  if (message === undefined || relayState === undefined) return 'parameters';
  const signedPart = [type, 'RelayState', 'SigAlg']
    .flatMap((name) => {
      const value = raw.get(name as Parameter);
      return value === undefined ? [] : [`${name}=${value}`];
    })
    .join('&');
  if (!isSignedBy(certificates, algorithm, signedPart, signature)) return 'signature';
  const xml = inflated(message ?? '');
  if (xml === null) return 'deflate';
  const root = readXml(xml);
  if (root === null || !fitsWell(root)) return 'XML';
  return { type, root, relayState };
}

/** The values as they came, percent-encoded. Null where one is there twice, spelt otherwise, or not one of ours. */
function rawParameters(query: string): ReadonlyMap<Parameter, string> | null {
  const found = new Map<Parameter, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    const name = PARAMETERS.find((one) => one === pair.slice(0, Math.max(0, at)));
    if (name === undefined || found.has(name)) return null;
    found.set(name, pair.slice(at + 1));
  }
  return found;
}

/** A value; null where it is absent, undefined where it cannot be decoded. */
function decoded(value: string | undefined): string | null | undefined {
  if (value === undefined) return null;
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function isSignedBy(certificates: readonly string[], algorithm: string, text: string, base64: string): boolean {
  const signature = bytesOf(base64);
  // The last part of every algorithm that is believed is the name of its hash.
  const hash = algorithm.slice(algorithm.lastIndexOf('-') + 1);
  return signature !== null && certificates.some((key) => verify(hash, Buffer.from(text), key, signature));
}

/** Null for what is not written as it would be written again: that could be read in two ways. */
function bytesOf(base64: string): Buffer | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : null;
}

/** A few bytes can be inflated to a thousand times as many: no more of them are made than are read. */
function inflated(base64: string): string | null {
  try {
    const bytes = inflateRawSync(bytesOf(base64) ?? Buffer.alloc(0), { maxOutputLength: LONGEST_LOGOUT });
    return isUtf8(bytes) ? bytes.toString('utf8').replace(/\r\n?/g, '\n') : null;
  } catch {
    return null;
  }
}

/**
 * A URL that carries a message, signed by RSA with SHA-256 (Bindings 3.4.4.1).
 *
 * @param key - PEM
 */
export function signedUrl(
  endpoint: string,
  { type, xml, relayState, key }: { type: Signed['type']; xml: string; relayState: string | null; key: string },
): string {
  const parts = [
    [type, deflateRawSync(xml).toString('base64')],
    ...(relayState === null ? [] : [['RelayState', relayState]]),
    ['SigAlg', RSA_SHA256],
  ];
  const text = parts.map(([name, value]) => `${name}=${encoded(value ?? '')}`).join('&');
  const signature = sign('sha256', Buffer.from(text), key).toString('base64');
  const url = new URL(endpoint);
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}${text}&Signature=${encoded(signature)}`;
}

/** So that no reader of URLs writes it otherwise: what is signed are these characters. */
const encoded = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
