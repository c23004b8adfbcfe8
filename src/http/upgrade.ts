import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Tunnels } from '../proxy/tunnel.ts';
import { originAllowed, refuseUpgrade } from '../proxy/upgrade.ts';
import { planFor } from './allowed.ts';
import { answerFor, type Passage } from './answer.ts';
import type { Answer, Context } from './context.ts';
import { type Judged, judge } from './gate.ts';
import { codeOf } from './proxied.ts';
import { refusalAnswer } from './refusals.ts';
import { recordReports } from './reports.ts';
import { passageOf } from './routes.ts';
import { guardOf } from './tunnel-guard.ts';

/** What an upgrade came to, for the access log. */
export type OnUpgradeDone = (passage: Passage, verdict: ReturnType<typeof judge>, status: number) => void;

/**
 * Takes WebSocket upgrades through the same gate as every request: framework hooks do not run for them. A page of another
 * origin may not open one in a person's name (RFC 6455 10.2), and nobody is ever redirected.
 */
export function upgradeListener(context: Context, tunnels: Tunnels, done: OnUpgradeDone) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer, requestId: string): void => {
    const passage = passageOf(context, { raw: request, id: requestId });
    const verdict = judge(passage.current, passage.arrival, passage.now);
    recordReports(passage, verdict);
    const refuse = (answer: Answer): void => {
      done(passage, verdict, answer.status);
      refuseUpgrade(socket, answer.status, grouped(answer), answer.body);
    };
    if (!(socket instanceof Socket)) {
      refuse(refusalAnswer('internal', passage.arrival, { requestId }));
      return;
    }
    if (verdict.kind === 'judged' && !originAllowed(request, verdict.host.origin)) {
      context.audit.record({
        event: 'deny',
        why: 'untrusted_origin',
        app: verdict.app.name,
        requestId,
        clientIp: passage.arrival.clientIp,
        method: 'GET',
        path: verdict.path.path,
      });
      refuse(refusalAnswer('untrusted_origin', passage.arrival, { requestId }));
      return;
    }
    if (verdict.kind === 'judged' && verdict.decision.kind === 'allow') {
      openTunnel({ passage, verdict, tunnels, request, socket, head, done, refuse });
      return;
    }
    answerFor(passage, verdict).then(refuse, (error: Error) => {
      context.log.error('upgrade_failed', { request_id: requestId, error: codeOf(error) });
      refuse(refusalAnswer('internal', passage.arrival, { requestId }));
    });
  };
}

interface Opening {
  readonly passage: Passage;
  readonly verdict: Judged;
  readonly tunnels: Tunnels;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly done: OnUpgradeDone;
  readonly refuse: (answer: Answer) => void;
}

function openTunnel({ passage, verdict, tunnels, request, socket, head, done, refuse }: Opening): void {
  const { context, arrival, requestId } = passage;
  const standing = verdict.decision.kind === 'allow' ? verdict.decision.standing : null;
  const plan = planFor(passage, verdict, standing, {
    onError: (code, error) => {
      context.log.error(code, { request_id: requestId, app: verdict.app.name, error: codeOf(error) });
      refuse(refusalAnswer(code, arrival, { requestId }));
    },
    onFinished: (status) => done(passage, verdict, status),
  });
  const touched = plan.ownSetCookies.length > 0;
  tunnels.open({ request, socket, head, plan, guard: guardOf(passage, verdict, touched, request) });
}

/** Without `Connection`, which a refused upgrade always closes. */
function grouped(answer: Answer): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of answer.headers) {
    if (name === 'Connection') continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
  }
  return headers;
}
