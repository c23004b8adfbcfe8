import { filed } from '../../config/compile-policy-apps.ts';
import type { Scenario, ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Condition } from '../../core/condition.ts';
import { type Decision, decide, type Question } from '../../core/decide.ts';
import type { Level } from '../../core/ladder.ts';
import type { Floor, Rule } from '../../core/policy.ts';
import { oneLine } from './columns.ts';
import type { NearestAllow, NearestCondition } from './explanation.ts';
import { posedIn, type Scene } from './scene.ts';

/** One change of what a condition comes to, wherever the app uses it. */
type Flip = Pick<NearestCondition, 'text' | 'outcome'>;

/** More conditions than this on one path are not tried. */
const MOST_FLIPS = 64;

/** More levels than this are not tried in pairs. */
const MOST_PAIRED = 8;

/** The nearest allow, and what it takes for absent because nobody said it. */
export interface Nearest {
  readonly nearest: NearestAllow;
  readonly absent: ReadonlySet<string>;
}

/**
 * The smallest change that lets a request through: fresh proofs, else one condition that came to something else, with
 * fresh proofs where it takes them too. Each is tried with the gate's own decision.
 *
 * @param readings - every way in which the path may be read
 */
export function nearestAllow(scene: Scene, readings: Question['readings']): Nearest {
  const app = narrowed(scene.app, readings);
  const sets = proofSets(app.provable, scene.scenario.person === null);
  const proven = firstOpen(scene, [app], sets);
  if (proven !== null) return answer(proven, null);
  const flips = flipsOf(app).slice(0, MOST_FLIPS);
  const flippedApps = flips.map((flip) => flipped(app, flip));
  const opened = firstOpen(scene, flippedApps, sets);
  const flip = opened === null ? undefined : flips[opened.app];
  if (opened !== null && flip !== undefined) return answer(opened, { ...flip, by: ownersOf(app, flip.text) });
  const sentence = 'Nothing that a person proves opens it, and no single condition does either.';
  return { nearest: { kind: 'none', proofs: [], one_time: false, condition: null, sentence }, absent: new Set() };
}

interface Opened {
  /** Which of the apps. */
  readonly app: number;
  readonly proofs: readonly Level[];
  /** Whether it takes a step-up for this very request besides. */
  readonly oneTime: boolean;
  readonly absent: ReadonlySet<string>;
}

/** The first of several apps that lets the request through with the fewest proofs. */
function firstOpen(scene: Scene, apps: readonly App[], sets: readonly (readonly Level[])[]): Opened | null {
  for (const proofs of sets) {
    for (const [i, app] of apps.entries()) {
      const opened = opens(scene, app, proofs);
      if (opened !== null) return { ...opened, app: i, proofs };
    }
  }
  return null;
}

/** The same app with nothing but the rules and floors of this path: a few of maybe thousands. */
function narrowed(app: App, readings: Question['readings']): App {
  const rules = new Set<Rule>(readings.flatMap((segments) => app.rules.find(segments)));
  const floors = new Set<Floor>(readings.flatMap((segments) => app.floors.find(segments)));
  const ruleList = app.ruleList.filter(({ rule }) => rules.has(rule));
  const floorList = app.floorList.filter(({ floor }) => floors.has(floor));
  return { ...app, ruleList, floorList, ...filed(ruleList, floorList) };
}

/** Fewest first, weakest first. Whoever is not signed in proves something in any case. */
function proofSets(provable: readonly Level[], anonymous: boolean): readonly (readonly Level[])[] {
  const singles = provable.map((level) => [level]);
  const paired = provable.length > MOST_PAIRED ? [] : provable;
  const pairs = paired.flatMap((one, i) => paired.slice(i + 1).map((other) => [one, other]));
  const sets = [...singles, ...pairs, ...(provable.length > 2 ? [provable] : [])];
  return anonymous ? sets : [[], ...sets];
}

/** How an app answers whoever has these fresh proofs beside their own; null where it does not let them through. */
function opens(scene: Scene, app: App, fresh: readonly Level[]): Pick<Opened, 'oneTime' | 'absent'> | null {
  const { scenario } = scene;
  const before = scenario.person ?? scene.visitor ?? stranger(app);
  const proofs = new Map(scenario.person?.proofs ?? []);
  for (const level of fresh) proofs.set(level, 0);
  const person: ScenarioPerson = { ...before, proofs, signedIn: scenario.person === null ? 0 : before.signedIn };
  const asked: Scenario = { ...scenario, person: proofs.size === 0 ? scenario.person : person };
  const posed = posedIn(scene, asked);
  if ('refused' in posed) return null;
  const decision: Decision = decide(app, posed.question);
  const oneTime = decision.kind === 'challenge' && decision.why === 'one_time';
  return decision.kind === 'allow' || oneTime ? { oneTime, absent: posed.notGiven } : null;
}

/** Somebody of whom nothing is known. */
const stranger = ({ provider }: App): ScenarioPerson => ({
  provider,
  proofs: new Map(),
  signedIn: 0,
  subject: null,
  email: null,
  name: null,
  groups: null,
  claims: null,
});

function conditionsOf(app: App): readonly { readonly by: string; readonly condition: Condition }[] {
  const found = [
    { by: app.name, condition: app.only },
    ...app.ruleList.map(({ rule }) => ({ by: rule.id, condition: rule.only })),
    ...app.ruleList.map(({ rule }) => ({ by: rule.id, condition: rule.when })),
    ...app.floorList.map(({ floor }) => ({ by: floor.id, condition: floor.when })),
  ];
  return found.flatMap(({ by, condition }) => (condition === null ? [] : [{ by, condition }]));
}

const flipsOf = (app: App): readonly Flip[] =>
  [...new Set(conditionsOf(app).map(({ condition }) => condition.text))].flatMap((text) => [
    { text, outcome: true },
    { text, outcome: false },
  ]);

const ownersOf = (app: App, text: string): readonly string[] => [
  ...new Set(conditionsOf(app).flatMap(({ by, condition }) => (condition.text === text ? [by] : []))),
];

/** The same app where a condition always comes to the same. */
function flipped(app: App, { text, outcome }: Flip): App {
  const forced = (condition: Condition | null): Condition | null =>
    condition?.text === text ? { text, reads: condition.reads, test: () => outcome } : condition;
  const ruleList = app.ruleList.map((placed) => {
    const { rule } = placed;
    return { ...placed, rule: { ...rule, only: forced(rule.only), when: forced(rule.when) } };
  });
  const floorList = app.floorList.map((placed) => {
    const { floor } = placed;
    return { ...placed, floor: { ...floor, when: forced(floor.when) } };
  });
  return { ...app, only: forced(app.only), ...filed(ruleList, floorList) };
}

function answer({ proofs, oneTime, absent }: Opened, condition: NearestCondition | null): Nearest {
  const names = proofs.map(({ name }) => name);
  const words: string[] = [];
  if (condition !== null) {
    words.push(`\`${oneLine(condition.text)}\` to be ${condition.outcome} (${condition.by.join(', ')})`);
  }
  const fresh = `a fresh proof of ${names.map((name) => `"${name}"`).join(' and one of ')}`;
  if (oneTime) words.push(`${names.length > 0 ? fresh : 'a step-up'} for this very request`);
  else if (names.length > 0) words.push(fresh);
  const kind = condition === null ? 'proofs' : 'condition';
  const sentence = `It takes ${words.join(', and ')}.`;
  return { nearest: { kind, proofs: names, one_time: oneTime, condition, sentence }, absent };
}
