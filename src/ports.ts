/** What Stepgate asks of the outside, on one page. Each port has a contract test that every adapter passes. */

import type { AuditEvent } from './audit-event.ts';
import type { Demand } from './core/demand.ts';
import type { Identity, Proof, Session } from './core/session.ts';
import type {
  EndedSession,
  LogoutAnswered,
  LogoutAsked,
  LogoutMessage,
  LogoutRefused,
  WayBack,
} from './core/single-logout.ts';
import type { Seconds } from './core/time.ts';
import type { StepUpFailure } from './errors.ts';

export type { Identity } from './core/session.ts';

/** Our clock. Moved by tests; nothing else in the code asks for the time. */
export interface Clock {
  now(): Seconds;
}

/** Unpredictable text, base64url, of `bytes` random bytes. */
export type Random = (bytes: number) => string;

/**
 * The small shared memory of what must be known everywhere. Revocations only grow and expire by themselves. Reads are
 * answered from memory at once; writes are durable when their promise resolves and visible to this process before that.
 */
export interface Ledger {
  /** Random, made when the ledger is empty, sealed into every session: a lost ledger signs everybody out. */
  readonly birth: string;
  /** Whether this session is revoked at `now`, by whatever means. Synchronous: the hot path asks it. */
  isRevoked(session: RevocationFacts, now: Seconds): boolean;
  /** The highest generation known of a family, 0 when none was ever superseded. */
  newestGeneration(family: string): number;
  /** Sign-out: every session of the family is void at once. */
  voidFamily(family: string, expires: Seconds): Promise<void>;
  /** Sessions of the family below `generation` are void once {@link GENERATION_GRACE} has passed since `now`. */
  voidGenerations(family: string, generation: number, now: Seconds, expires: Seconds): Promise<void>;
  /** Every session of the person that was created at or before `epoch` is void. */
  voidSubject(issuer: string, subject: string, epoch: Seconds, expires: Seconds): Promise<void>;
  /**
   * Sessions that a provider says it has ended: those created at or before `epoch` whose `providerSession` has one of these
   * names, or whose person there has ({@link personOfProviderSession}).
   */
  voidProviderSessions(issuer: string, names: readonly string[], epoch: Seconds, expires: Seconds): Promise<void>;
  /** Every session that was created at or before `epoch` is void. */
  voidAll(epoch: Seconds, expires: Seconds): Promise<void>;
  /** True for exactly one caller of this id, among all processes, until `expires`. */
  useOnce(id: string, expires: Seconds): Promise<boolean>;
  /** The same of several ids at once: where one of them was used before, none of the others is used now. */
  useAllOnce(ids: readonly string[], expires: Seconds): Promise<boolean>;
  /**
   * Keeps a text under a key that nobody can guess, until `expires`: the hand-over from one request to the next.
   *
   * @returns whether it is kept: not under a key that is taken, not a long text, and not one too many of them
   */
  park(key: string, text: string, expires: Seconds): Promise<boolean>;
  /** The text parked under a key, null where there is none, or none any more. It stays. */
  parked(key: string): Promise<string | null>;
  /** The value kept under a name for as long as there is a ledger, the same in all processes; made at the first call. */
  keep(name: string, make: () => string): Promise<string>;
  /**
   * Records one attempt under `key` unless `limit` of them lie within the last `window` already: of many callers at once,
   * among all processes, no more get through.
   *
   * @returns 0 where it was recorded, else the seconds until there is room for another
   */
  recordAttempt(key: string, limit: number, now: Seconds, window: Seconds): Promise<Seconds>;
  /** The same without recording anything: 0 where there is room. */
  attemptWait(key: string, limit: number, now: Seconds, window: Seconds): Promise<Seconds>;
  /** Whether the ledger answers. */
  ready(): boolean;
  close(): Promise<void>;
}

/** What a revocation can be about. */
export type RevocationFacts = Pick<
  Session,
  'birth' | 'family' | 'generation' | 'issuer' | 'subject' | 'providerSession' | 'createdAt'
>;

/** How much longer than what it is about a ledger's entry is kept: instances' clocks differ a little. */
export const REVOCATION_MARGIN: Seconds = 120;

/** How long an older generation is honoured with its own proofs: requests of other tabs already under way. */
export const GENERATION_GRACE: Seconds = 10;

/** What a trip asks of a provider. */
export interface Ask {
  /** Where the provider sends the person back: one exact URL. */
  readonly redirectUri: string;
  /** Opaque to the provider; comes back with the answer. */
  readonly state: string;
  readonly demand: Demand;
  /** Demand the authentication anew, whatever session the provider has. */
  readonly force: boolean;
  /** Who is signed in and has to come back; null when nobody is. */
  readonly person: AskedPerson | null;
}

