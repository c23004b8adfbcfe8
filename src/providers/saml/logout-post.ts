import { SignedXml } from 'xml-crypto';
import type { KeyPair } from '../../config/world.ts';
import { ENVELOPED, EXCLUSIVE, RSA_SHA256, SHA256 } from '../../saml/algorithms.ts';
import { asSigned, checkSignatures, signatureOf } from '../../saml/signature.ts';
import { fitsWell, LONGEST_LOGOUT, type Signed } from './logout-signed.ts';
import { decodeField } from './response.ts';

/**
 * Reads a message that was posted (Bindings 3.5), with a signature of its own about the whole of it.
 *
 * @param body - of the form
 * @param certificates - PEM
 * @returns the check that failed, where it is no good
 */
export function readSignedForm(body: string, certificates: readonly string[]): Signed | string {
  const form = new URLSearchParams(body);
  const names = [...form.keys()].filter((name) => name !== 'RelayState');
  const [type] = names;
  if (names.length !== 1 || (type !== 'SAMLRequest' && type !== 'SAMLResponse')) return 'parameters';
  const relayStates = form.getAll('RelayState');
  if (relayStates.length > 1) return 'parameters';
  const field = form.get(type) ?? '';
  if (field.length > 2 * LONGEST_LOGOUT) return 'size';
  const document = decodeField(field);
  if (typeof document === 'string') return document;
  if (!fitsWell(document.root)) return 'XML';
  if (signatureOf(document.root) === null) return 'the message is not signed';
  const wrong = checkSignatures(document.root);
  if (wrong !== null) return wrong;
  const root = asSigned(document.xml, document.root, certificates);
  return root === null ? 'signature' : { type, root, relayState: relayStates[0] ?? null };
}

/** The fields of a form that carries a message, signed by RSA with SHA-256 behind its Issuer (Core 5.4). */
export function signedForm(
  type: Signed['type'],
  xml: string,
  relayState: string | null,
  { key, certificate }: KeyPair,
): Readonly<Record<string, string>> {
  const signature = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  signature.addReference({ xpath: '/*', transforms: [ENVELOPED, EXCLUSIVE], digestAlgorithm: SHA256 });
  signature.computeSignature(xml, { location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } });
  const message = { [type]: Buffer.from(signature.getSignedXml()).toString('base64') };
  return relayState === null ? message : { ...message, RelayState: relayState };
}
