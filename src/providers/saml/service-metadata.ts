import type { KeyPair, KeyPairs, SamlProviderConfig } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import type { ServicePlaces } from '../../ports.ts';
import { CIPHERS, RSA_OAEP } from '../../saml/algorithms.ts';
import { BINDING, NS } from '../../saml/names.ts';

/** How long what we say of ourselves may be kept: well under the time for which a key that follows should be shown. */
const VALID_FOR: Seconds = 7 * 86_400;

/**
 * Our metadata (Metadata 2.4.4) as one provider needs them. No secret is in them, and no signature: whoever fetches them by
 * https knows whose they are.
 *
 * @param places - where we are on each origin of the apps that name the provider; the first one is the default
 */
export function serviceMetadata(config: SamlProviderConfig, places: readonly ServicePlaces[], now: Seconds): string {
  const { sign, decrypt, nameIdFormat } = config;
  const ciphers = ciphersOf(config);
  // In the order that the schema wants (Metadata 2.4.2, 2.4.4).
  const parts = [
    ...pairsOf(sign).map((pair) => keyDescriptor('signing', pair, [])),
    ...pairsOf(decrypt).map((pair) => keyDescriptor('encryption', pair, ciphers)),
    ...places.flatMap(({ slo }) =>
      [BINDING.redirect, BINDING.post].map((binding) =>
        empty('SingleLogoutService', { Binding: binding, Location: slo }),
      ),
    ),
    ...(nameIdFormat === null ? [] : [`<md:NameIDFormat>${escaped(nameIdFormat)}</md:NameIDFormat>`]),
    ...places.map(({ acs }, index) =>
      empty('AssertionConsumerService', {
        Binding: BINDING.post,
        Location: acs,
        index: String(index),
        isDefault: String(index === 0),
      }),
    ),
  ];
  const about = {
    AuthnRequestsSigned: String(sign !== null),
    WantAssertionsSigned: String(config.signed !== 'response'),
    protocolSupportEnumeration: NS.protocol,
  };
  const until = new Date((now + VALID_FOR) * 1000).toISOString();
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.signature}"${attributes({ entityID: config.entityId, validUntil: until })}>
<md:SPSSODescriptor${attributes(about)}>
${parts.join('\n')}
</md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

/** The key in use comes first: it is the one that many take. */
const pairsOf = (pairs: KeyPairs | null): readonly KeyPair[] =>
  pairs === null ? [] : [pairs.current, ...(pairs.next === null ? [] : [pairs.next])];

/** How assertions may be encrypted for us, the strongest first (Metadata 2.4.1.1). */
const ciphersOf = ({ allowLegacyEncryptionCbc }: SamlProviderConfig): readonly string[] => {
  const taken = [...CIPHERS].filter(([, { authenticates }]) => authenticates || allowLegacyEncryptionCbc);
  const strongestFirst = taken.toSorted(
    ([, a], [, b]) => Number(b.authenticates) - Number(a.authenticates) || b.keyBytes - a.keyBytes,
  );
  return [...strongestFirst.map(([uri]) => uri), RSA_OAEP];
};

const keyDescriptor = (use: 'signing' | 'encryption', { certificate }: KeyPair, ciphers: readonly string[]): string => {
  const base64 = certificate.replace(/-----[^-]+-----|\s/g, '');
  const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  const methods = ciphers.map((uri) => empty('EncryptionMethod', { Algorithm: uri }));
  return `<md:KeyDescriptor use="${use}">${info}${methods.join('')}</md:KeyDescriptor>`;
};

const empty = (name: string, of: Readonly<Record<string, string>>): string => `<md:${name}${attributes(of)}/>`;

const attributes = (of: Readonly<Record<string, string>>): string =>
  Object.entries(of)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
