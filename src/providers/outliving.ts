import { isDeepStrictEqual } from 'node:util';

/** What is known of providers, beyond one world: a reload must not ask again what it did not change. */
export interface Outliving<C, T> {
  /** What is known of this provider; starts to find out where nothing is. */
  of(config: C): T;
  /** Stops looking for providers that are not among these. */
  keepOnly(configs: Iterable<C>): void;
  close(): void;
}

/**
 * @param factsOf - what of a configuration decides what is known: those with equal facts share it
 * @param start - begins to find out, once for each set of facts
 */
export function createOutliving<C, T extends { close(): void }>(
  factsOf: (config: C) => unknown,
  start: (config: C) => T,
): Outliving<C, T> {
  interface Entry {
    readonly facts: unknown;
    readonly known: T;
  }
  let entries: readonly Entry[] = [];
  const find = (config: C): Entry | undefined => {
    const facts = factsOf(config);
    return entries.find((entry) => isDeepStrictEqual(entry.facts, facts));
  };
  return {
    of(config) {
      const entry = find(config);
      if (entry !== undefined) return entry.known;
      const known = start(config);
      entries = [...entries, { facts: factsOf(config), known }];
      return known;
    },
    keepOnly(configs) {
      const kept = new Set([...configs].map(find));
      for (const entry of entries) if (!kept.has(entry)) entry.known.close();
      entries = entries.filter((entry) => kept.has(entry));
    },
    close() {
      for (const { known } of entries) known.close();
      entries = [];
    },
  };
}
