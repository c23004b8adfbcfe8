import { isDeepStrictEqual } from 'node:util';
import type { OidcProviderConfig } from '../config/world.ts';
import { type ConnectionFacts, connectionFacts } from './believed-alike.ts';
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
