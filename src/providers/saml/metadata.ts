import { X509Certificate } from 'node:crypto';
import type { Seconds } from '../../core/time.ts';
import { BINDING, NS } from '../../saml/names.ts';
import { attribute, childrenOf, type Element, readInstant, readXml, textOf } from '../../saml/xml.ts';

/** Where one service of a provider is reached, by binding. */
export interface Endpoints {
  readonly redirect: string | null;
  readonly post: string | null;
}

/** What of a provider's metadata (Metadata 2.4.3) the gateway relies on. */
export interface IdpMetadata {
  readonly entityId: string;
  /** PEM. Several while a key is being replaced: each of them is believed. */
  readonly signingCertificates: readonly string[];
  readonly singleSignOn: Endpoints;
  readonly singleLogout: Endpoints;
  readonly nameIdFormats: readonly string[];
  /** After this it is believed no more; null = for ever. */
  readonly validUntil: Seconds | null;
  /** How long it may be kept before it is asked for again; null = not said. */
  readonly cacheDuration: Seconds | null;
}

/** Reads the metadata of one provider. A sentence about what is wrong with it otherwise. */
export function readMetadata(text: string): IdpMetadata | { readonly problem: string } {
  const root = readXml(text.replace(/^\uFEFF/, ''));
  if (root === null) return { problem: 'it is not XML that can be read safely' };
  if (root.namespaceURI !== NS.metadata || root.localName !== 'EntityDescriptor') {
    return { problem: 'it is not one EntityDescriptor' };
  }
  const entityId = attribute(root, 'entityID');
  if (!entityId) return { problem: 'it has no entityID' };
  const roles = childrenOf(root, NS.metadata, 'IDPSSODescriptor');
  const role = roles[0];
  if (role === undefined || roles.length > 1) return { problem: 'it does not describe one identity provider' };
  const signingCertificates = certificatesOf(role);
  if (signingCertificates.length === 0) return { problem: 'it has no signing certificate that can be read' };
  const singleSignOn = endpointsOf(role, 'SingleSignOnService');
  if (singleSignOn.redirect === null && singleSignOn.post === null) {
    return { problem: 'it has no SingleSignOnService by HTTP-Redirect or HTTP-POST' };
  }
  const limits = [root, role].flatMap((element) => attribute(element, 'validUntil') ?? []).map(readInstant);
  if (limits.includes(null)) return { problem: 'its validUntil is not a moment' };
  return {
    entityId,
    signingCertificates,
    singleSignOn,
    singleLogout: endpointsOf(role, 'SingleLogoutService'),
    nameIdFormats: childrenOf(role, NS.metadata, 'NameIDFormat').flatMap((format) => textOf(format) ?? []),
    validUntil: limits.length === 0 ? null : Math.min(...limits.filter((limit) => limit !== null)),
    cacheDuration: null,
  };
}

/** Certificates of keys that sign: `use="signing"`, or no use at all (Metadata 2.4.1.1). */
function certificatesOf(role: Element): readonly string[] {
  return childrenOf(role, NS.metadata, 'KeyDescriptor')
    .filter((key) => (attribute(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => Array.from(key.getElementsByTagNameNS(NS.signature, 'X509Certificate')))
    .flatMap((certificate) => {
      const base64 = (textOf(certificate) ?? '').replace(/\s/g, '');
      try {
        return [new X509Certificate(Buffer.from(base64, 'base64')).toString()];
      } catch {
        return [];
      }
    });
}

function endpointsOf(role: Element, service: string): Endpoints {
  const of = (binding: string): string | null => {
    const [first] = childrenOf(role, NS.metadata, service).filter((one) => attribute(one, 'Binding') === binding);
    const location = first === undefined ? null : URL.parse(attribute(first, 'Location') ?? '');
    return location !== null && /^https?:$/.test(location.protocol) ? location.href : null;
  };
  return { redirect: of(BINDING.redirect), post: of(BINDING.post) };
}
