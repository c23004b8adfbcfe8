import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { Seconds } from '../core/time.ts';

/** An application's origin, and the connections to it. */
export interface Upstream {
  readonly pool: Pool;
  /** Constant for a pool, so that apps with different public hosts share its connections. */
  readonly servername: string;
}

/** Connections to the applications: one pool for each origin, kept while the gateway runs. */
export interface Upstreams {
  /**
   * The upstream of an origin. It outlives a reload; the same URL object is found fastest.
   *
   * @param connect - how long connecting may take
   */
  readonly upstreamOf: (url: URL, connect: Seconds) => Upstream;
  /** Lets requests under way finish, then closes all connections. New ones are refused. */
  readonly close: () => Promise<void>;
  /** Breaks off everything at once. */
  readonly destroy: () => Promise<void>;
}

export interface UpstreamOptions {
  /** Certificates (PEM) that upstreams' certificates are verified with, instead of the system's. Never less than verified. */
  readonly ca?: string | readonly string[];
}

/**
 * How long, in milliseconds, an idle connection is kept whose server does not say how long it keeps it. Shorter than any
 * common server's own time, since a request that meets the server's close is lost: it is never sent again.
 */
const KEEP_ALIVE = 1_500;
const MAX_HEADER_BYTES = 32 * 1024;

/** Pools for any number of upstreams. TLS is always verified against the upstream's own name. */
export function createUpstreams(options: UpstreamOptions = {}): Upstreams {
  const byUrl = new WeakMap<URL, Upstream>();
  const byOrigin = new Map<string, Upstream>();

  function upstreamOf(url: URL, connect: Seconds): Upstream {
    const found = byUrl.get(url);
    if (found !== undefined) return found;
    const key = `${url.origin} ${connect}`;
    const upstream = byOrigin.get(key) ?? { pool: newPool(url, connect, options), servername: url.hostname };
    byOrigin.set(key, upstream);
    byUrl.set(url, upstream);
    return upstream;
  }

  const all = async (end: (pool: Pool) => Promise<void>): Promise<void> => {
    await Promise.all([...byOrigin.values()].map(({ pool }) => end(pool)));
  };
  return { upstreamOf, close: () => all((pool) => pool.close()), destroy: () => all((pool) => pool.destroy()) };
}

function newPool(upstream: URL, connect: Seconds, { ca }: UpstreamOptions): Pool {
  const connector = buildConnector({
    timeout: connect * 1000,
    // One version of HTTP towards upstreams: nothing is translated, so nothing can be translated wrongly.
    allowH2: false,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
  });
  const servername = tlsName(upstream);
  return new Pool(upstream.origin, {
    // undici takes the server's name from the Host header, which is the public one here.
    connect: (target, done) => connector({ ...target, servername }, done),
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
}

/** The name to verify an upstream's certificate against; empty for an address, which is then compared itself. */
function tlsName(upstream: URL): string {
  const name = upstream.hostname.replace(/^\[|\]$/g, '');
  return upstream.protocol !== 'https:' || isIP(name) !== 0 ? '' : name;
}
