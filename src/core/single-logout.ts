import type { Seconds } from './time.ts';

/** A session that is over here: what its provider has to know to end its own. */
export interface EndedSession {
  readonly subject: string;
  /** The name by which the provider knows the person, where it told one. */
  readonly loginHint: string | null;
  readonly providerSession: string | null;
}

/** How a sign-out at the provider is to come back. */
export interface WayBack {
  /** Where OpenID providers send the person afterwards: one exact URL. */
  readonly returnTo: string;
  /** The ID that a LogoutRequest is to have. */
  readonly id: string;
  /** Its RelayState. */
  readonly state: string;
}

/** A message to our single logout service (SAML Bindings 3.4, 3.5), to the character: the query, or the form. */
export interface LogoutMessage {
  readonly binding: 'redirect' | 'post';
  readonly text: string;
}

/** A provider ends sessions of its own, and wants ours over too. Verified, and not known to be the first of its ID. */
export interface LogoutAsked {
  readonly kind: 'asked';
  readonly id: string;
  /** entityID of the provider. */
  readonly issuer: string;
  /** Whose sessions end, by the names that they have here: of single sessions, or of persons. */
  readonly names: readonly string[];
  /** Who it is about, where the name alone says so. */
  readonly subject: string | null;
  /** When the request may be forgotten: nobody takes it any more. */
  readonly expires: Seconds;
  /** Goes back to the provider as it came; null where none did. */
  readonly relayState: string | null;
}

/**
 * What a provider says of a sign-out that began here (Core 3.7.3.2): it was `everywhere`; there, and not in all
 * applications that it knows; or nobody knows.
 */
export type LogoutOutcome = 'everywhere' | 'partly' | 'unknown';

/** The verified answer to a request of ours. Whose request it was, is to be found out. */
export interface LogoutAnswered {
  readonly kind: 'answered';
  readonly inResponseTo: string;
  readonly outcome: LogoutOutcome;
  readonly relayState: string | null;
}

/** A message that is no good: nothing follows from it. */
export interface LogoutRefused {
  readonly kind: 'refused';
  readonly failure: 'invalid_response' | 'provider_unavailable';
  /** For the operator's log: ours, never a value that came over the wire. */
  readonly detail: string;
  /** Of what wants to be an answer; null otherwise. Nobody has signed it. */
  readonly relayState: string | null;
}
