/**
 * `npm run bench [-- --seconds 3 --rounds 5 --connections 64]`: what forwarding costs, as ratios within one run. Rounds of
 * all contenders are interleaved and medians are taken, since absolute numbers drift from minute to minute. Nothing is
 * asserted: the numbers depend on the machine.
 */

import type { ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { CONTENDERS, type Contender, REQUEST, type Started } from './contenders.ts';
import type { LoadOrder, LoadReport } from './load.ts';
import { asked, heard, start } from './processes.ts';
import type { ServeReport } from './serve.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    warmup: { type: 'string', default: '20000' },
  },
});

interface Runner extends Contender {
  readonly child: ChildProcess | null;
  readonly started: Started;
  readonly rounds: Round[];
}

interface Round {
  readonly perSecond: number;
  /** Microseconds of processor time for each request. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly rss: number;
}

const upstream = start('./upstream.ts', [], 1);
const { port } = await heard<Started>(upstream);
const load = start('./load.ts', [], 1);

const runners: Runner[] = [];
for (const contender of CONTENDERS) {
  const child =
    contender.module === null ? null : start('./serve.ts', [contender.module, `http://127.0.0.1:${port}`], 0);
  const started = child === null ? { port } : await heard<Started>(child);
  runners.push({ ...contender, child, started, rounds: [] });
}

const order = (runner: Runner, limits: Pick<LoadOrder, 'milliseconds' | 'requests'>): LoadOrder => ({
  port: runner.started.port,
  request: runner.started.request ?? REQUEST,
  connections: Number(values.connections),
  ...limits,
});

async function round(runner: Runner): Promise<Round> {
  const before = runner.child === null ? null : await asked<ServeReport>(runner.child, {});
  const milliseconds = Number(values.seconds) * 1000;
  const report = await asked<LoadReport>(load, order(runner, { milliseconds, requests: Number.MAX_SAFE_INTEGER }));
  const after = runner.child === null ? null : await asked<ServeReport>(runner.child, {});
  return {
    perSecond: (report.requests / report.milliseconds) * 1000,
    cpu: ((after?.cpu ?? 0) - (before?.cpu ?? 0)) / report.requests,
    p50: report.p50,
    p99: report.p99,
    rss: after?.rss ?? 0,
  };
}

// A process is hot after some 20,000 requests; a cold one costs twice as much.
for (const runner of runners) {
  await asked<LoadReport>(load, order(runner, { milliseconds: 60_000, requests: Number(values.warmup) }));
}
for (let index = 0; index < Number(values.rounds); index += 1) {
  for (const runner of runners) runner.rounds.push(await round(runner));
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const medianOf = (runner: Runner, key: keyof Round): number => median(runner.rounds.map((entry) => entry[key]));
const reference = runners.find((runner) => runner.child !== null);

console.table(
  Object.fromEntries(
    runners.map((runner) => [
      runner.name,
      {
        'req/s': Math.round(medianOf(runner, 'perSecond')),
        'CPU µs/req': Math.round(medianOf(runner, 'cpu')),
        'p50 µs': medianOf(runner, 'p50'),
        'p99 µs': medianOf(runner, 'p99'),
        'RSS MB': Math.round(medianOf(runner, 'rss') / 1e6),
        ...(reference === undefined || runner.child === null
          ? {}
          : {
              '× req/s': (medianOf(runner, 'perSecond') / medianOf(reference, 'perSecond')).toFixed(2),
              '× CPU': (medianOf(runner, 'cpu') / medianOf(reference, 'cpu')).toFixed(2),
            }),
      },
    ]),
  ),
);
console.log(`× = against ${reference?.name}; medians of ${values.rounds} interleaved rounds of ${values.seconds} s`);

for (const child of [load, upstream, ...runners.map((runner) => runner.child)]) child?.disconnect();
