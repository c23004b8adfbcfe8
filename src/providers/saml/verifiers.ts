import { Worker } from 'node:worker_threads';
import type { Seconds } from '../../core/time.ts';
import type { Refused } from '../../ports.ts';
import type { Believed, Question } from './judge.ts';
import type { Verifier } from './verifier.ts';

export interface VerifiersOptions {
  /** What the threads run. */
  readonly entry?: URL;
  /** Threads, at most. */
  readonly threads?: number;
  /** Questions that wait for a thread, at most. */
  readonly waiting?: number;
}

/** The file beside this one, as it is named where this one runs: in the sources, or in what is built of them. */
const ENTRY = new URL(`./verify-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Megabytes of a thread: many times what a response takes that is worth reading. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

const BUSY = failed('provider_unavailable', 'too many responses at once');
const LATE = failed('invalid_response', 'response took too long to verify');
const LOST = failed('invalid_response', 'verification broke off');

interface Job {
  readonly question: Question;
  readonly answer: (answer: Believed | Refused) => void;
  readonly timer: NodeJS.Timeout;
}

interface Thread {
  readonly worker: Worker;
  /** What it works on; null while it waits. */
  job: Job | null;
}

/**
 * Judges responses in a few threads of their own: milliseconds each, which everybody else's requests would wait for. A
 * thread starts when there is something to do and is replaced when it breaks; what waits is bounded, in number and time.
 */
export function createVerifiers({ entry = ENTRY, threads: most = 2, waiting = 32 }: VerifiersOptions = {}): Verifier {
  let threads: readonly Thread[] = [];
  let queue: readonly Job[] = [];
  let isClosed = false;

  function judge(question: Question, timeout: Seconds): Promise<Believed | Refused> {
    if (isClosed || queue.length >= waiting) return Promise.resolve(BUSY);
    return new Promise((answer) => {
      const job: Job = { question, answer, timer: setTimeout(() => giveUp(job), timeout * 1000) };
      queue = [...queue, job];
      handOut();
    });
  }

  /** Gives what waits to threads that do not work. */
  function handOut(): void {
    for (const job of queue) {
      const thread = threads.find((one) => one.job === null) ?? (threads.length < most ? start() : undefined);
      if (thread === undefined) return;
      queue = queue.filter((one) => one !== job);
      thread.job = job;
      // Only while somebody waits for its answer does the process live on for it.
      thread.worker.ref();
      thread.worker.postMessage(job.question);
    }
  }

  function start(): Thread {
    // Nothing of this process is its business. What a library may print in there nobody reads: it could be of a response.
    const options = { name: 'saml', env: {}, execArgv: [], stdout: true, stderr: true, resourceLimits: MEMORY };
    const worker = new Worker(entry, options);
    const thread: Thread = { worker, job: null };
    worker.on('message', (answer: Believed | Refused) => finish(thread, answer));
    worker.on('error', () => drop(thread, LOST));
    worker.on('exit', () => drop(thread, LOST));
    worker.unref();
    threads = [...threads, thread];
    return thread;
  }

  function finish(thread: Thread, answer: Believed | Refused): void {
    const { job } = thread;
    thread.job = null;
    thread.worker.unref();
    if (job !== null) settle(job, answer);
    handOut();
  }

  /** Does without a thread that broke, or hangs. */
  function drop(thread: Thread, answer: Refused): void {
    if (!threads.includes(thread)) return;
    threads = threads.filter((one) => one !== thread);
    void thread.worker.terminate();
    finish(thread, answer);
  }

  function giveUp(job: Job): void {
    const thread = threads.find((one) => one.job === job);
    if (thread === undefined) {
      queue = queue.filter((one) => one !== job);
      settle(job, BUSY);
    } else {
      drop(thread, LATE);
    }
  }

  function close(): void {
    isClosed = true;
    const left = queue;
    queue = [];
    for (const job of left) settle(job, LOST);
    for (const thread of threads) drop(thread, LOST);
  }

  return {
    judge,
    prepare: () => {
      if (threads.length === 0 && !isClosed) start();
    },
    close,
  };
}

function settle({ timer, answer }: Job, answered: Believed | Refused): void {
  clearTimeout(timer);
  answer(answered);
}

function failed(failure: Refused['failure'], detail: string): Refused {
  return { ok: false, failure, detail, inResponseTo: null };
}
