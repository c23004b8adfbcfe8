import type { Duplex } from 'node:stream';

/**
 * Joins two connections: what comes from one goes to the other, no faster than it takes it, and the end of one direction
 * ends that direction only. When one breaks, both are gone.
 */
export function join(a: Duplex, b: Duplex): void {
  a.allowHalfOpen = true;
  b.allowHalfOpen = true;
  copy(a, b);
  copy(b, a);
}

function copy(from: Duplex, to: Duplex): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => {
    from.resume();
  });
  from.on('end', () => {
    to.end();
  });
  from.on('error', () => {
    to.destroy();
  });
  from.on('close', () => {
    // Closed without an end: cut off. After an end the other side may still be sending what it has.
    if (from.readableEnded && !to.writableFinished) to.once('finish', () => to.destroy());
    else to.destroy();
  });
  from.resume();
}
