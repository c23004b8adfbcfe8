import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessLog } from '../observe/access-log.ts';
import type { Passage } from './answer.ts';
import type { Verdict } from './gate.ts';

/** What the gate said of a request: what its handler needs, and the line that is written when it is over. */
export interface GateState {
  readonly passage: Passage;
  readonly verdict: Verdict;
  /** Set once the request is forwarded: its line is written when that is over, not when the reply is. */
  forwarded: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Null until the gate has spoken, and for our own routes. A property and no WeakMap: those make every garbage
     * collection dearer by the number of requests under way.
     */
    gate: GateState | null;
  }
}

/** Writes the access line of each request when it is over. */
export interface AccessRecorder {
  /** When the reply of a request is out. */
  answered(request: FastifyRequest, reply: FastifyReply): void;
  /** For what an upstream answered, or failed to: called instead of {@link answered}. */
  forwarded(request: FastifyRequest, reply: FastifyReply, status: number, bytes: number): void;
  /** For an upgrade, refused or answered by the upstream. */
  upgraded(passage: Passage, verdict: Verdict, status: number): void;
}

export function accessRecorder(log: AccessLog): AccessRecorder {
  const line = (passage: Passage, verdict: Verdict, status: number, milliseconds: number, bytes: number): void => {
    const { arrival, requestId } = passage;
    const judged = verdict.kind === 'judged' ? verdict : null;
    log.record({
      requestId,
      method: arrival.method,
      target: arrival.target,
      host: arrival.host ?? '',
      status,
      decision: judged?.decision.kind ?? null,
      rule: judged?.decision.rule?.id ?? null,
      app: judged?.app.name ?? null,
      milliseconds,
      bytes,
    });
  };
  return {
    answered(request, reply) {
      const { gate } = request;
      if (gate?.forwarded) return;
      if (gate !== null) {
        line(gate.passage, gate.verdict, reply.statusCode, reply.elapsedTime, 0);
        return;
      }
      log.record({
        requestId: request.id,
        method: request.method,
        target: request.originalUrl,
        host: request.headers.host ?? '',
        status: reply.statusCode,
        decision: null,
        rule: null,
        app: null,
        milliseconds: reply.elapsedTime,
        bytes: 0,
      });
    },
    forwarded({ gate }, reply, status, bytes) {
      if (gate !== null) line(gate.passage, gate.verdict, status, reply.elapsedTime, bytes);
    },
    upgraded(passage, verdict, status) {
      line(passage, verdict, status, 0, 0);
    },
  };
}
