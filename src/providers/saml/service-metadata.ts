import type { KeyPairs, SamlProviderConfig } from '../../config/world.ts';
import { BINDING, NS } from '../../saml/names.ts';

/**
 * Our metadata (Metadata 2.4.4) as one provider needs them: an assertion consumer service for each origin.
 *
 * @param origins - of the apps that name the provider, the first one is the default
 */
export function serviceMetadata(config: SamlProviderConfig, origins: readonly string[]): string {
  const services = origins.map(
    (origin, index) =>
      `<md:AssertionConsumerService Binding="${BINDING.post}" Location="${xmlText(`${origin}/.stepgate/saml/${config.name}/acs`)}" index="${index}"${index === 0 ? ' isDefault="true"' : ''}/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${NS.metadata}" entityID="${xmlText(config.entityId)}"><md:SPSSODescriptor AuthnRequestsSigned="${config.sign !== null}" WantAssertionsSigned="${config.signed !== 'response'}" protocolSupportEnumeration="${NS.protocol}">${keys(config.sign, 'signing')}${keys(config.decrypt, 'encryption')}${config.nameIdFormat === null ? '' : `<md:NameIDFormat>${xmlText(config.nameIdFormat)}</md:NameIDFormat>`}${services.join('')}</md:SPSSODescriptor></md:EntityDescriptor>
`;
}

const keys = (pairs: KeyPairs | null, use: 'signing' | 'encryption'): string =>
  [pairs?.current, pairs?.next]
    .flatMap((pair) => (pair ? [pair.certificate.replace(/-----[^-]+-----|\s/g, '')] : []))
    .map(
      (base64) =>
        `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="${NS.signature}"><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    )
    .join('');

const xmlText = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
