/** A thread that does what its question says, for tests of who puts up with it. */
import { parentPort } from 'node:worker_threads';
import type { Question } from '../../../src/providers/saml/judge.ts';

const answer = (detail: string): void =>
  parentPort?.postMessage({ ok: false, failure: 'invalid_response', detail, inResponseTo: null });

const moods: Readonly<Record<string, () => void>> = {
  hang: () => {
    for (;;);
  },
  crash: () => {
    throw new Error('crashed');
  },
  exit: () => process.exit(0),
  hoard: () => {
    for (const hoard: unknown[] = []; ; ) hoard.push(Array.from({ length: 1_000_000 }, () => ({})));
  },
  environment: () => answer(`variables: ${Object.keys(process.env).length}`),
};

parentPort?.on('message', ({ field }: Question) => (moods[field] ?? (() => answer(field)))());
