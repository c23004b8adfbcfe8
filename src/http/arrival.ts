import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { World } from '../config/world.ts';

/** What the gate reads of a raw request, HTTP or upgrade, taken once. */
export interface Arrival {
  readonly method: string;
  /** The request target as received (RFC 9112 3.2). */
  readonly target: string;
  /** Host in lower case; null where there is none or more than one. */
  readonly host: string | null;
  /** All Cookie fields, joined; undefined where none came. */
  readonly cookie: string | undefined;
  /** Kept apart: what is forwarded is hidden from the framework, which would judge the type itself. */
  readonly contentType: string | undefined;
  readonly clientIp: string;
  /** Whether the peer is one of `trusted_proxies`, so that its X-Forwarded-* were believed. */
  readonly trustedPeer: boolean;
  readonly headers: IncomingMessage['headers'];
}

/** As much of a raw request as is read. */
export type RawRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** Reads the facts of a request. X-Forwarded-* count only where the peer is a trusted proxy. */
export function arrivalOf(request: RawRequest, world: World): Arrival {
  const peer = request.socket.remoteAddress ?? '';
  const trustedPeer = world.trustsProxy(peer);
  const { headers } = request;
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    host: hostOf(request, trustedPeer),
    cookie: headers.cookie,
    contentType: headers['content-type'],
    clientIp: trustedPeer ? forwardedFor(headers['x-forwarded-for'], peer, world) : peer,
    trustedPeer,
    headers,
  };
}

/** The one Host of a request. Two of them can be read in two ways (RFC 9112 3.2), so they are none. */
function hostOf(request: RawRequest, trustedPeer: boolean): string | null {
  const { rawHeaders } = request;
  let host: string | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name === undefined || name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== null) return null;
    host = rawHeaders[i + 1] ?? null;
  }
  const forwarded = request.headers['x-forwarded-host'];
  if (trustedPeer && typeof forwarded === 'string' && !forwarded.includes(',')) host = forwarded.trim();
  return host === null || host === '' ? null : host.toLowerCase();
}

/**
 * The nearest address that no trusted proxy vouches for: read from the right, since the left is anybody's word. A hop that
 * is no address ends the chain: it would be somebody's text in the log and in what the upstream is told.
 */
function forwardedFor(header: string | string[] | undefined, peer: string, world: World): string {
  const hops = String(header ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  let client = peer;
  while (world.trustsProxy(client)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}
