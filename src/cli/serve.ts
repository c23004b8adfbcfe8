import { parseArgs } from 'node:util';
import type { LoadResult } from '../config/load.ts';
import { loadWorldFromDisk } from '../config/load-from-disk.ts';
import type { World } from '../config/world.ts';
import type { Reading } from '../live/follow.ts';
import { recordingReads } from '../live/sources.ts';
import { printProblems } from './check-output.ts';
import { configFile, EXIT } from './command.ts';
import { type Running, runGateway, untilStopped, whyNotStarted } from './run-gateway.ts';
import type { RunningCommand, RunningIo } from './running.ts';
import { systemClock } from './system.ts';

const USAGE = `Usage: stepgate serve [--config gateway.yaml]

Runs the gateway until it is stopped (SIGTERM, SIGINT): then running requests finish, within ten seconds.
Changes of either file, and of the files with secrets and keys that they name, are taken while it runs; SIGHUP reads
them at once. A configuration with a problem is refused as a whole, and the running one stays.
Logs, audit events included, go to standard output, one JSON object a line.

  --config FILE   else STEPGATE_CONFIG, else ./gateway.yaml

Exit codes: 0 stopped, 1 could not start, 2 used wrongly.
`;

/** `stepgate serve`: the gateway itself. */
export const serve: RunningCommand = async (args, io) => {
  const asked = readArguments(args);
  if (asked === 'help') {
    io.out(USAGE);
    return EXIT.fine;
  }
  if (asked === null) {
    io.err(USAGE);
    return EXIT.usage;
  }
  const file = configFile(asked.config, io);
  const read = (): Reading => {
    const { readFile, sources } = recordingReads(io.readFile);
    return { loaded: loadWorldFromDisk(file, { env: io.env, readFile, now: systemClock.now }), sources };
  };
  const { loaded, sources } = read();
  const world = worldOf(loaded, io);
  if (world === null) return EXIT.problems;
  const running = await start(world, io);
  if (running === null) return EXIT.problems;
  await untilStopped(io, running, read, sources);
  return EXIT.fine;
};

function readArguments(args: readonly string[]): { readonly config: string | undefined } | 'help' | null {
  try {
    const options = { config: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } as const;
    const { values } = parseArgs({ args: [...args], options });
    return values.help ? 'help' : { config: values.config };
  } catch {
    return null;
  }
}

/** The configuration, or null after saying everything that is wrong with it. */
function worldOf(loaded: LoadResult, io: RunningIo): World | null {
  const toErr = { ...io, out: io.err };
  if (!loaded.ok) {
    printProblems([...loaded.problems, ...loaded.notices], toErr);
    io.err('stepgate: not started, since the configuration has problems.\n');
    return null;
  }
  printProblems(loaded.notices, toErr);
  return loaded.world;
}

async function start(world: World, io: RunningIo): Promise<Running | null> {
  const { host, port } = world.listen;
  try {
    const running = await runGateway(world, io.out);
    for (const app of world.apps.values()) io.err(`stepgate: ${app.name} at ${app.origins.join(', ')}${app.mount}\n`);
    io.err(`stepgate: listening on ${host}:${port}\n`);
    return running;
  } catch (error) {
    io.err(`stepgate: not started: ${whyNotStarted(error, `${host}:${port}`)}\n`);
    return null;
  }
}
