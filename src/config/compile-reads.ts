import type { Condition } from '../core/condition.ts';
import type { Floor, Rule } from '../core/policy.ts';
import type { Read } from '../core/sought.ts';
import { isGlob, matcherOf } from './patterns.ts';
import type { App } from './world.ts';

type Judged = Pick<App, 'only' | 'ruleList' | 'floorList'>;

/**
 * What the conditions over some apps read, rules and floors that are off apart: those are never asked.
 *
 * @param which - `enforced` leaves out what is only reported, of which neither a person nor an upstream is to notice anything
 */
export function readByConditions(apps: readonly Judged[], which: 'all' | 'enforced'): Read {
  const reads = apps.flatMap((app) => conditionsOver(app, which)).map((condition) => condition.reads);
  return {
    groups: unique(reads.flatMap(({ groups }) => groups ?? [])),
    anyGroup: reads.some(({ groups }) => groups === null),
    claims: unique(reads.flatMap(({ claims }) => claims)),
  };
}

function conditionsOver({ only, ruleList, floorList }: Judged, which: 'all' | 'enforced'): readonly Condition[] {
  const asked = (off: boolean, { mode }: Rule | Floor): boolean => !off && (which === 'all' || mode === 'enforce');
  const rules = ruleList.filter(({ off, rule }) => asked(off, rule)).flatMap(({ rule }) => [rule.when, rule.only]);
  const floors = floorList.filter(({ off, floor }) => asked(off, floor)).map(({ floor }) => floor.when);
  return [only, ...rules, ...floors].filter((condition) => condition !== null);
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** Which groups an app is told: those that its entry names or takes by a pattern, and those that its conditions name. */
export function groupsTold(patterns: readonly string[], { groups }: Pick<Read, 'groups'>) {
  return { forwardsGroup: either(groups, patterns), groupsByPattern: patterns.some(isGlob) };
}

/**
 * Which groups a session keeps, and which of them are never left out of it. What is kept only because conditions read it
 * is told to no upstream for that.
 *
 * @param patterns - of all apps of the provider
 */
export function groupsKept(patterns: readonly string[], { groups, anyGroup }: Omit<Read, 'claims'>) {
  return {
    keepsGroup: anyGroup ? () => true : either(groups, patterns),
    namesGroup: either(
      groups,
      patterns.filter((pattern) => !isGlob(pattern)),
    ),
  };
}

/** A condition's `*` is a group's name as it is: only what operators write is a pattern. */
function either(names: readonly string[], patterns: readonly string[]): (group: string) => boolean {
  const named = new Set(names);
  const fits = matcherOf(patterns);
  return (group) => named.has(group) || fits(group);
}
