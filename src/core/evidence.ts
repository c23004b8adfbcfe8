import type { Level } from './ladder.ts';
import type { Proof, Session } from './session.ts';

/** What proves which level at one provider: the compiled `levels` and `unmarked` of its entry in gateway.yaml. */
export interface EvidenceMap {
  /** Strongest first. */
  readonly marks: readonly { readonly level: Level; readonly acr: string }[];
  /** What an authentication without a known acr is worth; null = nothing. */
  readonly unmarked: Level | null;
}

/** A proof beside the strongest level it proves under the configuration in force. */
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
 * The strongest level that a proof is evidence of, or null. An acr of "0" says that the provider has no confidence at
 * all (OpenID Connect Core 2) and is never worth anything, not even what an unmarked authentication is.
 */
export function provenLevel(map: EvidenceMap, proof: Proof): Level | null {
  if (proof.acr === '0') return null;
  for (const mark of map.marks) if (mark.acr === proof.acr) return mark.level;
  return map.unmarked;
}

/** What a session's proofs are worth under `map`. Proofs of nothing are left out. */
export function standingOf(session: Session, map: EvidenceMap): Standing {
  const proofs: StandingProof[] = [];
  for (const proof of session.proofs) {
    const level = provenLevel(map, proof);
    if (level !== null) proofs.push({ proof, level });
  }
  return { session, proofs };
}
