import type { Identity, Session } from '../core/session.ts';

/** What of a session can be large: all of it came from the provider. */
export type SessionPart =
  | 'subject'
  | 'name'
  | 'email'
  | 'groups'
  | 'login_hint'
  | 'sid'
  | 'acr'
  | 'amr'
  /** One that conditions read. It never goes: nobody could tell that it is gone. */
  | { readonly claim: string };

/**
 * The session as it is, then without the groups that nobody names. All of those or none: which ones would have fitted
 * depends on names and chance, and nobody could tell a part of them from all.
 */
export function* waysToFit<I extends Identity>(session: I, namesGroup: (group: string) => boolean): Iterable<I> {
  yield session;
  const named = session.groups.filter(namesGroup);
  if (named.length < session.groups.length) yield { ...session, groups: named, namedGroupsOnly: true };
}

/** The part that takes the most room. */
export function largestPart(session: Identity & Pick<Session, 'proofs'>): SessionPart {
  const { subject, name, email, groups, claims, loginHint, providerSession, proofs } = session;
  const parts: readonly (readonly [SessionPart, unknown])[] = [
    ['groups', groups],
    ['name', name],
    ['email', email],
    ['subject', subject],
    ['login_hint', loginHint],
    ['sid', providerSession],
    ['acr', proofs.map(({ acr }) => acr)],
    ['amr', proofs.map(({ amr }) => amr)],
    ...[...claims].map(([claim, values]) => [{ claim }, values] as const),
  ];
  const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  return parts.reduce((largest, part) => (bytes(part[1]) > bytes(largest[1]) ? part : largest))[0];
}
