import type { Seconds } from '../core/time.ts';

/** Why an upstream gave no answer that could be passed on. Each is a row of the error table. */
export type UpstreamFailure = 'upstream_refused' | 'upstream_broke' | 'upstream_timeout';

/** What has been decided about one allowed request: everything the forwarding engine needs, and nothing it must ask. */
export interface ForwardPlan {
  /** Origin of the application; its path is not used. The same object for every request of an app. */
  readonly upstream: URL;
  readonly timeouts: { readonly connect: Seconds; readonly headers: Seconds; readonly idle: Seconds };
  /** Canonical path and query: exactly what was judged. */
  readonly path: string;
  /** Identity headers to set, name and value; values are printable ASCII. */
  readonly identity: readonly (readonly [string, string])[];
  /** The person's address: the peer's, or what a trusted proxy says it is. */
  readonly clientIp: string;
  /** Whether the peer is a trusted proxy, so that the `X-Forwarded-For` it sent is kept in front of ours. */
  readonly trustedPeer: boolean;
  /** Public host, with the port where the origin has one. Sent upstream as `Host`, so that links come out right. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Values of `Set-Cookie` headers of ours that go out with the answer. */
  readonly ownSetCookies: readonly string[];
  /** Whether the answer is only for this person: it then never enters a shared cache. */
  readonly protectedResponse: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1). */
  readonly expectContinue: boolean;
  /**
   * Answers the client when the upstream did not: called at most once, and only while nothing has been sent.
   *
   * @param error - for the operator's log; its text is not for the client
   */
  readonly onError: (code: UpstreamFailure, error: Error) => void;
  /**
   * Called once when the exchange is over and `onError` was not called; for a WebSocket when it is open (101).
   *
   * @param status - of the upstream, 0 when the client left before there was one
   * @param bytes - of the body as received from the upstream
   * @param complete - whether the whole answer was handed to the client
   */
  readonly onFinished?: (status: number, bytes: number, complete: boolean) => void;
}

/** What the engine must know of our cookies. None of them crosses to or from an upstream. */
export interface OwnCookies {
  /** A `Cookie` header without our cookies, null when nothing is left. */
  readonly withoutOwnCookies: (header: string) => string | null;
  /** Whether a `Set-Cookie` value could make the browser send a cookie that is taken for ours. */
  readonly setsOwnCookie: (setCookie: string) => boolean;
}
