/** Child processes that answer each message with one. */

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whether processes can be kept on a processor of their own; then the contender has one to itself. */
const pinned = spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

/**
 * Starts a module of this folder.
 *
 * @param processor - the one it should run on
 */
export function start(module: string, args: readonly string[], processor: 0 | 1): ChildProcess {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [...args]);
  if (pinned && child.pid !== undefined) spawnSync('taskset', ['-apc', String(processor), String(child.pid)]);
  child.once('exit', (code) => {
    if (code !== null && code !== 0) process.exitCode = 1;
  });
  return child;
}

/** The next message of a child. */
export function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(message as T);
    };
    const onExit = (): void => {
      child.off('message', onMessage);
      reject(new Error(`${child.spawnargs[1]} ended early`));
    };
    child.once('message', onMessage).once('exit', onExit);
  });
}

/** Sends a message and waits for the answer. */
export function asked<T>(child: ChildProcess, message: object): Promise<T> {
  const answer = heard<T>(child);
  child.send(message);
  return answer;
}
