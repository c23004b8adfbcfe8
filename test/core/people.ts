import { type Demand, type DemandTerms, demandOn } from '../../src/core/demand.ts';
import { type EvidenceMap, markOf, type Standing } from '../../src/core/evidence.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { Proof, Session } from '../../src/core/session.ts';
import type { Seconds } from '../../src/core/time.ts';

export const MINUTE = 60;
export const HOUR = 3600;
export const NOW: Seconds = 1_800_000_000;

export const LADDER = buildLadder([
  { name: 'password', label: 'Password', validity: 8 * HOUR },
  { name: 'mfa', label: 'Two-step verification', validity: HOUR },
  { name: 'passkey', label: 'Security key', validity: 15 * MINUTE },
]);

/** A level of {@link LADDER} that is known to be there. */
export function levelNamed(name: string): Level {
  const level = LADDER.named.get(name);
  if (level === undefined) throw new RangeError(`no level ${name}`);
  return level;
}

export const PASSWORD = levelNamed('password');
export const MFA = levelNamed('mfa');
export const PASSKEY = levelNamed('passkey');

/** acr "1", "2", "3" prove password, mfa, passkey; nothing else proves anything. */
export const EVIDENCE: EvidenceMap = {
  marks: [markOf(PASSKEY, { acr: ['3'] }), markOf(MFA, { acr: ['2'] }), markOf(PASSWORD, { acr: ['1'] })],
  unmarked: null,
};

export const proofOf = (acr: string | null, age: Seconds, more: Partial<Proof> = {}): Proof => ({
  at: NOW - age,
  freshAt: NOW - age,
  acr,
  amr: null,
  facts: [],
  ...more,
});

export const ANA: Session = {
  birth: 'ledger-1',
  family: 'family-1',
  generation: 1,
  provider: 'corp',
  issuer: 'https://id.example.com',
  subject: 'ana',
  name: 'Ana',
  email: 'ana@corp.example',
  groups: [],
  namedGroupsOnly: false,
  sought: '',
  claims: new Map(),
  proofs: [],
  providerSession: null,
  loginHint: null,
  createdAt: NOW - HOUR,
  expiresAt: NOW + 11 * HOUR,
};

/** Ana with proofs of these levels, each so many seconds old: `{ mfa: 60 }`. */
export function standingWith(ages: Readonly<Record<string, Seconds>>): Standing {
  const proofs = Object.entries(ages).map(([name, age]) => {
    const level = levelNamed(name);
    return { level, proof: proofOf(String(level.rank + 1), age) };
  });
  return { session: { ...ANA, proofs: proofs.map(({ proof }) => proof) }, proofs };
}

/** A demand on {@link LADDER}. */
export const demandOf = (
  level: Level,
  maxAge: Seconds | null = null,
  source = 'app/rule',
  more: Partial<DemandTerms> = {},
): Demand => demandOn(LADDER, { level, maxAge, source, ...more });
