import { youngerThan } from './demand.ts';
import type { Standing } from './evidence.ts';
import { bitOf, type Level, type LevelName, type LevelSet, standsAtOrAbove } from './ladder.ts';
import type { Proof } from './session.ts';
import type { Seconds } from './time.ts';

/** What an upstream is told of a person: the same facts in headers and in the signed assertion. */
export interface IdentityFacts {
  readonly subject: string;
  /** Name of the provider in gateway.yaml. */
  readonly provider: string;
  /** The provider's own identity. With `subject` it says who the person is. */
  readonly issuer: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Those of the person's groups that the app is told. */
  readonly groups: readonly string[];
  /** The strongest level that counts. */
  readonly level: LevelName | null;
  /** Every level that counts, weakest first. */
  readonly levels: readonly LevelName[];
  /** When the person authenticated for `level`, in whole seconds; and what the provider said of it. */
  readonly at: Seconds | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

/**
 * The facts of one session for one app.
 *
 * @param levels - the ladder, weakest first
 * @param counting - the levels that count now
 * @param mayForwardGroup - which of the person's groups this app is told
 */
export function identityFacts(
  standing: Standing,
  levels: readonly Level[],
  counting: LevelSet,
  mayForwardGroup: (group: string) => boolean,
  now: Seconds,
): IdentityFacts {
  const { subject, provider, issuer, name, email, groups } = standing.session;
  const standingNow = levels.filter((level) => (counting & bitOf(level)) !== 0);
  const strongest = standingNow[standingNow.length - 1];
  const proof = strongest === undefined ? undefined : proofOf(standing, strongest, now);
  return {
    subject: subject.toWellFormed(),
    provider,
    issuer,
    name: name?.toWellFormed() ?? null,
    email: email?.toWellFormed() ?? null,
    groups: wellFormed(groups.filter(mayForwardGroup)),
    level: strongest?.name ?? null,
    levels: standingNow.map((level) => level.name),
    at: proof === undefined ? null : Math.floor(proof.at),
    acr: proof?.acr?.toWellFormed() ?? null,
    amr: wellFormed(proof?.amr ?? []),
  };
}

/** Half a character of a claim would be another one, or an error, in whoever reads it. */
const wellFormed = (texts: readonly string[]): readonly string[] => texts.map((text) => text.toWellFormed());

/** The newest proof that counts for `level` now. */
function proofOf(standing: Standing, level: Level, now: Seconds): Proof | undefined {
  let found: Proof | undefined;
  for (const { proof, level: proven } of standing.proofs) {
    if (!standsAtOrAbove(proven, level) || !youngerThan(proof.at, level.validity, now)) continue;
    if (found === undefined || proof.at >= found.at) found = proof;
  }
  return found;
}
