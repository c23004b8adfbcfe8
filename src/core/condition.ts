import type { Facts } from './facts.ts';

/**
 * What a condition comes to. `failed`: it could not be told (a missing claim, a number that is none). `person`: it cannot
 * be told before somebody is signed in.
 */
export type Outcome = boolean | 'failed' | 'person';

/** What a condition looks at, those conditions that it names included. */
export interface Reads {
  /** Dotted names, such as `client.ip`, `user.groups`, `network.office`. */
  readonly names: ReadonlySet<string>;
  /** Groups that it asks for by name; null where it asks for them in any other way too. */
  readonly groups: readonly string[] | null;
  /** Claims that it asks for. */
  readonly claims: readonly string[];
}

/** A compiled condition. */
export interface Condition {
  /** As it was written. */
  readonly text: string;
  readonly reads: Reads;
  /** Never throws: whatever goes wrong is `failed`. */
  test(facts: Facts): Outcome;
}
