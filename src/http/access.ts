import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessLog } from '../observe/access-log.ts';
import type { Passage } from './answer.ts';
import type { Verdict } from './gate.ts';

/** Writes the access line of each request when it is over. */
export interface AccessRecorder {
  /** Remembers what the gate said, for the line to come. */
  judged(request: FastifyRequest, reply: FastifyReply, passage: Passage, verdict: Verdict): void;
  /** When the reply of a request is out. */
  answered(request: FastifyRequest, reply: FastifyReply): void;
  /** For what an upstream answered, or failed to: called instead of {@link answered}. */
  forwarded(request: FastifyRequest, status: number, bytes: number): void;
  /** For an upgrade, refused or answered by the upstream. */
  upgraded(passage: Passage, verdict: Verdict, status: number): void;
}

interface Seen {
  readonly reply: FastifyReply;
  readonly passage: Passage;
  readonly verdict: Verdict;
}

export function accessRecorder(log: AccessLog): AccessRecorder {
  const seen = new WeakMap<FastifyRequest, Seen>();
  const written = new WeakSet<FastifyRequest>();
  const line = (
    { passage, verdict }: Pick<Seen, 'passage' | 'verdict'>,
    status: number,
    milliseconds: number,
    bytes: number,
  ): void => {
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
    judged(request, reply, passage, verdict) {
      seen.set(request, { reply, passage, verdict });
    },
    answered(request, reply) {
      if (written.has(request)) return;
      const known = seen.get(request);
      if (known !== undefined) {
        line(known, reply.statusCode, reply.elapsedTime, 0);
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
    forwarded(request, status, bytes) {
      written.add(request);
      const known = seen.get(request);
      if (known !== undefined) line(known, status, known.reply.elapsedTime, bytes);
    },
    upgraded(passage, verdict, status) {
      line({ passage, verdict }, status, 0, 0);
    },
  };
}
