import { randomBytes } from 'node:crypto';
import type { After } from '../live/follow.ts';
import type { Clock, Random } from '../ports.ts';

/** The real clock, in whole seconds: what commands hand to everything else, which only knows arguments. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) };

/** The system's unpredictable bytes, as text. */
export const systemRandom: Random = (bytes) => randomBytes(bytes).toString('base64url');

/** The real timer. The process does not wait for it. */
export const systemAfter: After = (run, milliseconds) => {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};
