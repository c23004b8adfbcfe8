/**
 * The load: connections in a closed loop, each with one request under way, for a while. Answers must all be as long as
 * the first, so that counting bytes is enough and the generator stays cheap beside what it measures.
 */

import { connect } from 'node:net';

export interface LoadOrder {
  readonly port: number;
  readonly request: string;
  readonly connections: number;
  /** Stop after that many milliseconds, or after that many requests, whichever comes first. */
  readonly milliseconds: number;
  readonly requests: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly milliseconds: number;
  /** Microseconds from request to whole answer. */
  readonly p50: number;
  readonly p99: number;
}

function drive(order: LoadOrder): Promise<LoadReport> {
  const request = Buffer.from(order.request, 'latin1');
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + order.milliseconds;
  let started = 0;

  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let length = 0;
      let received = 0;
      let sent = 0;
      const socket = connect(order.port, '127.0.0.1').setNoDelay(true);
      const next = (): void => {
        if (started >= order.requests || performance.now() >= end) {
          socket.destroy();
          resolve();
          return;
        }
        started += 1;
        sent = performance.now();
        socket.write(request);
      };
      socket.once('connect', next).on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        if (length === 0) length = lengthOf(chunk);
        received += chunk.length;
        if (received < length) return;
        if (received > length) throw new Error('answers differ in length');
        received = 0;
        latencies.push(performance.now() - sent);
        next();
      });
      socket.on('close', () => reject(new Error('the connection was closed')));
    });

  return Promise.all(Array.from({ length: order.connections }, one)).then(() => {
    latencies.sort((a, b) => a - b);
    const at = (share: number): number => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 1000);
    return { requests: latencies.length, milliseconds: performance.now() - start, p50: at(0.5), p99: at(0.99) };
  });
}

/** Length of a whole answer, from its first piece. */
function lengthOf(chunk: Buffer): number {
  const text = chunk.toString('latin1');
  const head = text.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  if (!/^HTTP\/1\.1 200 /.test(text) || head < 0 || length === undefined) {
    throw new Error(`unexpected answer: ${text.slice(0, 300)}`);
  }
  return head + 4 + Number(length);
}

process.on('message', (order: LoadOrder) => {
  drive(order).then(
    (report) => process.send?.(report),
    (error: Error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
