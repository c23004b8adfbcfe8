import { isDeepStrictEqual } from 'node:util';
import type { OidcProviderConfig } from '../config/world.ts';
import type { Discovery } from './discovery.ts';

/** What is known of OpenID Connect providers, beyond one world: a reload must not ask again what it did not change. */
export interface Discoveries {
  /** What is known of this provider; starts to find out where nothing is. */
  of(config: OidcProviderConfig): Discovery;
  /** Stops looking for providers that are not among these. */
  keepOnly(configs: Iterable<OidcProviderConfig>): void;
  close(): void;
}

interface Entry {
  readonly facts: ConnectionFacts;
  readonly discovery: Discovery;
}

/** Everything but what an answer is worth and what is asked for, which each world brings anew. */
type ConnectionFacts = Omit<
  OidcProviderConfig,
  'evidence' | 'ask' | 'scopes' | 'claims' | 'claimsKept' | 'sought' | 'keepsGroup' | 'namesGroup'
>;

/** @param start - begins to discover a provider, once for each set of facts */
export function createDiscoveries(start: (config: OidcProviderConfig) => Discovery): Discoveries {
  let entries: readonly Entry[] = [];
  const find = (config: OidcProviderConfig): Entry | undefined => {
    const facts = connectionFacts(config);
    return entries.find((entry) => isDeepStrictEqual(entry.facts, facts));
  };
  return {
    of(config) {
      const known = find(config);
      if (known !== undefined) return known.discovery;
      const discovery = start(config);
      entries = [...entries, { facts: connectionFacts(config), discovery }];
      return discovery;
    },
    keepOnly(configs) {
      const kept = new Set([...configs].map(find));
      for (const entry of entries) if (!kept.has(entry)) entry.discovery.close();
      entries = entries.filter((entry) => kept.has(entry));
    },
    close() {
      for (const { discovery } of entries) discovery.close();
      entries = [];
    },
  };
}

/** By exclusion: what is not known to be without influence makes another connection. */
function connectionFacts(config: OidcProviderConfig): ConnectionFacts {
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
export const believedAlike = (a: OidcProviderConfig, b: OidcProviderConfig): boolean =>
  isDeepStrictEqual(connectionFacts(a), connectionFacts(b)) &&
  isDeepStrictEqual([a.claims, a.sought], [b.claims, b.sought]);
