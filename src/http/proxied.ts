import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Standing } from '../core/evidence.ts';
import type { Forwarder } from '../proxy/forward.ts';
import { registerProxy } from '../proxy/plugin.ts';
import type { AccessRecorder } from './access.ts';
import { planFor } from './allowed.ts';
import { answerFor, type Passage, recordAmbiguous } from './answer.ts';
import { type Context, send } from './context.ts';
import { type Judged, judge, type Verdict } from './gate.ts';
import { refusalAnswer } from './refusals.ts';
import { recordReports } from './reports.ts';
import { passageOf } from './routes.ts';

/** Registers the catch-all route of all apps: the gate, then the forwarding engine. */
export async function proxiedRoutes(
  fastify: FastifyInstance,
  context: Context,
  forwarder: Forwarder,
  access: AccessRecorder,
): Promise<void> {
  await registerProxy(fastify, {
    gate: (request, reply, done) => {
      const passage = passageOf(context, request);
      const verdict: Verdict = judge(passage.current, passage.arrival, passage.now);
      request.gate = { passage, verdict, forwarded: false };
      recordReports(passage, verdict);
      if (verdict.kind === 'judged' && verdict.decision.kind === 'allow') {
        done();
        return;
      }
      answerFor(passage, verdict).then((answer) => send(reply, answer), done);
    },
    handler: (request, reply) => {
      const { gate } = request;
      // Fails closed: what the gate did not allow in as many words is not forwarded, whoever calls.
      if (gate?.verdict.kind !== 'judged' || gate.verdict.decision.kind !== 'allow') {
        throw new Error('a request reached the engine without an allow');
      }
      gate.forwarded = true;
      const { standing } = gate.verdict.decision;
      forward({ passage: gate.passage, verdict: gate.verdict, standing }, request, reply, forwarder, access);
    },
    refuse: (request, reply, code) => {
      const passage = passageOf(context, request);
      const { arrival, requestId } = passage;
      if (code === 'ambiguous_request') recordAmbiguous(passage, 'framing');
      send(reply, refusalAnswer(code, arrival, { requestId }));
    },
  });
}

interface Allowed {
  readonly passage: Passage;
  readonly verdict: Judged;
  readonly standing: Standing | null;
}

function forward(
  { passage, verdict, standing }: Allowed,
  request: FastifyRequest,
  reply: FastifyReply,
  forwarder: Forwarder,
  access: AccessRecorder,
): void {
  const { context, arrival, requestId } = passage;
  const plan = planFor(passage, verdict, standing, {
    onError: (code, error) => {
      context.log.error(code, { request_id: requestId, app: verdict.app.name, error: codeOf(error) });
      const answer = refusalAnswer(code, arrival, { requestId, actions: tryAgain(verdict) });
      const headers: string[] = answer.headers.flat();
      reply.raw.writeHead(answer.status, [...headers, 'Content-Length', String(Buffer.byteLength(answer.body))]);
      reply.raw.end(arrival.method === 'HEAD' ? undefined : answer.body);
      access.forwarded(request, reply, answer.status, 0);
    },
    onFinished: (status, bytes) => access.forwarded(request, reply, status, bytes),
  });
  forwarder.forward(request.raw, reply.raw, plan);
}

/** An error's code, for the log; its text may name hosts or quote what was sent. */
export const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;

const tryAgain = ({ path }: Judged) => [{ label: 'Try again', href: `${path.path}${path.query}` }];
