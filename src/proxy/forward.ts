import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { ForwardPlan, OwnCookies } from './plan.ts';
import { relay } from './relay.ts';
import { requestBody } from './request-body.ts';
import { requestHeaders } from './request-headers.ts';
import type { Upstreams } from './upstreams.ts';

/** The forwarding engine. */
export interface Forwarder {
  /**
   * Sends an allowed request to its upstream, once whatever happens, and streams the answer back. Bodies pass unparsed
   * both ways. Takes over `response` until the plan's `onError` is called.
   */
  readonly forward: (request: IncomingMessage, response: ServerResponse, plan: ForwardPlan) => void;
}

export function createForwarder(upstreams: Upstreams, own: OwnCookies): Forwarder {
  return {
    forward(request, response, plan) {
      const peer = request.socket.remoteAddress ?? '';
      const { headers, hasBody } = requestHeaders(request.rawHeaders, peer, plan, own);
      const body = hasBody ? requestBody(request, response, plan.timeouts.idle) : null;
      const { pool, servername } = upstreams.upstreamOf(plan.upstream, plan.timeouts.connect);
      const options = dispatchOptions(plan, request.method ?? 'GET', headers, servername);
      const invites = plan.expectContinue && hasBody && request.httpVersion === '1.1';
      pool.dispatch({ ...options, body }, relay(response, plan, own, invites));
    },
  };
}

/**
 * What undici is told of a request. It never repeats one by itself: with one request at a time on a connection, a
 * request that was written and then lost its connection fails.
 */
export function dispatchOptions(plan: ForwardPlan, method: string, headers: string[], servername: string) {
  return {
    path: plan.path,
    method,
    headers,
    idempotent: false,
    headersTimeout: plan.timeouts.headers * 1000,
    bodyTimeout: plan.timeouts.idle * 1000,
    servername,
  } satisfies Dispatcher.DispatchOptions & { servername: string };
}
