import type { Seconds } from './time.ts';

/** A claim's name and a value that it is, or that it has where it is a list. Compared by type and value, never converted. */
export type Fact = readonly [claim: string, value: string | number | boolean];

/**
 * The evidence of one authentication, as the verified token or assertion gave it. Which levels it proves is computed
 * under the configuration in force and never stored, so that a changed mapping acts at once.
 */
export interface Proof {
  /** When the person authenticated, on our clock: the time of receipt less the age on the provider's clock. */
  readonly at: Seconds;
  /** The same, where the provider stated a time of authentication; null where only the time of issue is known, which
   * counts for a level's validity and never for `max_age`. */
  readonly freshAt: Seconds | null;
  /** `acr` (OpenID Connect Core 2), compared case-sensitively; null where none came. */
  readonly acr: string | null;
  /** `amr` (RFC 8176); null where none came. */
  readonly amr: readonly string[] | null;
  /** What else was said of what some mapping looks at: only the very values that it names, so almost always nothing. */
  readonly facts: readonly Fact[];
}

/**
 * What a provider said of a person that conditions read: a claim's name -> its values, null where it said nothing of it.
 * Of a claim that is not in here nothing is known, not even that it is missing: no condition read it at sign-in, or it
 * had a shape or size that is not kept.
 */
export type KnownClaims = ReadonlyMap<string, readonly string[] | null>;

/** Who came back from a provider, as the verified token or assertion says. */
export interface Identity {
  /** The provider's identity: issuer or entityID. With `subject` it says who the person is; nothing else does. */
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  /** Only an address that the provider says it verified. */
  readonly email: string | null;
  /** Only groups that some app or policy names, or takes by a pattern. */
  readonly groups: readonly string[];
  /** Groups that are only taken by a pattern are left out: which ones there are is not known. */
  readonly namedGroupsOnly: boolean;
  /** Only claims that some condition reads. */
  readonly claims: KnownClaims;
  /** Marks of what was looked for: of a group or claim that is not among them nobody knows whether the person has it. */
  readonly sought: string;
  /** The provider's own session (`sid`), where it has one. */
  readonly providerSession: string | null;
  /** The name by which the provider knows the person: sent along to be asked for the same one again. */
  readonly loginHint: string | null;
}

/** One signed-in person at one provider in one browser. Carried sealed in the session cookie. */
export interface Session extends Identity {
  /** Birth id of the ledger that knows this session's revocations. */
  readonly birth: string;
  /** Constant from sign-in to sign-out. */
  readonly family: string;
  /** Grows with every sign-in and step-up. */
  readonly generation: number;
  /** Name of the provider in gateway.yaml. */
  readonly provider: string;
  /** Newest last, at most {@link MAX_PROOFS}. */
  readonly proofs: readonly Proof[];
  readonly createdAt: Seconds;
  /** Fixed at sign-in; a step-up never moves it. */
  readonly expiresAt: Seconds;
}

/** Who somebody is, and nothing else of what is known beside it: of a session, or of an answer. */
export const identityOf = (identity: Identity): Identity => {
  const { issuer, subject, name, email, groups, namedGroupsOnly, claims, sought, providerSession, loginHint } =
    identity;
  return { issuer, subject, name, email, groups, namedGroupsOnly, claims, sought, providerSession, loginHint };
};

/** Whether two identities are the same person: issuer and subject, and nothing else (OpenID Connect Core 5.7). */
export const samePerson = (a: Pick<Identity, 'issuer' | 'subject'>, b: Pick<Identity, 'issuer' | 'subject'>): boolean =>
  a.issuer === b.issuer && a.subject === b.subject;

/** A session keeps at most this many proofs; the oldest goes first. */
export const MAX_PROOFS = 8;

/** The proofs of a session after one more authentication: of proofs with equal evidence only the newest stays. */
export function withProof(proofs: readonly Proof[], added: Proof): readonly Proof[] {
  const equal = proofs.find((proof) => sameEvidence(proof, added));
  // A provider's time can go backwards between two answers; what was proven later must not be forgotten for it.
  const newest = equal === undefined ? added : newer(equal, added);
  const kept = proofs.filter((proof) => proof !== equal);
  return [...kept, newest].sort((a, b) => a.at - b.at).slice(-MAX_PROOFS);
}

function newer(a: Proof, b: Proof): Proof {
  if (a.freshAt !== b.freshAt) return (a.freshAt ?? -1) > (b.freshAt ?? -1) ? a : b;
  return a.at > b.at ? a : b;
}

function sameEvidence(a: Proof, b: Proof): boolean {
  return (
    a.acr === b.acr &&
    (a.freshAt === null) === (b.freshAt === null) &&
    (a.amr ?? []).join(' ') === (b.amr ?? []).join(' ') &&
    JSON.stringify(a.facts) === JSON.stringify(b.facts)
  );
}
