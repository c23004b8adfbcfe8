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
  /** Those of the person's groups that the app is told: all of them, or none. */
  readonly groups: readonly string[];
  /** Which groups there are is not known: some that the app may be told did not fit into the session. */
  readonly groupsOmitted: boolean;
  /** The strongest level that counts; of a tree, on the branch that met the hardest demand. */
  readonly level: LevelName | null;
  /** Every level that counts, weakest first. */
  readonly levels: readonly LevelName[];
  /** When the person authenticated for `level`, in whole seconds; and what the provider said of it. */
  readonly at: Seconds | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

/** Which of a person's groups an app is told. */
export interface GroupsTold {
  readonly forwardsGroup: (group: string) => boolean;
  /** Whether it takes some of them by a pattern rather than by name. */
  readonly groupsByPattern: boolean;
}

/**
 * The facts of one session for one app.
 *
 * @param levels - the ladder, weakest first
 * @param counting - the levels that count now
 * @param demanded - the level of the hardest demand that was met; null where nothing was demanded
 */
export function identityFacts(
  standing: Standing,
  levels: readonly Level[],
  counting: LevelSet,
  demanded: Level | null,
  { forwardsGroup, groupsByPattern }: GroupsTold,
  now: Seconds,
): IdentityFacts {
  const { subject, provider, issuer, name, email, groups, namedGroupsOnly } = standing.session;
  // A part of a list would be taken for the whole. Where the app names all that it takes, what is left is the whole.
  const groupsOmitted = namedGroupsOnly && groupsByPattern;
  const standingNow = levels.filter((level) => (counting & bitOf(level)) !== 0);
  const meeting = standingNow.filter((level) => demanded === null || standsAtOrAbove(level, demanded));
  // What was demanded `exact` or at most may be met by less than it names.
  const strongest = meeting.at(-1) ?? standingNow.at(-1);
  const proof = strongest === undefined ? undefined : proofOf(standing, strongest, now);
  return {
    subject: subject.toWellFormed(),
    provider,
    issuer,
    name: name?.toWellFormed() ?? null,
    email: email?.toWellFormed() ?? null,
    groups: groupsOmitted ? [] : wellFormed(groups.filter(forwardsGroup)),
    groupsOmitted,
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
