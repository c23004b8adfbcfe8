import type { LoadResult } from '../config/load.ts';
import type { Log } from '../observe/log.ts';
import type { Reload } from './reload.ts';
import { type ReadFile, type Sources, sameSources, sourcesNow } from './sources.ts';
import type { Watching } from './watch.ts';

/** Runs something later, once; returns how to call it off. */
export type After = (run: () => void, milliseconds: number) => () => void;

/** A configuration as it was read. */
export interface Reading {
  readonly loaded: LoadResult;
  readonly sources: Sources;
}

export interface FollowOptions {
  /** Reads the whole configuration. */
  readonly read: () => Reading;
  readonly readFile: ReadFile;
  /** What the running configuration was read from. */
  readonly sources: Sources;
  readonly reload: Reload;
  readonly watch: (changed: () => void) => Watching;
  readonly after: After;
  readonly log: Log;
}

/** Keeps a gateway's configuration the one that its files hold. */
export interface Following {
  /** Reads the files now, and does not wait for them to settle: the operator says that they are complete. */
  readNow(): Promise<void>;
  close(): void;
}

/**
 * Milliseconds in which files must not have changed before they are read: writers take their time, and of a file that is
 * written halfway the first half may well be valid, and allow more.
 */
export const SETTLE_MS = 250;
/** Milliseconds between two looks at files of which no change was noticed. */
export const POLL_MS = 10_000;

/** Follows the files: what changed in content is loaded once it has settled, and nothing else is. */
export function followFiles(options: FollowOptions): Following {
  const { read, readFile, reload, after, log } = options;
  /** What was last tried to load. What was refused is not tried again by itself until it changes. */
  let known = options.sources;
  let taken = true;
  /** A change that was seen, and may be going on. */
  let seen: Sources | null = null;
  let closed = false;
  let cancel = () => {};
  let soon = false;

  function lookIn(milliseconds: number): void {
    cancel();
    if (closed) return;
    soon = milliseconds <= SETTLE_MS;
    cancel = after(() => void look(), milliseconds);
  }

  async function look(): Promise<void> {
    const now = sourcesNow(known, readFile);
    if (sameSources(now, known)) {
      seen = null;
      watching.follow(known.keys());
      lookIn(POLL_MS);
    } else if (seen !== null && sameSources(now, seen)) {
      await load();
    } else {
      seen = now;
      lookIn(SETTLE_MS);
    }
  }

  async function load(): Promise<void> {
    seen = null;
    lookIn(POLL_MS);
    try {
      const { loaded, sources } = read();
      // Files may be swapped between the reading of one and of the next.
      if (!sameSources(sourcesNow(sources, readFile), sources)) {
        lookIn(SETTLE_MS);
        return;
      }
      known = sources;
      watching.follow(known.keys());
      taken = await reload(loaded);
    } catch (error) {
      log.error('reload_failed', { error });
    }
  }

  const watching = options.watch(() => {
    if (!soon) lookIn(SETTLE_MS);
  });
  watching.follow(known.keys());
  // Something may have changed since they were read.
  lookIn(SETTLE_MS);
  return {
    async readNow() {
      if (closed) return;
      if (taken && sameSources(sourcesNow(known, readFile), known)) log.info('reload_unchanged');
      else await load();
    },
    close() {
      closed = true;
      cancel();
      watching.close();
    },
  };
}
