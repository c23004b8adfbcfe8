import type { OidcWithoutSecrets } from '../config/world.ts';
import { factsRead } from '../core/evidence.ts';
import type { Fact, Proof } from '../core/session.ts';
import type { Seconds } from '../core/time.ts';
import type { Failed, Verified } from '../ports.ts';
import { type Claims, claimOf, isTexts, type Note, readIdentity } from './claims.ts';
import { failed } from './failure.ts';

/** What came of an ID token, and what the operator should hear of it. */
export interface Judgement {
  readonly verdict: Verified | Failed;
  readonly notes: readonly Note[];
}

/**
 * A token older than this belongs to another trip, whatever its nonce says: no flow lives so long. A provider's clock may
 * still be behind by that much, since ages are taken on its own clock.
 */
export const OLDEST_ISSUE: Seconds = 600;

/** OpenID Connect Core 2: `sub` is at most 255 characters. */
const LONGEST_SUBJECT = 255;
const LONGEST_NOTE = 64;

/**
 * Judges the claims of an ID token whose signature, issuer, expiry and nonce are verified: the person, and the proof of
 * how they authenticated. The library lets acr and amr of any type, an auth_time in the far future and a foreign azp
 * pass, so everything that a level could rest on is checked here.
 *
 * @param issuer - the provider's issuer, as verified
 * @param now - our clock, at receipt
 * @param about - claims about the person, where they do not come from the token alone; nothing else is read of them
 */
export function judge(
  claims: Claims,
  config: OidcWithoutSecrets,
  issuer: string,
  now: Seconds,
  about: Claims = claims,
): Judgement {
  const read = readEvidence(claims, config, now);
  if (typeof read === 'string') return { verdict: failed('invalid_response', `check failed: ${read}`), notes: [] };
  const { identity, notes } = readIdentity(claims, about, config, issuer, read.subject);
  const proof = proofOf(read, now);
  return { verdict: { ok: true, identity, proof, sessionEnds: null }, notes: [...notes, ...unmapped(proof, config)] };
}

/** The checks, each by the claim it is about. */
type Check = 'aud' | 'azp' | 'sub' | 'iat' | 'auth_time' | 'auth_time in the future' | 'acr' | 'amr' | 'acrs';

interface Evidence {
  readonly subject: string;
  readonly issuedAt: Seconds;
  readonly authTime: Seconds | null;
  readonly acr: string | null;
  readonly amr: readonly string[] | null;
  readonly facts: readonly Fact[];
}

/** The evidence, or the check that failed. */
function readEvidence(claims: Claims, config: OidcWithoutSecrets, now: Seconds): Evidence | Check {
  // Core 3.1.3.7: no audience beside us is trusted, and whoever the token was issued to is us.
  const audience = claimOf(claims, 'aud');
  const only = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience;
  if (only !== config.clientId) return 'aud';
  const party = claimOf(claims, 'azp');
  if (party !== undefined && party !== config.clientId) return 'azp';

  const subject = claimOf(claims, 'sub');
  if (typeof subject !== 'string' || subject === '' || subject.length > LONGEST_SUBJECT) return 'sub';

  const issuedAt = claimOf(claims, 'iat');
  if (!isTime(issuedAt) || issuedAt > now + config.clockTolerance) return 'iat';
  if (issuedAt < now - OLDEST_ISSUE - config.clockTolerance) return 'iat';

  const authTime = claimOf(claims, 'auth_time');
  if (authTime !== undefined && !isTime(authTime)) return 'auth_time';
  if (authTime !== undefined && authTime > issuedAt + config.clockTolerance) return 'auth_time in the future';

  const acr = claimOf(claims, 'acr');
  if (acr !== undefined && typeof acr !== 'string') return 'acr';
  const amr = claimOf(claims, 'amr');
  if (amr !== undefined && !isTexts(amr)) return 'amr';
  const read = factsRead(config.evidence);
  const acrs = claimOf(claims, 'acrs');
  if (acrs !== undefined && !isTexts(acrs) && read.some(([claim]) => claim === 'acrs')) return 'acrs';
  const facts = read.filter((fact) => states(claims, fact));
  return { subject, issuedAt, authTime: authTime ?? null, acr: acr ?? null, amr: amr ?? null, facts: unique(facts) };
}

/** Whether a claim is this very value, or a list of texts that has it. A text is never searched in. */
function states(claims: Claims, [claim, value]: Fact): boolean {
  const found = claimOf(claims, claim);
  return found === value || (typeof value === 'string' && isTexts(found) && found.includes(value));
}

const unique = (facts: readonly Fact[]): readonly Fact[] => [
  ...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values(),
];

const isTime = (value: unknown): value is Seconds => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/**
 * Ages are taken on the provider's clock and then counted on ours. An authentication a little after its own token's issue
 * has age 0: tolerance lets it pass, and never makes it younger than now. Where no time of authentication is stated, the
 * time of issue counts for a level's validity alone.
 */
function proofOf(evidence: Evidence, now: Seconds): Proof {
  const { issuedAt, authTime, acr, amr, facts } = evidence;
  const at = authTime === null ? now : Math.max(0, now - Math.ceil(Math.max(0, issuedAt - authTime)));
  return { at, freshAt: authTime === null ? null : at, acr, amr, facts };
}

/** An acr that no level names is worth an operator's attention; it came over the wire, so it is escaped and cut. */
function unmapped(proof: Proof, config: OidcWithoutSecrets): readonly Note[] {
  const { acr } = proof;
  const known = config.evidence.marks.flatMap((mark) => mark.acr);
  // Where no level looks at acr, it is no news that it has some value or other.
  if (acr === null || acr === '0' || known.length === 0 || known.includes(acr)) return [];
  return [{ event: 'unmapped_acr', detail: encodeURIComponent(acr.toWellFormed()).slice(0, LONGEST_NOTE) }];
}
