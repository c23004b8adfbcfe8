/** What a command may touch of the world outside. `main.ts` hands in the real one, a test its own. */
export interface CommandIo {
  /** Writes to standard output, as it is. */
  out(text: string): void;
  /** Writes to standard error, as it is. */
  err(text: string): void;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** The file, or its start where it is longer than any that is used. @throws what the file system throws */
  readFile(path: string): Buffer;
  /** The folder that relative paths are relative to. */
  readonly cwd: string;
}

/** Exit codes: the same for every command. */
export const EXIT = { fine: 0, problems: 1, usage: 2 } as const;

/**
 * One command of `stepgate`.
 *
 * @param args - the arguments behind the command's name
 * @returns the exit code, one of {@link EXIT}
 */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;

/** The gateway.yaml in force: `--config`, else `STEPGATE_CONFIG`, else the one in the current folder. */
export const configFile = (option: string | undefined, io: CommandIo): string =>
  option ?? (io.env('STEPGATE_CONFIG') || 'gateway.yaml');
