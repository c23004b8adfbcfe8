import { BINDING, NS } from '../../saml/names.ts';
import { html } from '../html.ts';
import { type Answerer, PERSISTENT } from './response.ts';

/** Where the provider serves what. */
export const PATHS = { metadata: '/metadata', sso: '/sso', slo: '/slo', signOut: '/sign-out' } as const;

/** The provider's metadata (Metadata 2.4.3): what a service has to know of it. */
export function idpMetadata({ origin, entityId, pair }: Answerer): string {
  const base64 = pair.certificate.replace(/-----[^-]+-----|\s/g, '');
  return html`<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.signature}" entityID="${entityId}">
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${NS.protocol}">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleLogoutService Binding="${BINDING.redirect}" Location="${origin}${PATHS.slo}"/>
<md:NameIDFormat>${PERSISTENT}</md:NameIDFormat>
<md:SingleSignOnService Binding="${BINDING.redirect}" Location="${origin}${PATHS.sso}"/>
<md:SingleSignOnService Binding="${BINDING.post}" Location="${origin}${PATHS.sso}"/>
</md:IDPSSODescriptor>
</md:EntityDescriptor>
`.markup;
}
