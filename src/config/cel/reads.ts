import type { Reads } from '../../core/condition.ts';

/** What a condition looks at by itself, and the conditions that it names. */
export interface OwnReads {
  readonly names: Set<string>;
  readonly groups: Set<string>;
  /** Whether it asks for groups otherwise than by name. */
  allGroups: boolean;
  readonly claims: Set<string>;
  readonly uses: Set<OwnReads>;
}

export const noReads = (): OwnReads => ({
  names: new Set(),
  groups: new Set(),
  allGroups: false,
  claims: new Set(),
  uses: new Set(),
});

/** All that a condition looks at. Put together when somebody asks: ten thousand conditions may name the same hundred. */
export function readsOf(own: OwnReads): Reads {
  return {
    get names() {
      return new Set(all(own).flatMap(({ names }) => [...names]));
    },
    get groups() {
      const every = all(own);
      if (every.some(({ allGroups }) => allGroups)) return null;
      return [...new Set(every.flatMap(({ groups }) => [...groups]))];
    },
    get claims() {
      return [...new Set(all(own).flatMap(({ claims }) => [...claims]))];
    },
  };
}

function all(own: OwnReads): readonly OwnReads[] {
  const found = new Set([own]);
  // A set goes on with what is added to it on the way.
  for (const reads of found) for (const used of reads.uses) found.add(used);
  return [...found];
}
