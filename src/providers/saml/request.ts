import { SAML } from '@node-saml/node-saml';
import type { SamlProviderConfig } from '../../config/world.ts';
import type { Ask, Random, Sent } from '../../ports.ts';
import type { IdpMetadata } from '../../saml/metadata.ts';
import { acrValues } from '../ask.ts';

/** The ID of a message of ours, an NCName: nobody guesses one (Core 1.3.4 asks for 128 bits at least). */
export const messageId = (random: Random): string => `_${random(20)}`;

/**
 * Makes an authentication request (Core 3.4.1). One instance of the library for each: what it asks for are options of
 * its constructor, and two requests must not share them.
 *
 * @param id - of the request: 128 random bits, an NCName
 */
export async function authnRequest(
  config: SamlProviderConfig,
  idp: IdpMetadata,
  ask: Ask,
  id: string,
): Promise<Sent | null> {
  const classes = acrValues(config.evidence, ask.demand);
  const endpoint = idp.singleSignOn.redirect ?? idp.singleSignOn.post;
  if (endpoint === null) return null;
  const posts = idp.singleSignOn.redirect === null;
  const saml = new SAML({
    issuer: config.entityId,
    callbackUrl: ask.redirectUri,
    // The library wants to know whom it would believe. It is not asked.
    idpCert: [...idp.signingCertificates],
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    ...(config.sign === null ? {} : { privateKey: config.sign.current.key }),
    entryPoint: endpoint,
    generateUniqueId: () => id,
    forceAuthn: ask.force,
    // Asking for a new authentication without saying which may lower the provider's session.
    disableRequestedAuthnContext: classes.length === 0,
    authnContext: [...classes],
    // Where more is welcome, more than what is listed may be; a demand for just this level wants just these.
    racComparison: ask.demand.comparison === 'minimum' ? config.comparison : 'exact',
    identifierFormat: config.nameIdFormat,
    ...(posts ? { skipRequestCompression: true, authnRequestBinding: 'HTTP-POST' } : {}),
  });
  if (!posts) return { url: await saml.getAuthorizeUrlAsync(ask.state, undefined, {}), form: null };
  const message = await saml.getAuthorizeMessageAsync(ask.state);
  const fields = Object.entries(message).map(([name, value]) => [name, String(value)]);
  return { url: endpoint, form: Object.fromEntries(fields) };
}
