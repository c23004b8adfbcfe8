import type { World } from '../config/world.ts';
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
}

/** The one mutable reference. A request reads it once and keeps what it read; what is decided after waiting reads it again. */
export interface Live {
  readonly current: Current;
}

/** The same, to whoever may replace it: one assignment, by a reload. */
export interface Replaceable {
  current: Current;
}
