/** The thread that reads one large metadata document. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Fetched, readHere } from './read-fetched.ts';

parentPort?.postMessage(readHere(workerData as Fetched));
