import { type Demand, demandOn, meetsLevel } from '../core/demand.ts';
import type { Ladder, Level } from '../core/ladder.ts';
import { reportUnknownLevel } from './compile-ladder.ts';
import { formatDuration } from './durations.ts';
import type { Findings } from './findings.ts';
import type { DemandEntry } from './policies-schema.ts';
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

/** What stands beside a demand in the map that makes it. */
export interface DemandPlace {
  /** The map. */
  readonly owner: Where;
  /** Who asks, as it is shown everywhere. */
  readonly source: string;
  /** What it says to people; the level's own sentence where it is undefined. */
  readonly message?: Readonly<Record<string, string>> | undefined;
  readonly note?: string | undefined;
}

/**
 * Compiles the demand that a map makes with `require`, `comparison`, `max_age` and `since`.
 *
 * @returns null where it makes none, or after reporting why there is none
 */
export function compileDemand(
  entry: DemandEntry,
  place: DemandPlace,
  context: AppContext,
  findings: Findings,
): Demand | null {
  const { owner, source } = place;
  if (entry.require === undefined) {
    reportTermsAlone(entry, owner, findings);
    return null;
  }
  if (context.ladder === null) return null;
  const where = below(owner, 'require');
  const level = context.ladder.named.get(entry.require);
  if (level === undefined) {
    reportUnknownLevel(entry.require, where, false, context.ladder, findings);
    return null;
  }
  const demand = demandOn(context.ladder, {
    level,
    source,
    comparison: entry.comparison ?? 'minimum',
    maxAge: entry.max_age ?? null,
    since: entry.since ?? null,
    ...(place.message === undefined ? {} : { message: new Map(Object.entries(place.message)) }),
  });
  checkComparison(demand, place, findings);
  checkProvable(demand, where, context, findings);
  if (demand.maxAge !== null) checkMaxAge(demand, demand.maxAge, below(owner, 'max_age'), findings);
  return demand;
}

/** What only means something beside a level that is required. */
const TERMS = ['comparison', 'max_age', 'since'] as const;

function reportTermsAlone(entry: DemandEntry, owner: Where, findings: Findings): void {
  for (const term of TERMS) {
    if (entry[term] === undefined) continue;
    const hint = 'say which level it is about';
    findings.problemAtKey(below(owner, term), 'demand-without-require', `${term} without require`, hint);
  }
}

function checkComparison({ level, comparison, spans }: Demand, place: DemandPlace, findings: Findings): void {
  const where = below(place.owner, 'comparison');
  if (comparison === 'better' && spans.every((span) => span === 0)) {
    const message = `no level stands above "${level.name}", so nothing would ever be better`;
    findings.problem(where, 'nothing-above', message, `write require: ${level.name} without comparison`);
  } else if ((comparison === 'better' || comparison === 'maximum') && place.note === undefined) {
    const hint = 'add a note that says why: it is hardly ever what is meant';
    findings.problem(where, 'note-missing', `comparison: ${comparison} wants a note`, hint);
  }
}

function checkProvable(demand: Demand, where: Where, context: AppContext, findings: Findings): void {
  const { provable, app, provider } = context;
  const meetable = demand.spans.some((span) => span > 0);
  if (!meetable || provable === null || provable.some((proven) => meetsLevel(proven, demand))) return;
  const message = `nobody can prove "${demand.level.name}" to the app "${app}": its provider "${provider}" cannot`;
  findings.problem(where, 'level-unprovable', message, 'say under its "levels" what proves it');
}

function checkMaxAge({ level, spans }: Demand, maxAge: number, where: Where, findings: Findings): void {
  const longest = Math.max(...spans);
  if (maxAge === 0) {
    const hint = 'write the time it takes to come back from the provider and act, such as 1m';
    findings.problem(where, 'max-age-zero', 'no proof is ever younger than 0s', hint);
  } else if (maxAge > longest && longest > 0) {
    const message = `longer than the validity of "${level.name}", which is ${formatDuration(longest)}`;
    findings.problem(where, 'max-age-too-long', message, 'leave max_age out, or make it shorter');
  }
}
