import type { Condition, Outcome } from './condition.ts';
import type { DenyWhy, Question, Recorder } from './decide.ts';
import type { Demand } from './demand.ts';
import type { Facts } from './facts.ts';
import { floorMatch, ruleMatch } from './match.ts';
import type { AppPolicy, Floor, Rule } from './policy.ts';

/** Everything that a policy says of one request, before it is compared with what the person has proven. */
export interface Gathered {
  /** What refuses it whatever the person proves. */
  readonly refused: { readonly why: DenyWhy; readonly by: string } | null;
  /** Each once, in the order in which they were met. */
  readonly demands: readonly Demand[];
  readonly oneTime: Demand | null;
  /** Whether something cannot be told before somebody is signed in. */
  readonly unknownPerson: boolean;
  /** Whether every reading is public: then whether whoever is signed in is told all the same; null where one is not. */
  readonly open: 'known' | 'nobody' | null;
  /** What decided the first reading. */
  readonly rule: Rule | null;
  readonly reported: readonly (Rule | Floor)[];
}

const NONE: readonly never[] = [];

/** What is gathered while a request is compared with its app's rules and floors. */
class Gathering {
  refused: Gathered['refused'] = null;
  readonly demands: Demand[] = [];
  oneTime: Demand | null = null;
  unknownPerson = false;
  reported: (Rule | Floor)[] | null = null;

  refuse(why: DenyWhy, by: string): void {
    this.refused ??= { why, by };
  }

  add(demands: readonly Demand[]): void {
    for (const demand of demands) if (!this.demands.includes(demand)) this.demands.push(demand);
  }

  /** Notes what is only reported. Whether it counts all the same. */
  counts(item: Rule | Floor, rehearsal: boolean): boolean {
    if (item.mode === 'enforce') return true;
    this.reported ??= [];
    if (!this.reported.includes(item)) this.reported.push(item);
    return rehearsal;
  }

  /** Whether whoever is here may at all; where that cannot be told they may not. */
  allows(only: Condition | null, owner: Rule | AppPolicy, facts: Facts, recorder: Recorder | null): boolean {
    if (only === null) return true;
    const outcome: Outcome = only.test(facts);
    recorder?.only(owner, outcome);
    if (outcome === 'person') this.unknownPerson = true;
    else if (outcome !== true) this.refuse('forbidden', 'id' in owner ? owner.id : owner.name);
    return outcome === true;
  }
}

/** Compares a request with the rules and floors of its app, in every way in which its path may be read. */
export function gather(app: AppPolicy, question: Question, recorder: Recorder | null): Gathered {
  const { readings, request, standing, now, rehearsal = false } = question;
  const gathering = new Gathering();
  let open: Gathered['open'] = readings.length > 0 ? 'known' : null;
  let first: Rule | null = null;
  for (const [i, segments] of readings.entries()) {
    const facts: Facts = { request, segments, standing, now, memo: null };
    recorder?.reading(facts);
    const found = walkRules(app, facts, gathering, rehearsal, recorder);
    if (i === 0) first = found.rule;
    if (found.open === null) open = null;
    else if (open === 'known') open = found.open;
    layFloors(app, facts, gathering, rehearsal, recorder);
    if (gathering.refused !== null) break;
  }
  const { refused, demands, oneTime, unknownPerson, reported } = gathering;
  return { refused, demands, oneTime, unknownPerson, open, rule: first, reported: reported ?? NONE };
}

/** From top to bottom, up to the first rule that is certainly the one. */
function walkRules(
  app: AppPolicy,
  facts: Facts,
  gathering: Gathering,
  rehearsal: boolean,
  recorder: Recorder | null,
): Pick<Gathered, 'rule' | 'open'> {
  // A demand of a rule that may be the one keeps the path from being public by what stands below it, and one that is
  // public without telling who is there keeps it untold.
  let maybe = false;
  let untold = false;
  for (const rule of app.rules.find(facts.segments)) {
    const match = ruleMatch(rule, facts);
    recorder?.rule(rule, match);
    if (match !== 'hit' && match !== 'undetermined' && match !== 'person') continue;
    if (!gathering.counts(rule, rehearsal)) continue;
    if (match === 'person') {
      gathering.unknownPerson = true;
      addOwnDemand(app, facts, gathering, recorder);
      return { rule, open: null };
    }
    const { effect } = rule;
    if (match === 'undetermined') {
      // Both outcomes are followed: what the rule takes holds, what it gives does not, and the search goes on.
      if (effect.kind === 'public') {
        untold ||= !effect.known;
        continue;
      }
      maybe = true;
    }
    if (effect.kind === 'deny') {
      gathering.refuse('forbidden', rule.id);
      return { rule, open: null };
    }
    if (effect.kind === 'public') {
      if (maybe) addOwnDemand(app, facts, gathering, recorder);
      return { rule, open: maybe ? null : effect.known && !untold ? 'known' : 'nobody' };
    }
    if (gathering.allows(rule.only, rule, facts, recorder)) {
      if (effect.demands.length === 0 && app.require === null) gathering.refuse('no_rule', rule.id);
      gathering.add(effect.demands);
      if (rule.oneTime) gathering.oneTime ??= effect.demands[0] ?? app.require;
    }
    if (match === 'undetermined' && gathering.refused === null) continue;
    addOwnDemand(app, facts, gathering, recorder);
    return { rule, open: null };
  }
  if (app.require === null) gathering.refuse('no_rule', app.name);
  addOwnDemand(app, facts, gathering, recorder);
  return { rule: null, open: null };
}

/** What the app itself demands of every request but public ones, and whom it is for. */
function addOwnDemand(app: AppPolicy, facts: Facts, gathering: Gathering, recorder: Recorder | null): void {
  gathering.allows(app.only, app, facts, recorder);
  if (app.require !== null) gathering.add([app.require]);
}

/** Every floor that matches has its say; where that cannot be told, it has. */
function layFloors(
  app: AppPolicy,
  facts: Facts,
  gathering: Gathering,
  rehearsal: boolean,
  recorder: Recorder | null,
): void {
  for (const floor of app.floors.find(facts.segments)) {
    const match = floorMatch(floor, facts);
    recorder?.floor(floor, match);
    if (match !== 'hit' && match !== 'undetermined' && match !== 'person') continue;
    if (!gathering.counts(floor, rehearsal)) continue;
    if (match === 'person') gathering.unknownPerson = true;
    else if (floor.effect.kind === 'deny') gathering.refuse('forbidden', floor.id);
    else gathering.add(floor.effect.demands);
  }
}
