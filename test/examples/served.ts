import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningIo } from '../../src/cli/running.ts';
import { serve } from '../../src/cli/serve.ts';

export const EXAMPLES = join(import.meta.dirname, '../../examples');

/** An example that runs, with what it said. */
export interface Served {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Audit events so far. */
  events(name: string): readonly Record<string, unknown>[];
  /** Stops it as a signal would, and removes its copy. @returns the exit code */
  stop(): Promise<number>;
}

/** A port that was free a moment ago: it must be written into a file before anything listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Runs `stepgate serve` on a copy of an example.
 *
 * @param change - makes the changes to gateway.yaml that a person would make; each `[what, instead]` must be there
 */
export async function serveExample(
  name: string,
  port: number,
  change: readonly (readonly [string, string])[],
  env: Readonly<Record<string, string>>,
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
  cpSync(join(EXAMPLES, name), folder, { recursive: true });
  const file = join(folder, 'gateway.yaml');
  let text = readFileSync(file, 'utf8');
  for (const [what, instead] of change) {
    assert.ok(text.includes(what), `${name} has no ${what}`);
    text = text.replace(what, instead);
  }
  writeFileSync(file, text);

  const secrets: Readonly<Record<string, string>> = { STEPGATE_SECRET: randomBytes(32).toString('base64'), ...env };
  const stopping = Promise.withResolvers<string>();
  const listening = Promise.withResolvers<void>();
  let out = '';
  let err = '';
  const io: RunningIo = {
    out: (lines) => {
      out += lines;
    },
    err: (line) => {
      err += line;
      if (err.includes('listening on')) listening.resolve();
    },
    env: (variable) => secrets[variable],
    readFile: (path) => readFileSync(path),
    cwd: folder,
    stopped: () => stopping.promise,
    onHangup: () => {},
  };
  const ended = serve(['--config', file], io);
  await Promise.race([listening.promise, ended.then((code) => assert.fail(`ended with ${code}: ${err}`))]);
  return {
    address: `127.0.0.1:${port}`,
    events: (event) =>
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Record<string, unknown> => JSON.parse(line))
        .filter((line) => line.event === event),
    async stop() {
      stopping.resolve('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true });
      return code;
    },
  };
}
