import { SAML } from '@node-saml/node-saml';
import type { SamlProviderConfig } from '../../config/world.ts';
import type { IdpMetadata } from './metadata.ts';
import { commonOptions } from './request.ts';
import { type Element, readXml } from './xml.ts';

/**
 * The signed assertion of a response, as the library has verified it: read anew from the very bytes that are signed.
 *
 * @throws what the library throws, where nothing is signed as the configuration wants it
 */
export async function signedAssertion(
  config: SamlProviderConfig,
  idp: IdpMetadata,
  field: string,
  acs: string,
): Promise<Element | null> {
  for (const key of config.decrypt === null ? [null] : [config.decrypt.current, config.decrypt.next]) {
    const saml = new SAML({
      ...commonOptions(config, idp, acs),
      ...(key === null ? {} : { decryptionPvk: key.key }),
    });
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: field });
    const xml = profile?.getAssertionXml?.();
    return typeof xml === 'string' ? readXml(xml) : null;
  }
  return null;
}