/** Whom a provider is told to ask. Telling is a courtesy: who comes back is compared whatever was asked. */
export interface AskedPerson {
  readonly subject: string;
  /** The name by which the provider knows them, where it told one. */
  readonly loginHint: string | null;
}

/** Where a browser goes. */
export interface Sent {
  readonly url: string;
  /** Fields of a form that is posted there; null where a redirect takes the person there. */
  readonly form: Readonly<Record<string, string>> | null;
}

/** A trip the provider's adapter has prepared. */
export interface Begun extends Sent {
  readonly ok: true;
  /** What only this browser's sealed flow may know until the answer comes. */
  readonly kept: Kept;
}

export interface Kept {
  /** What ties the answer to this flow: the `nonce` (OpenID Connect Core 3.1.2.1), or the ID of the AuthnRequest. */
  readonly nonce: string;
  /** The PKCE verifier (RFC 7636); empty with SAML. */
  readonly verifier: string;
}

/** A verified answer: who came back, and the evidence of how. */
export interface Verified {
  readonly ok: true;
  readonly identity: Identity;
  readonly proof: Proof;
  /** When the provider wants the session to be over; null where it does not say. */
  readonly sessionEnds: Seconds | null;
}

/** A verified SAML response, before it is known whether this browser asked for it. */
export interface Received extends Verified {
  /** The ID of the AuthnRequest that it answers. */
  readonly inResponseTo: string;
  /** The ID of the assertion: used once. */
  readonly assertion: string;
  /** When it was issued, on our clock, as far as clocks agree: no later than it came. */
  readonly issuedAt: Seconds;
  /** When the assertion may be forgotten. */
  readonly expires: Seconds;
}

/** A SAML response that says no, or is no good. Nothing about a session may follow from it. */
export interface Refused extends Failed {
  /** The ID of the AuthnRequest that it says it answers; null where it says none. */
  readonly inResponseTo: string | null;
}

/** Why a trip failed. `detail` is for the operator's log: short, ours, never a value that came over the wire. */
export interface Failed {
  readonly ok: false;
  readonly failure: StepUpFailure;
  readonly detail: string;
}

/** An identity provider: how it is asked and believed. */
export type Provider = OidcProvider | SamlProvider;

interface AnyProvider {
  readonly name: string;
  /** What the provider calls itself: issuer or entityID. Null while that is not known. */
  issuer(): string | null;
  /** Prepares a trip. Waits for the first discovery up to the provider's timeout, for a failed one not at all. */
  begin(ask: Ask): Promise<Begun | Failed>;
  /** Whether somebody who signed out here goes on to sign out of the provider, as far as that is known just now. */
  canEndSession(session: EndedSession): boolean;
  /** Where they go for it; null where they do not, or cannot just now. */
  endSession(session: EndedSession, back: WayBack): Promise<Sent | null>;
  /** Stops background work. */
  close(): void;
}

/** A provider that speaks OpenID Connect. */
export interface OidcProvider extends AnyProvider {
  readonly type: 'oidc';
  /**
   * Judges the answer. Does no more than verify: whether the person is the same and the level enough is not its business.
   *
   * @param callback - the whole URL the person came back with, on the origin the ask named
   * @param state - the `state` of the ask
   */
  finish(callback: URL, kept: Kept, state: string): Promise<Verified | Failed>;
}

/** Where a SAML provider finds us on one origin. */
export interface ServicePlaces {
  /** Takes its answers (assertion consumer service). */
  readonly acs: string;
  /** Takes its messages about signing out (single logout service). */
  readonly slo: string;
}

/** A provider that speaks SAML 2.0. */
export interface SamlProvider extends AnyProvider {
  readonly type: 'saml';
  /**
   * Judges a `SAMLResponse` (Bindings 3.5). Does no more than verify it: whether this browser asked for it, whether it was
   * used before, who the person is to be and which level is enough is not its business.
   *
   * @param acs - where it was posted: one exact URL
   */
  receive(response: string, acs: string): Promise<Received | Refused>;
  /**
   * Judges a message to our single logout service (Profiles 4.4). Whether it came before, and what follows from it, is not
   * its business.
   *
   * @param slo - where it came to: one exact URL
   */
  receiveLogout(message: LogoutMessage, slo: string): Promise<LogoutAsked | LogoutAnswered | LogoutRefused>;
  /** Where a browser goes to say that the sessions of a request have `ended`, or could not be; null where nobody waits. */
  answerLogout(asked: LogoutAsked, ended: boolean): Sent | null;
  /** Our metadata (Metadata 2.4.4) for the provider. There is at least one place; the first one is the default. */
  serviceMetadata(places: readonly ServicePlaces[]): string;
}

/** Takes audit events: one line of JSON each, never a secret, cookie, token, body or query value. */
export interface Audit {
  record(event: AuditEvent): void;
}
