import type { World } from '../config/world.ts';
import type { Provider } from '../ports.ts';
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
}

/** The one mutable reference. A request reads it once and keeps what it read. */
export interface Live {
  readonly current: Current;
}
