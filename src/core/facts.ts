import type { Standing } from './evidence.ts';
import type { Query } from './query.ts';
import type { Seconds } from './time.ts';

/** What is known of a request before anybody asks who sent it. */
export interface RequestFacts {
  /** HEAD is told as GET. */
  readonly method: string;
  /** Lower case, with the port where the origin has one. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly query: Query;
  /** The value of a field by its name in lower case; null where it did not come. */
  readonly header: (name: string) => string | null;
  /** Whether it has a body, in which parameters may stand that are not read here. */
  readonly hasBody: boolean;
  readonly clientIp: string;
  /** When it came, by our clock: what conditions see as `now`. */
  readonly at: Seconds;
}

/** All that a condition may look at: one request, read in one way, by whoever is signed in. */
export interface Facts {
  readonly request: RequestFacts;
  /** Decoded segments of the path, as this reading has them. */
  readonly segments: readonly string[];
  /** Null when nobody is signed in. */
  readonly standing: Standing | null;
  readonly now: Seconds;
  /** Where whoever compiled the conditions keeps what it has found out already. */
  memo: object | null;
}
