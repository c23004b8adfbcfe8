import type { Place } from '../../config/source-file.ts';
import type { App } from '../../config/world.ts';
import { satisfiable } from '../../core/decide.ts';
import { type Demand, meetsLevel, metUntil, type Requirement, unmet } from '../../core/demand.ts';
import type { Standing } from '../../core/evidence.ts';
import type { Seconds } from '../../core/time.ts';
import type { ExplainedDemand } from './explanation.ts';
import { momentText, spanText } from './words.ts';

/**
 * Each demand: from where, met until when, or why not.
 *
 * @param timed - whether `now` is a time that means anything to anybody
 */
export function demandsOf(
  app: App,
  { demands, oneTime }: Requirement,
  standing: Standing | null,
  now: Seconds,
  timed: boolean,
): readonly ExplainedDemand[] {
  return demands.map((demand) => {
    const why = satisfiable(app, demand, now) ? unmet(demand, standing, now) : 'unsatisfiable';
    const until = standing === null || why !== null ? null : metUntil(demand, standing, now);
    const own = demand === oneTime;
    return {
      level: demand.level.name,
      comparison: demand.comparison,
      max_age: demand.maxAge,
      since: demand.since === null ? null : momentText(demand.since),
      one_time: own,
      by: demand.source,
      place: placeOfSource(app, demand.source),
      met: why === null && !own,
      until: until === null || !timed ? null : momentText(until),
      left: until === null ? null : Math.floor(until - now),
      why: why === null && own ? 'one_time' : why,
      sentence: sentenceOf(demand, why ?? (own ? 'one_time' : null), { app, standing, until, now, timed }),
    };
  });
}

interface Beside {
  readonly app: App;
  readonly standing: Standing | null;
  readonly until: Seconds | null;
  readonly now: Seconds;
  readonly timed: boolean;
}

function sentenceOf(demand: Demand, why: ExplainedDemand['why'], { app, standing, until, now, timed }: Beside): string {
  const { level, since } = demand;
  switch (why) {
    case null:
      if (until === null) return 'met';
      return `${timed ? `until ${momentText(until)}, ` : ''}for ${spanText(until - now)}`;
    case 'no_session':
      return 'nobody is signed in';
    case 'insufficient_level':
      return demand.comparison === 'minimum' ? `no proof of "${level.name}" was given` : 'no such proof was given';
    case 'stale_authentication':
      return staleSentence(demand, standing, now);
    case 'one_time':
      return 'this very request needs a step-up of its own';
    case 'unsatisfiable': {
      const provable = app.provable.some((proven) => meetsLevel(proven, demand));
      if (provable && since !== null) return `no proof can be later than ${momentText(since)} yet`;
      const levels = app.provable.map(({ name }) => name).join(', ');
      return `nobody can prove it: the provider "${app.provider}" proves ${levels === '' ? 'nothing' : levels}`;
    }
  }
}

/** The newest proof that would do if it were younger, and what it is too old for. */
function staleSentence(demand: Demand, standing: Standing | null, now: Seconds): string {
  const fitting = (standing?.proofs ?? []).filter(({ level }) => meetsLevel(level, demand));
  const newest = fitting.toSorted((a, b) => b.proof.at - a.proof.at)[0];
  if (newest === undefined) return 'the proof is too old';
  const { proof, level } = newest;
  const span = demand.spans[level.rank] ?? 0;
  const age = `the proof of "${level.name}" is ${spanText(now - proof.at)} old`;
  if (now - proof.at >= span) return `${age} and counts for ${spanText(span)}`;
  if (proof.freshAt === null) return `${age}, and its provider did not say when it was given`;
  if (demand.since !== null && proof.freshAt <= demand.since) {
    return `${age}, and was not given after ${momentText(demand.since)}`;
  }
  return demand.maxAge === null ? `${age}` : `${age}, and max_age is ${spanText(demand.maxAge)}`;
}

/** Where a rule, a floor or an app's own demand stands. */
export function placeOfSource(app: App, source: string): Place | null {
  if (source === app.name || source === 'default') return app.places.require;
  const rule = app.ruleList.find((placed) => placed.rule.id === source);
  return (rule ?? app.floorList.find((placed) => placed.floor.id === source))?.place ?? null;
}
