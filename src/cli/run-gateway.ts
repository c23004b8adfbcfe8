import { randomBytes } from 'node:crypto';
import type { LoadResult } from '../config/load.ts';
import type { World } from '../config/world.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { openLedger } from '../ledger/open.ts';
import { followFiles, type Reading } from '../live/follow.ts';
import type { Sources } from '../live/sources.ts';
import { watchFolders } from '../live/watch.ts';
import { createLineWriter } from '../observe/line-writer.ts';
import type { RunningIo } from './running.ts';
import { systemAfter, systemClock, systemRandom } from './system.ts';

/** A gateway that listens. */
export interface Running {
  readonly gateway: Gateway;
  /** Stops it: running requests finish, the log is written out, the ledger is closed. */
  stop(): Promise<void>;
}

/**
 * Opens the ledger, makes the gateway and listens.
 *
 * @param write - takes the lines of its logs
 * @throws LedgerError, or what the system says when it cannot listen; nothing is left open then
 */
export async function runGateway(world: World, write: (lines: string) => void): Promise<Running> {
  const clock = systemClock;
  const ledger = openLedger(world.ledger, { clock, random: systemRandom });
  const lines = createLineWriter(write, setImmediate);
  const gateway = createGateway({ world, ledger, clock, randomBytes, write: lines.write });
  const stop = async (): Promise<void> => {
    await gateway.close();
    lines.flush();
    await ledger.close();
  };
  try {
    await gateway.listen();
  } catch (error) {
    await stop();
    throw error;
  }
  return { gateway, stop };
}

/** Why a server could not start, as a sentence with what to do. */
export function whyNotStarted(error: unknown, what: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') return `${what} is taken by another program: stop that one, or choose another port.`;
  if (code === 'EACCES') return `${what} may not be opened by this user: choose a port above 1023.`;
  if (code === 'EADDRNOTAVAIL') return `${what} is not an address of this machine.`;
  return error instanceof Error ? error.message : 'an unknown error';
}

/**
 * Waits until the process is asked to stop, then stops. Until then the configuration is followed: what changes in its files
 * is taken, or refused, without a restart.
 *
 * @param read - reads the whole configuration again
 * @param sources - what the running one was read from
 * @param onReload - told of every configuration that was loaded, and whether it was taken
 */
export async function untilStopped(
  io: RunningIo,
  { gateway, stop }: Running,
  read: () => Reading,
  sources: Sources,
  onReload: (loaded: LoadResult, taken: boolean) => void = () => {},
): Promise<void> {
  const { log } = gateway;
  const following = followFiles({
    read,
    sources,
    log,
    readFile: io.readFile,
    after: systemAfter,
    watch: (changed) => watchFolders(changed, (code) => log.warn('watch_failed', { code })),
    async reload(loaded) {
      const taken = await gateway.reload(loaded);
      onReload(loaded, taken);
      return taken;
    },
  });
  io.onHangup(() => void following.readNow());
  await io.stopped();
  following.close();
  await stop();
}
