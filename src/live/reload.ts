import type { LoadResult } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import type { World } from '../config/world.ts';
import type { Log } from '../observe/log.ts';
import type { Current, Replaceable } from './live.ts';
import { keysThatNeedRestart } from './restart.ts';

export interface ReloadOptions {
  readonly live: Replaceable;
  readonly log: Log;
  /** Makes what a world needs, ready to serve, beside what is running. It must not change anything that runs. */
  readonly furnish: (world: World) => Promise<Current>;
  /** Called when requests are judged by the new world already: lets go of what only the old one needed. */
  readonly onReplaced: (before: Current, after: Current) => void;
}

/**
 * Takes a configuration in the place of the running one, whole or not at all, after those that came before it.
 *
 * @returns whether it was taken. If not, everything is as it was, and the log says why. Never rejects
 */
export type Reload = (loaded: LoadResult) => Promise<boolean>;

export function createReload({ live, log, furnish, onReplaced }: ReloadOptions): Reload {
  function refuse(reasons: readonly string[]): false {
    // Each kind once: which lines they are about is in the log.
    live.current.audit.record({ event: 'reload_refused', detail: [...new Set(reasons)].join(' ') });
    return false;
  }

  async function take(loaded: LoadResult): Promise<boolean> {
    if (!loaded.ok) {
      for (const problem of loaded.problems) log.error('reload_refused', factsOf(problem));
      return refuse(loaded.problems.map(({ id }) => id));
    }
    const keys = keysThatNeedRestart(live.current.world, loaded.world);
    if (keys.length > 0) {
      for (const key of keys) log.error('reload_refused', { problem: 'restart-needed', key });
      return refuse(keys.map((key) => `restart-needed:${key}`));
    }
    let after: Current;
    try {
      after = await furnish(loaded.world);
    } catch (error) {
      log.error('reload_refused', { problem: 'internal', error });
      return refuse(['internal']);
    }
    const before = live.current;
    live.current = after;
    after.audit.record({ event: 'reloaded', worldBefore: before.world.hash });
    for (const notice of loaded.notices) log.warn('configuration_notice', factsOf(notice));
    onReplaced(before, after);
    return true;
  }

  let last: Promise<unknown> = Promise.resolve();
  return (loaded) => {
    const taken = last.then(() => take(loaded));
    last = taken;
    return taken;
  };
}

/** What a log line says of a problem. The source line stays out of it: what stands in files is not for logs. */
function factsOf({ file, line, column, id, message, hint }: Problem): Readonly<Record<string, unknown>> {
  return { place: `${file}:${line}:${column}`, problem: id, message, ...(hint === null ? {} : { hint }) };
}
