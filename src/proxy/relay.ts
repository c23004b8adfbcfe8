import type { ServerResponse } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { ForwardPlan, OwnCookies, UpstreamFailure } from './plan.ts';
import { responseHeaders } from './response-headers.ts';

/**
 * Passes an upstream's answer to a client as it comes, with back-pressure. Informational answers (1xx) and trailers are
 * left out. Whatever breaks after the headers are out breaks the client's connection: a cut answer never looks whole.
 *
 * @param invites - whether the client waits for `100 Continue`; it gets it when the request goes out
 * @returns what undici calls; one object for one exchange
 */
export function relay(
  response: ServerResponse,
  plan: ForwardPlan,
  own: OwnCookies,
  invites: boolean,
): Dispatcher.DispatchHandler {
  let upstream: Dispatcher.DispatchController | null = null;
  let status = 0;
  let bytes = 0;
  /** The start of a body, kept back until it is known whether it is the whole. */
  let first: Buffer | null = null;
  let flushed = false;
  let ended = false;
  let failed = false;

  const flush = (): void => {
    if (flushed || ended || failed) return;
    flushed = true;
    if (first === null) response.flushHeaders();
    else write(first);
    first = null;
  };
  const write = (chunk: Buffer): void => {
    if (response.write(chunk) || upstream?.paused === true) return;
    upstream?.pause();
    // A client that does not read must not hold the upstream for ever.
    response.socket?.setTimeout(plan.timeouts.idle * 1000);
    response.once('drain', drained);
  };
  const drained = (): void => {
    response.socket?.setTimeout(0);
    upstream?.resume();
  };

  response.once('close', () => {
    if (!ended) upstream?.abort(new Error('the client left'));
    if (!failed) plan.onFinished?.(status, bytes, ended && response.writableFinished);
    failed ||= !ended;
  });

  return {
    onRequestStart(controller) {
      upstream = controller;
      // The client may have left while the request waited for a connection: then it is not sent at all.
      if (response.destroyed) controller.abort(new Error('the client left'));
      else if (invites) response.writeContinue();
    },
    onResponseStart(controller, statusCode) {
      if (statusCode < 200) return;
      status = statusCode;
      const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
      response.writeHead(statusCode, responseHeaders(raw, statusCode, plan, own));
      queueMicrotask(flush);
    },
    onResponseData(_controller, chunk) {
      bytes += chunk.length;
      if (!flushed && first === null) {
        first = chunk;
        return;
      }
      flush();
      write(chunk);
    },
    onResponseEnd() {
      ended = true;
      // Head and whole small body leave in one write.
      if (first === null) response.end();
      else response.end(first);
    },
    onResponseError(_controller, error) {
      if (failed || ended) return;
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      failed = true;
      plan.onError(failureOf(error, upstream !== null), error);
    },
  };
}

/** What a failure before any answer means: whether the application may have seen the request. */
function failureOf(error: Error, sent: boolean): UpstreamFailure {
  if (!sent) return 'upstream_refused';
  return error instanceof errors.HeadersTimeoutError ? 'upstream_timeout' : 'upstream_broke';
}
