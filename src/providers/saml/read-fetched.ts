import { Worker } from 'node:worker_threads';
import { isLoopback } from '../../config/addresses.ts';
import type { Seconds } from '../../core/time.ts';
import { type IdpMetadata, readMetadata, type Unusable } from '../../saml/metadata.ts';
import { isPlainLoopback } from '../metadata.ts';

/** A metadata document, and what it must be to be believed. */
export interface Fetched {
  readonly text: string;
  readonly url: string;
  readonly issuer: string | null;
  /** PEM of whoever must have signed it; null = nobody has to. */
  readonly certificate: string | null;
}

/** Characters of a document that is read at once: a few milliseconds. Those of federations take seconds. */
const READ_HERE = 64 * 1024;
/** Longer than any document takes that is not too large to be fetched. */
const LONGEST: Seconds = 60;
/** Megabytes of the thread: what two trees of the largest document take. */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

/** The file beside this one, as it is named where this one runs: in the sources, or in what is built of them. */
const ENTRY = new URL(`./metadata-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Reads metadata of a URL: large ones in a thread of their own, so that nobody's requests wait for them. */
export const readFetched = async (fetched: Fetched, stop: AbortSignal): Promise<IdpMetadata | Unusable> =>
  fetched.text.length <= READ_HERE ? readHere(fetched) : readApart(fetched, stop);

/** Reads them in the thread that asks. Endpoints are plain http on this machine only where the URL is. */
export const readHere = ({ text, url, issuer, certificate }: Fetched): IdpMetadata | Unusable =>
  readMetadata(text, {
    issuer,
    certificate,
    plainLoopback: (endpoint) => isPlainLoopback(url) && endpoint.protocol === 'http:' && isLoopback(endpoint),
  });

function readApart(fetched: Fetched, stop: AbortSignal): Promise<IdpMetadata | Unusable> {
  return new Promise((resolve) => {
    const options = { name: 'saml-metadata', env: {}, execArgv: [], stdout: true, stderr: true };
    const worker = new Worker(ENTRY, { ...options, workerData: fetched, resourceLimits: MEMORY });
    const end = (read: IdpMetadata | Unusable): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', giveUp);
      void worker.terminate();
      resolve(read);
    };
    const giveUp = (): void => end({ problem: 'it takes too long to read' });
    const timer = setTimeout(giveUp, LONGEST * 1000);
    timer.unref();
    stop.addEventListener('abort', giveUp);
    worker.on('message', end);
    worker.on('error', () => end({ problem: 'it cannot be read: too large' }));
  });
}
