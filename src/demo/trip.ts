import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AskedAcr } from './acr.ts';
import type { DemoPerson } from './people.ts';

/** One request on somebody's trip to the provider, whatever protocol an application sent them with. */
export interface Trip {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly asked: AskedAcr;
  /** A login of before will not do. */
  readonly anew: boolean;
  /** Username of the one person the application asks for; null where anybody may answer. */
  readonly wanted: string | null;
  /** Username of who is probably about to sign in; empty where nobody knows. */
  readonly hint: string;
  /** Who is signed in from before, unless somebody else is wanted. */
  readonly remembered: DemoPerson | null;
  readonly progress: Progress;
}

/** What the person has done on this trip so far. It proves nothing until the trip is finished. */
export interface Progress {
  /** Username of whoever gave the right password. */
  readonly entered?: string;
  /** Username of whoever gave the second factor as well, in order to register a passkey. */
  readonly confirmed?: string;
  /** None of the passkeys that are registered is at hand. */
  readonly another?: boolean;
}

/** Why a trip ends without a login. */
export type GivenUp = 'cancelled' | 'unmet' | 'too_many_codes';

/** How a protocol keeps trips and ends them. */
export interface Trips<T extends Trip> {
  /** The trip with this id, for the browser that began it and for no other. */
  find(request: IncomingMessage, response: ServerResponse, id: string): Promise<T | null>;
  /** Answers without asking the person anything, where a login of before will do; true where it has. */
  answerAtOnce(trip: T): boolean;
  /** Remembers what was done. */
  keep(trip: T, progress: Progress): Promise<unknown>;
  /** Signs the person in and sends them back to the application. */
  finish(trip: T, person: DemoPerson, acr: string, amr: readonly string[]): Promise<void>;
  /** Sends them back to the application, which is told why in the protocol's own words. */
  giveUp(trip: T, why: GivenUp): Promise<void>;
}
