import type { Recorder } from '../../core/decide.ts';
import type { Match } from '../../core/match.ts';
import type { Floor, Rule } from '../../core/policy.ts';
import type { Place } from '../source-file.ts';
import type { App, World } from '../world.ts';
import type { PolicyTest } from './policy-test.ts';
import { runTest } from './run-tests.ts';
import { type LeftOut, NARROWING, type Variant, variantsOf } from './variants.ts';

/** Something that a policy says and no test would miss. */
export interface Uncovered {
  readonly id: string;
  /** `nothing` hits it, or no test notices when this is left out. */
  readonly leftOut: LeftOut | 'nothing';
  readonly place: Place;
}

export interface Coverage {
  /** How many things the policies say that some test would miss, of how many. */
  readonly covered: number;
  readonly of: number;
  /** In the order of the apps and of what each says. */
  readonly uncovered: readonly Uncovered[];
}

/** What is found out of one thing that is said; of a floor over several apps, in all of them together. */
interface Finding {
  readonly variant: Variant;
  hit: boolean;
  noticed: boolean;
}

/** Finds out what of the policies no test would miss. Tests that fail as it is miss nothing. */
export function coverageOf({ apps }: Pick<World, 'apps'>, tests: readonly PolicyTest[]): Coverage {
  const findings = new Map<string, Finding>();
  for (const app of apps.values()) {
    const meeting = meetings(
      app,
      tests.filter((test) => test.app === app.name),
    );
    for (const variant of variantsOf(app)) {
      const key = `${variant.leftOut} ${variant.id}`;
      const finding = findings.get(key) ?? { variant, hit: false, noticed: false };
      findings.set(key, finding);
      const hitting = meeting.hitting(variant);
      finding.hit ||= hitting.length > 0;
      finding.noticed ||= noticed(variant, NARROWING.has(variant.leftOut) ? meeting.reaching(variant) : hitting);
    }
  }
  const all = [...findings.values()];
  const covered = all.filter((finding) => finding.noticed).length;
  return { covered, of: all.length, uncovered: all.filter((finding) => !finding.noticed).flatMap(uncoveredOf) };
}

function uncoveredOf({ variant: { id, leftOut, item, place }, hit }: Finding): readonly Uncovered[] {
  if (hit) return [{ id, leftOut, place }];
  // Of what is never hit nothing more needs to be said.
  return leftOut === 'all' || leftOut === 'require' || (item === null && leftOut === 'only')
    ? [{ id, leftOut: 'nothing', place }]
    : [];
}

const noticed = ({ without }: Variant, tests: readonly PolicyTest[]): boolean =>
  without === null ? tests.length > 0 : tests.some((test) => !runTest(test, without).passed);

/** Which tests have anything to do with what a variant leaves out: no other could notice. */
interface Meetings {
  /** For which it may be the rule or floor. */
  hitting(variant: Variant): readonly PolicyTest[];
  /** That come to look at it. */
  reaching(variant: Variant): readonly PolicyTest[];
}

function meetings(app: App, tests: readonly PolicyTest[]): Meetings {
  const hit = new Map<Rule | Floor, PolicyTest[]>();
  const reached = new Map<Rule | Floor, PolicyTest[]>();
  const passing = tests.filter((test) => {
    const seen: [Rule | Floor, Match][] = [];
    const note = (item: Rule | Floor, match: Match): void => void seen.push([item, match]);
    const { passed } = runTest(test, app, recorderOf(note));
    if (!passed) return false;
    for (const [item, match] of seen) {
      file(reached, item, test);
      if (match === 'hit' || match === 'undetermined' || match === 'person') file(hit, item, test);
    }
    return true;
  });
  const of = (filed: typeof hit, { item }: Variant): readonly PolicyTest[] =>
    item === null ? passing : (filed.get(item) ?? []);
  return { hitting: (variant) => of(hit, variant), reaching: (variant) => of(reached, variant) };
}

function file<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}

const recorderOf = (note: (item: Rule | Floor, match: Match) => void): Recorder => ({
  reading() {},
  rule: note,
  floor: note,
  only() {},
  gathered() {},
});
