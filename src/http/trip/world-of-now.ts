import type { App, ProviderConfig } from '../../config/world.ts';
import { believedAlike } from '../../providers/believed-alike.ts';
import type { Flow } from '../../sessions/flow-codec.ts';
import type { Opened } from '../../sessions/session-cookies.ts';
import { findHost } from '../gate.ts';
import type { Return } from './end.ts';

/** A return whose answer is verified, with the session that the browser has. */
export interface Finished extends Return {
  readonly flow: Flow;
  readonly app: App;
  readonly config: ProviderConfig;
  readonly opened: Opened | null;
}

/**
 * A return in the world of now, which may be another than the one in which the provider was asked. Null where that world
 * would not have taken the answer of `asked` as it was taken: then the page itself has to ask again.
 */
export function inWorldOfNow(back: Return, flow: Flow, asked: ProviderConfig): Finished | null {
  const { current } = back.context.live;
  const host = findHost(current, back.arrival);
  const app = current.world.apps.get(flow.app);
  const config = current.world.providers.get(asked.name);
  if ('code' in host || host.origin !== back.host.origin || app?.provider !== asked.name || config === undefined) {
    return null;
  }
  if (current !== back.current && !believedAlike(config, asked)) return null;
  const opened = current.sessions.open(host, config, app.evidence, back.cookies, back.now);
  return { ...back, current, host, flow, app, config, opened };
}
