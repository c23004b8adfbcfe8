import type { Found, Lint } from './lint.ts';
import { coversMethods, methodsOverlap } from './method-sets.ts';
import type { Pattern } from './pattern-sets.ts';
import { type LintedApp, type LintedFloor, type LintedRule, leavesOut, type Whole } from './whole.ts';

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const one of app.rules) {
      if (!one.inForce || one.rule.effect.kind !== 'public') continue;
      const over = one.patterns.map((pattern) => floorOver(app, one, pattern));
      const [floor] = over.filter((found) => found !== null);
      if (floor !== undefined) {
        const whole = over.every((found) => found !== null);
        const message = `"${floor.floor.id}" lies over ${whole ? 'all' : 'a part'} of this rule: nothing is public there`;
        const hint = 'add an exception to the floor, or say what is required instead of public';
        yield whole ? { where: one.where, message, hint } : { where: one.where, message, hint, severity: 'warning' };
        continue;
      }
      const sometimes = sometimesOver(app, one);
      if (sometimes === null) continue;
      const message = `"${sometimes.floor.id}" asks for something here whenever its condition holds, or cannot be told`;
      yield { where: one.where, message, hint: 'add an exception to the floor, or accept that', severity: 'warning' };
    }
  }
}

/** A floor because of which no request of a pattern is public. */
function floorOver(app: LintedApp, { rule }: LintedRule, pattern: Pattern): LintedFloor | null {
  let found: LintedFloor | null = null;
  app.lying.covering(pattern, (laid) => {
    const over =
      laid.unconditional &&
      coversMethods(laid.floor.methods, rule.methods) &&
      !leavesOut(laid, pattern, (methods) => methodsOverlap(methods, rule.methods), 'some');
    if (over) found = laid;
    return over;
  });
  return found;
}

/** A floor with conditions that lies over some of a rule. */
function sometimesOver(app: LintedApp, { rule, patterns }: LintedRule): LintedFloor | null {
  let found: LintedFloor | null = null;
  for (const pattern of patterns) {
    app.lying.overlapping(pattern, (laid) => {
      const over =
        !laid.unconditional &&
        methodsOverlap(laid.floor.methods, rule.methods) &&
        !leavesOut(laid, pattern, (methods) => coversMethods(methods, rule.methods), 'all');
      if (over) found = laid;
      return over;
    });
  }
  return found;
}

export const publicUnderFloor: Lint = {
  id: 'public-under-floor',
  severity: 'error',
  summary: 'A rule says public, and a floor over it demands something all the same.',
  why: `No rule lowers a floor, a public one neither: the path is not public, whatever the rule says. Under a floor without conditions that is
an error. Under a floor with a condition, or one over a part of the rule's paths, it is a warning: the path is public now and then, and its style
sheet may be missing on the very page that asks for a second step.`,
  wrong: {
    policies: `floors:
  - {id: everyone, require: password}
apps:
  wiki:
    rules:
      - {id: assets, path: /static/**, public: true}`,
  },
  right: {
    policies: `floors:
  - {id: everyone, require: password, except: [{app: wiki, path: /static/**, methods: read}]}
apps:
  wiki:
    rules:
      - {id: assets, path: /static/**, public: true}`,
  },
  meant:
    'The error cannot be accepted. Where the warning is meant, write `accept: public-under-floor` at the rule, with a `note` that says why.',
  find,
};
