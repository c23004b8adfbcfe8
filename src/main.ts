#!/usr/bin/env node
import { check } from './cli/check.ts';
import { EXIT } from './cli/command.ts';
import { demo } from './cli/demo.ts';
import { explain } from './cli/explain.ts';
import { revoke } from './cli/revoke.ts';
import type { RunningCommand, RunningIo } from './cli/running.ts';
import { schema } from './cli/schema.ts';
import { serve } from './cli/serve.ts';
import { test } from './cli/test.ts';
import { readStart } from './config/text-file.ts';

/** Every command, and the line that `stepgate --help` says of it. */
const COMMANDS: Readonly<Record<string, { readonly run: RunningCommand; readonly says: string }>> = {
  serve: { run: serve, says: 'run the gateway' },
  check: { run: check, says: 'say everything that is wrong with the configuration, with file, line and column' },
  explain: { run: explain, says: 'say how a request would be decided, and why' },
  schema: { run: schema, says: 'print the JSON Schema of a file, for editors' },
  test: { run: test, says: 'run the tests of the policies, and explain those that fail' },
  revoke: { run: revoke, says: 'sign people out everywhere' },
  demo: { run: demo, says: 'run the gateway with an identity provider, people and a legacy app, all on this machine' },
};

const io: RunningIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: (name) => process.env[name],
  readFile: readStart,
  cwd: process.cwd(),
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    }),
  onHangup: (run) => process.on('SIGHUP', run),
};

process.exitCode = await run(process.argv.slice(2));

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const lines = Object.entries(COMMANDS).map(([command, { says }]) => `  stepgate ${command.padEnd(8)} ${says}`);
    io.out(
      `Stepgate: a step-up authentication gateway.\n\n${lines.join('\n')}\n\nstepgate COMMAND --help says more.\n`,
    );
    return name === undefined ? EXIT.usage : EXIT.fine;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    io.err(`stepgate: there is no command "${name}". Commands: ${Object.keys(COMMANDS).join(', ')}.\n`);
    return EXIT.usage;
  }
  return command.run(args, io);
}
