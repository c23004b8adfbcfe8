/** Loads one configuration and says what that took. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadWorld } from '../src/config/load.ts';
import { policyFiles, type Size } from './policy-files.ts';

export interface LoadReport {
  readonly milliseconds: number;
  /** Milliseconds of processor time, the collector's threads included. */
  readonly cpu: number;
  /** Bytes that the world keeps. */
  readonly heap: number;
  /** Bytes of the process at its largest. */
  readonly rss: number;
  /** The same before anything is loaded: node, and the modules that load. */
  readonly rssBefore: number;
}

const input = policyFiles(JSON.parse(process.argv[2] ?? '') as Size);
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const collect = (): number => {
  gc();
  return process.memoryUsage().heapUsed;
};
const before = collect();
const rssBefore = process.memoryUsage().rss;
const cpuBefore = process.cpuUsage();
const began = performance.now();
const result = loadWorld(input);
const milliseconds = performance.now() - began;
const { user, system } = process.cpuUsage(cpuBefore);
if (!result.ok) throw new Error(JSON.stringify(result.problems.slice(0, 3)));
const rss = process.resourceUsage().maxRSS * 1024;
const cpu = (user + system) / 1000;
const report: LoadReport = { milliseconds, cpu, heap: collect() - before, rss, rssBefore };
process.send?.(report);
