/** The process of one contender: starts it, and tells on request how much processor time it has used. */

import type { Start } from './contenders.ts';

export interface ServeReport {
  /** Microseconds, user and system. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
}

const [module = '', upstream = ''] = process.argv.slice(2);
const { start } = (await import(new URL(module, import.meta.url).href)) as { readonly start: Start };
process.send?.(await start(new URL(upstream)));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const report: ServeReport = { cpu: user + system, rss: process.memoryUsage.rss() };
  process.send?.(report);
});
process.on('disconnect', () => process.exit());
