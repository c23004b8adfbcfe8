import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../ports.ts';
import type { IdpMetadata } from '../../saml/metadata.ts';

/**
 * What is worth knowing of a provider's keys. A key is believed because the metadata list it (SAML V2.0 Metadata
 * Interoperability Profile 2.6.1), not because of dates in the certificate around it: that one is over is a note.
 */
export function certificateNotes(idp: IdpMetadata, clock: Clock): readonly string[] {
  const isOver = (pem: string): boolean => Date.parse(new X509Certificate(pem).validTo) / 1000 <= clock.now();
  const over = idp.signingCertificates.filter(isOver).length;
  return [
    ...(over > 0 ? [`expired=${over}: believed all the same, since the metadata list it`] : []),
    ...(idp.unusedKeys > 0 ? [`unused=${idp.unusedKeys}: no RSA keys of 2048 bits or more`] : []),
  ];
}
