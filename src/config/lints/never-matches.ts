import { parseAppPattern } from '../patterns.ts';
import { isWrong } from '../problems.ts';
import { below, lengthAt, valueAt } from '../source-file.ts';
import { neverTrue } from './conditions.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { coversMethods } from './method-sets.ts';
import { overlaps, type Pattern } from './pattern-sets.ts';
import { type LintedFloor, leavesOut, type Whole } from './whole.ts';

type Floor = Whole['floors'][number];

function* find({ apps, floors }: Whole): Iterable<Found> {
  for (const { rules, conditions } of apps) {
    for (const { rule, where } of rules) {
      if (rule.when === null || !neverTrue(rule.when.text, conditions)) continue;
      yield {
        where: below(where, 'when'),
        message: 'this condition is never true, so the rule is about nothing',
        hint: HINT,
      };
    }
  }
  const conditions = apps.find(({ policy }) => policy.file === null)?.conditions ?? new Map<string, string>();
  for (const floor of floors) yield* inFloor(floor, apps, conditions);
}

const HINT = 'change what contradicts itself, or delete it';

function* inFloor(floor: Floor, apps: Whole['apps'], conditions: ReadonlyMap<string, string>): Iterable<Found> {
  const { where, laid } = floor;
  const when = laid[0]?.floor.when;
  if (when && neverTrue(when.text, conditions)) {
    yield {
      where: below(where, 'when'),
      message: 'this condition is never true, so the floor asks for nothing',
      hint: HINT,
    };
  } else if (laid.length === 0 || laid.every(isLeftOut)) {
    const message =
      laid.length === 0 ? 'no app has a path that this floor is about' : 'its exceptions leave nothing of this floor';
    yield { where, message, hint: 'a path is the one in the address bar, with the mount of its app' };
  } else yield* deadPaths(floor, apps);
}

const isLeftOut = (laid: LintedFloor): boolean =>
  laid.patterns.every((pattern) =>
    leavesOut(laid, pattern, (methods) => coversMethods(methods, laid.floor.methods), 'all'),
  );

/** Paths of a floor that has others, which lie in none of its apps. */
function* deadPaths({ where, laid }: Floor, apps: Whole['apps']): Iterable<Found> {
  const list = below(where, 'path');
  for (let i = 0; i < lengthAt(list); i++) {
    const written = String(valueAt(below(list, i)));
    const lies = laid.some(({ app }) => {
      const running = apps.find(({ name }) => name === app)?.running;
      const pattern = parseAppPattern(written, null, running?.paths.windows ?? false);
      if (running === undefined || isWrong(pattern)) return true;
      const mount: Pattern = [...running.mount.map((text) => ({ kind: 'literal', text }) as const), { kind: 'rest' }];
      return overlaps(pattern, mount);
    });
    if (lies) continue;
    const message = 'no app under this floor has such a path';
    yield { where: below(list, i), message, hint: 'a path is the one in the address bar, with the mount of its app' };
  }
}

export const neverMatches: Lint = {
  id: 'never-matches',
  severity: 'warning',
  summary: 'A rule or floor can never be about any request.',
  why: `It stands in the file, is counted on, and does nothing. A condition that contradicts itself is mostly an \`&&\` that should have been an
\`||\`: hours of the night are after ten *or* before six. A floor's path is the one in the address bar, the mount of the app included.`,
  wrong: {
    policies: `floors:
  - id: night
    when: now.getHours("Europe/Zurich") >= 22 && now.getHours("Europe/Zurich") < 6
    require: mfa`,
  },
  right: {
    policies: `floors:
  - id: night
    when: now.getHours("Europe/Zurich") >= 22 || now.getHours("Europe/Zurich") < 6
    require: mfa`,
  },
  meant: acceptAt('rule or floor', 'never-matches'),
  find,
};
