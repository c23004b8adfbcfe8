import { type Level, standsAtOrAbove } from './ladder.ts';
import type { Fact, Proof, Session } from './session.ts';

/** What a proof must say. Every list that is not empty must be met; where all are empty nothing is proven by anything. */
export interface Predicate {
  /** Its acr is one of these. */
  readonly acr: readonly string[];
  /** Its list claim `acrs` has one of these (authentication contexts of Entra ID). */
  readonly acrs: readonly string[];
  /** Its amr has all of these. */
  readonly amrAll: readonly string[];
  /** Its amr has one of these. */
  readonly amrAny: readonly string[];
  /** Each of these claims is, or has, this very value. */
  readonly claims: readonly Fact[];
}

/** A level, and what proves it. */
export interface Mark extends Predicate {
  readonly level: Level;
}

/** What proves which level at one provider: the compiled `levels` and `unmarked` of its entry in gateway.yaml. */
export interface EvidenceMap {
  /** Strongest first. */
  readonly marks: readonly Mark[];
  /** What an authentication that no mark holds for is worth; null = nothing. */
  readonly unmarked: Level | null;
}

/** A mark whose other lists are empty. */
export const markOf = (level: Level, predicate: Partial<Predicate>): Mark => ({
  acr: [],
  acrs: [],
  amrAll: [],
  amrAny: [],
  claims: [],
  ...predicate,
  level,
});

/** A proof beside a level it proves under the configuration in force: the strongest, or the strongest of a branch. */
export interface StandingProof {
  readonly proof: Proof;
  readonly level: Level;
}

/** A session as one world sees it: computed when the cookie is opened, dropped with the world. */
export interface Standing {
  readonly session: Session;
  readonly proofs: readonly StandingProof[];
}

/**
 * The strongest levels that a proof is evidence of: one at most on a chain, one of each branch on a tree. An acr of "0"
 * says that the provider has no confidence at all (OpenID Connect Core 2) and is never worth anything, not even what an
 * unmarked authentication is.
 */
export function provenLevels(map: EvidenceMap, proof: Proof): readonly Level[] {
  if (proof.acr === '0') return [];
  const proven: Level[] = [];
  for (const mark of map.marks) {
    if (proven.some((level) => standsAtOrAbove(level, mark.level))) continue;
    if (holds(mark, proof)) proven.push(mark.level);
  }
  if (proven.length === 0 && map.unmarked !== null) proven.push(map.unmarked);
  return proven;
}

/** Whether a proof says all that a predicate asks for. */
export function holds({ acr, acrs, amrAll, amrAny, claims }: Predicate, proof: Proof): boolean {
  const asked = acr.length + acrs.length + amrAll.length + amrAny.length + claims.length;
  if (asked === 0) return false;
  if (acr.length > 0 && (proof.acr === null || !acr.includes(proof.acr))) return false;
  const amr = proof.amr ?? [];
  if (!amrAll.every((method) => amr.includes(method))) return false;
  if (amrAny.length > 0 && !amrAny.some((method) => amr.includes(method))) return false;
  const states = ([claim, value]: Fact): boolean => proof.facts.some((fact) => fact[0] === claim && fact[1] === value);
  if (acrs.length > 0 && !acrs.some((context) => states(['acrs', context]))) return false;
  return claims.every(states);
}

/** Every fact that some mark of the map looks at: all that a proof needs to keep beside acr and amr. */
export const factsRead = (map: EvidenceMap): readonly Fact[] =>
  map.marks.flatMap(({ acrs, claims }) => [...acrs.map((context): Fact => ['acrs', context]), ...claims]);

/** What a session's proofs are worth under `map`. Proofs of nothing are left out. */
export function standingOf(session: Session, map: EvidenceMap): Standing {
  const proofs: StandingProof[] = [];
  for (const proof of session.proofs) {
    for (const level of provenLevels(map, proof)) proofs.push({ proof, level });
  }
  return { session, proofs };
}
