import type { AssertionKey } from '../config/assertion-key.ts';
import type { World } from '../config/world.ts';
import type { IdentityFacts } from '../core/identity-facts.ts';
import type { Seconds } from '../core/time.ts';
import type { ReportCounts } from '../observe/report-counts.ts';
import type { Audit, Provider } from '../ports.ts';
import type { Flows } from '../sessions/flows.ts';
import type { Sealer } from '../sessions/seal.ts';
import type { SessionCookies } from '../sessions/session-cookies.ts';

/** A world and everything that was made for it. Immutable; dropped as a whole, with its caches, by the next one. */
export interface Current {
  readonly world: World;
  readonly sessions: SessionCookies;
  readonly flows: Flows;
  readonly sealer: Sealer;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Hashes persons under a key of this world's secrets. */
  readonly audit: Audit;
  readonly assertions: Assertions;
  /** What rules and floors of `mode: report` would have changed. */
  readonly reports: ReportCounts;
}

/** Says to upstreams, signed, what the identity headers say. */
export interface Assertions {
  /** Resolves once there is a key. Until then nothing is served. @throws LedgerError where the ledger keeps it and fails */
  ready(): Promise<void>;
  /**
   * A JWT for one app. Synchronous: the hot path asks for it.
   *
   * @param to - name of the app, and the origin of it that the request came to
   * @throws Error before {@link ready}
   */
  sign(facts: IdentityFacts, to: { readonly app: string; readonly origin: string }, now: Seconds): string;
  /** What verifies them: the key in use, and the one to come. Empty before {@link ready}. */
  publicKeys(): readonly AssertionKey['publicJwk'][];
}

/** The one mutable reference. A request reads it once and keeps what it read; what is decided after waiting reads it again. */
export interface Live {
  readonly current: Current;
}

/** The same, to whoever may replace it: one assignment, by a reload. */
export interface Replaceable {
  current: Current;
}
