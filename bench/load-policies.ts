/** Loads one configuration and says what that took. */

import { loadWorld } from '../src/config/load.ts';
import { policyFiles, type Size } from './policy-files.ts';

export interface LoadReport {
  readonly milliseconds: number;
  /** Bytes that the world keeps. */
  readonly heap: number;
  /** Bytes of the process at its largest. */
  readonly rss: number;
}

const input = policyFiles(JSON.parse(process.argv[2] ?? '') as Size);
const collect = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
const before = collect();
const began = performance.now();
const result = loadWorld(input);
const milliseconds = performance.now() - began;
if (!result.ok) throw new Error(JSON.stringify(result.problems.slice(0, 3)));
const report: LoadReport = { milliseconds, heap: collect() - before, rss: process.resourceUsage().maxRSS * 1024 };
process.send?.(report);
