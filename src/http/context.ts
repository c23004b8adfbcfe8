import type { FastifyReply } from 'fastify';
import type { Seconds } from '../core/time.ts';
import type { Live } from '../live/live.ts';
import type { Log } from '../observe/log.ts';
import type { Audit, Clock, Ledger, Random } from '../ports.ts';

/** What the handlers need of the composition. Passed to each; nothing is global. */
export interface Context {
  readonly live: Live;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  /** The application log: what operators read when something is wrong. Never a value that came over the wire. */
  readonly log: Log;
  /** Ends the tunnels of a family: called at sign-out. */
  readonly endTunnels: (family: string) => void;
  /** The person of a family did something: called at most every tenth of the idle time. */
  readonly noteActivity: (family: string, now: Seconds) => void;
}

/** A handler's answer to a request, in values: what is sent, and nothing yet written. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Writes an answer. Header names may repeat (Set-Cookie). */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  // As bytes: to text the framework would add a charset, which JSON has none of (RFC 8259 11).
  return reply.send(answer.body === '' ? undefined : Buffer.from(answer.body));
}
