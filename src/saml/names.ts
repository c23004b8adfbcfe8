/** Names of SAML 2.0 that are compared, character by character. */

/** Namespaces (Core 1.2, Metadata 1.2, XML Signature, XML Encryption). */
export const NS = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
} as const;

/** Bindings (Bindings 3.4, 3.5). */
export const BINDING = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;

/** Status codes (Core 3.2.2.2). */
export const STATUS = {
  success: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  responder: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
  noAuthnContext: 'urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext',
  authnFailed: 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed',
  requestDenied: 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied',
} as const;

/** How the subject of an assertion is confirmed (Profiles 3.3). */
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What an issuer is, where it says what it is (Core 8.3.6). */
export const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';

/** What a name is that does not say what it is (Core 2.2.2, 8.3.1). */
export const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** A name that is another one in each session (Core 8.3.8). */
export const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
