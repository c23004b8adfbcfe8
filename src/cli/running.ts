import type { CommandIo } from './command.ts';

/** What a command that keeps running needs beside the rest. */
export interface RunningIo extends CommandIo {
  /** Resolves with the signal's name when the process is asked to stop. */
  stopped(): Promise<string>;
  /** Calls `run` whenever the process is asked to read its configuration again (SIGHUP). */
  onHangup(run: () => void): void;
}

/** A command that runs until it is stopped. Exit codes as in `command.ts`. */
export type RunningCommand = (args: readonly string[], io: RunningIo) => Promise<number>;
