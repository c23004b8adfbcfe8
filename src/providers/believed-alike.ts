import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { OidcProviderConfig, ProviderConfig, SamlProviderConfig } from '../config/world.ts';

/** Everything but what an answer is worth and what is asked for, which each world brings anew. */
export type ConnectionFacts = Omit<
  OidcProviderConfig,
  'evidence' | 'ask' | 'scopes' | 'claims' | 'claimsKept' | 'sought' | 'keepsGroup' | 'namesGroup'
>;

/** By exclusion: what is not known to be without influence makes another connection. */
export function connectionFacts(config: OidcProviderConfig): ConnectionFacts {
  const {
    evidence: _evidence,
    ask: _ask,
    scopes: _scopes,
    claims: _claims,
    claimsKept: _claimsKept,
    sought: _sought,
    keepsGroup: _keepsGroup,
    namesGroup: _namesGroup,
    ...facts
  } = config;
  return facts;
}

/** Whether an answer that was verified under one configuration would be read the same under the other. */
export function believedAlike(a: ProviderConfig, b: ProviderConfig): boolean {
  if (a.type === 'saml' || b.type === 'saml') return isDeepStrictEqual(samlFacts(a), samlFacts(b));
  return (
    isDeepStrictEqual(connectionFacts(a), connectionFacts(b)) &&
    isDeepStrictEqual([a.claims, a.sought], [b.claims, b.sought])
  );
}

/** Everything but what an answer is worth, and which groups are kept: functions, and new ones in each world. */
function samlFacts(config: ProviderConfig) {
  const { evidence: _evidence, keepsGroup: _keepsGroup, namesGroup: _namesGroup, ...facts } = config;
  return facts;
}

const words = new WeakMap<SamlProviderConfig, string>();

/**
 * What {@link believedAlike} compares of a SAML provider, in one word: for an answer that is verified by one process, under
 * one configuration, and taken by another.
 */
export function believedBy(config: SamlProviderConfig): string {
  const known = words.get(config);
  if (known !== undefined) return known;
  const word = createHash('sha256')
    .update(JSON.stringify(samlFacts(config)))
    .digest('base64url');
  words.set(config, word);
  return word;
}
