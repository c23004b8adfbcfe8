import { PROBLEMS } from '../problems.ts';
import type { Lint } from './lint.ts';
import { looseEmail } from './loose-email.ts';
import { maxAgeNoEffect } from './max-age-no-effect.ts';
import { methodGap } from './method-gap.ts';
import { missingTranslation } from './missing-translation.ts';
import { neverMatches } from './never-matches.ts';
import { oddComparison } from './odd-comparison.ts';
import {
  acceptUnused,
  levelUnprovable,
  plainSecret,
  sharedOrigin,
  trustsEveryone,
  unknownAmr,
} from './of-compiling.ts';
import { oneTimeOnPages } from './one-time-on-pages.ts';
import { permissionAcrossProviders } from './permission-across-providers.ts';
import { publicByExtension } from './public-by-extension.ts';
import { publicUnderFloor } from './public-under-floor.ts';
import { queryOrForm } from './query-or-form.ts';
import { shadowed } from './shadowed.ts';
import { shadowedByWeaker } from './shadowed-by-weaker.ts';
import { spoofableLeniency } from './spoofable-leniency.ts';
import { twinPath } from './twin-path.ts';
import { unknownClaim } from './unknown-claim.ts';
import { unmarkedSatisfies } from './unmarked-satisfies.ts';
import { untested } from './untested.ts';
import { unusedCondition } from './unused-condition.ts';
import { utcHours } from './utc-hours.ts';
import { validityOverSession } from './validity-over-session.ts';
import { whenAsPermission } from './when-as-permission.ts';
import { wideNetwork } from './wide-network.ts';

/** Every lint, the errors first, then by what they are about. docs/lints.md has them in this order. */
export const LINTS: readonly Lint[] = [
  levelUnprovable,
  publicUnderFloor,
  shadowed,
  shadowedByWeaker,
  methodGap,
  whenAsPermission,
  queryOrForm,
  twinPath,
  publicByExtension,
  neverMatches,
  spoofableLeniency,
  looseEmail,
  wideNetwork,
  permissionAcrossProviders,
  unknownClaim,
  utcHours,
  unmarkedSatisfies,
  unknownAmr,
  oddComparison,
  maxAgeNoEffect,
  validityOverSession,
  oneTimeOnPages,
  sharedOrigin,
  trustsEveryone,
  plainSecret,
  missingTranslation,
  unusedCondition,
  untested,
  acceptUnused,
];

const BY_ID: ReadonlyMap<string, Lint> = new Map(LINTS.map((lint) => [lint.id, lint]));

/** The lint of an id; undefined where it is none. */
export const lintOf = (id: string): Lint | undefined => BY_ID.get(id);

/** What an id of a problem or notice means, in a sentence; undefined where it is none. */
export const meaningOf = (id: string): string | undefined =>
  BY_ID.get(id)?.summary ?? (Object.hasOwn(PROBLEMS, id) ? PROBLEMS[id as keyof typeof PROBLEMS] : undefined);
