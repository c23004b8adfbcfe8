import type { Demand } from '../core/demand.ts';
import { type Ladder, type Level, standsAtOrAbove } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import { reportUnknownLevel } from './compile-ladder.ts';
import { formatDuration } from './durations.ts';
import type { Findings } from './findings.ts';
import type { Where } from './source-file.ts';
import { below } from './source-file.ts';

/** What the demands of one app are compared with. */
export interface AppContext {
  readonly app: string;
  /** Null where policies.yaml has none. */
  readonly ladder: Ladder | null;
  readonly provider: string | null;
  /** The levels its provider can prove; null where that is not known. */
  readonly provable: readonly Level[] | null;
}

/**
 * Compiles the demand that a map makes with `require` and `max_age`.
 *
 * @param owner - the map
 * @param source - who asks, as it is shown everywhere
 * @returns null after reporting why there is none
 */
export function compileDemand(
  require: string,
  maxAge: Seconds | undefined,
  owner: Where,
  source: string,
  context: AppContext,
  findings: Findings,
): Demand | null {
  if (context.ladder === null) return null;
  const where = below(owner, 'require');
  const level = context.ladder.named.get(require);
  if (level === undefined) {
    reportUnknownLevel(require, where, false, context.ladder, findings);
    return null;
  }
  if (context.provable !== null && !context.provable.some((proven) => standsAtOrAbove(proven, level))) {
    const message = `nobody can prove "${require}" to the app "${context.app}": its provider "${context.provider}" cannot`;
    findings.problem(where, 'level-not-provable', message, 'say under its "levels" which acr proves it');
  }
  if (maxAge !== undefined) checkMaxAge(maxAge, level, below(owner, 'max_age'), findings);
  return { level, maxAge: maxAge ?? null, source };
}

function checkMaxAge(maxAge: Seconds, level: Level, where: Where, findings: Findings): void {
  if (maxAge === 0) {
    const hint = 'write the time it takes to come back from the provider and act, such as 1m';
    findings.problem(where, 'max-age-zero', 'no proof is ever younger than 0s', hint);
  } else if (maxAge > level.validity) {
    const message = `longer than the validity of "${level.name}", which is ${formatDuration(level.validity)}`;
    findings.problem(where, 'max-age-too-long', message, 'leave max_age out, or make it shorter');
  }
}
