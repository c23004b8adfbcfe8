import type { Seconds } from '../../core/time.ts';
import type { Refused } from '../../ports.ts';
import { type Believed, judgeResponse, type Question } from './judge.ts';

/** Judges responses, in this thread or in others. Never rejects. */
export interface Verifier {
  /** @param timeout - after this it is given up */
  judge(question: Question, timeout: Seconds): Promise<Believed | Refused>;
  /** Somebody is on their way to a provider and will come back: gets ready. */
  prepare(): void;
  /** Gives up what is under way. */
  close(): void;
}

/** Judges in the thread that asks. */
export const verifyHere: Verifier = {
  judge: async (question) => judgeResponse(question),
  prepare: () => {},
  close: () => {},
};
