/** The thread that judges responses: one question at a time, and an answer to each. */
import { parentPort } from 'node:worker_threads';
import { judgeResponse, type Question } from './judge.ts';

parentPort?.on('message', (question: Question) => parentPort?.postMessage(judgeResponse(question)));
