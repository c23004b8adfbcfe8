import { isDeepStrictEqual } from 'node:util';
import type { World } from '../config/world.ts';

/**
 * What is read once, when the gateway starts, by its key in gateway.yaml. Everything else of a world belongs to it and
 * changes with it.
 */
const READ_ONCE: Readonly<Record<string, (world: World) => unknown>> = {
  'listen.host': ({ listen }) => listen.host,
  'listen.port': ({ listen }) => listen.port,
  ledger: ({ ledger }) => ledger,
  'cookie.prefix': ({ cookiePrefix }) => cookiePrefix,
};

/** The keys of gateway.yaml by which two worlds differ and that only a restart can change. */
export function keysThatNeedRestart(before: World, after: World): readonly string[] {
  return Object.entries(READ_ONCE)
    .filter(([, read]) => !isDeepStrictEqual(read(before), read(after)))
    .map(([key]) => key);
}
