import type { HostEntry } from '../config/world.ts';
import type { CanonicalPath } from '../core/canonical-path.ts';
import type { RequestFacts } from '../core/facts.ts';
import { type Query, readQuery } from '../core/query.ts';
import type { Seconds } from '../core/time.ts';
import type { Arrival } from './arrival.ts';

/** What policies may look at of a request. Whatever takes time is found out when somebody asks. */
export function requestFacts(host: HostEntry, arrival: Arrival, path: CanonicalPath, at: Seconds): RequestFacts {
  return new ArrivedRequest(host, arrival, path.query, at);
}

class ArrivedRequest implements RequestFacts {
  readonly #host: HostEntry;
  readonly #arrival: Arrival;
  readonly #queryText: string;
  #query: Query | null = null;
  readonly at: Seconds;

  constructor(host: HostEntry, arrival: Arrival, query: string, at: Seconds) {
    this.#host = host;
    this.#arrival = arrival;
    this.#queryText = query;
    this.at = at;
  }

  get method(): string {
    return this.#arrival.method === 'HEAD' ? 'GET' : this.#arrival.method;
  }

  get host(): string {
    return this.#host.origin.slice(this.#host.origin.indexOf('//') + 2);
  }

  get scheme(): 'http' | 'https' {
    return this.#host.secure ? 'https' : 'http';
  }

  get query(): Query {
    this.#query ??= readQuery(this.#queryText);
    return this.#query;
  }

  get hasBody(): boolean {
    const { headers } = this.#arrival;
    const length = headers['content-length'];
    return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0);
  }

  get clientIp(): string {
    return this.#arrival.clientIp;
  }

  header(name: string): string | null {
    const { headers } = this.#arrival;
    // `constructor` and its like are there in every object, and came with no request.
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (value === undefined) return null;
    return typeof value === 'string' ? value : value.join(', ');
  }
}
