import type { Outcome } from '../../core/condition.ts';
import type { Recorder } from '../../core/decide.ts';
import type { Facts } from '../../core/facts.ts';
import type { Gathered } from '../../core/gather.ts';
import type { Match } from '../../core/match.ts';
import type { AppPolicy, Floor, Rule } from '../../core/policy.ts';

/** What was found out about one reading of a path. */
export interface RecordedReading {
  readonly facts: Facts;
  readonly rules: Map<Rule, Match>;
  readonly floors: Map<Floor, Match>;
  readonly only: { readonly owner: Rule | AppPolicy; readonly outcome: Outcome }[];
}

/** Keeps all that the gate finds out on its way to a decision. */
export class Recording implements Recorder {
  readonly readings: RecordedReading[] = [];
  found: Gathered | null = null;

  reading(facts: Facts): void {
    this.readings.push({ facts, rules: new Map(), floors: new Map(), only: [] });
  }

  rule(rule: Rule, match: Match): void {
    this.readings.at(-1)?.rules.set(rule, match);
  }

  floor(floor: Floor, match: Match): void {
    this.readings.at(-1)?.floors.set(floor, match);
  }

  only(owner: Rule | AppPolicy, outcome: Outcome): void {
    this.readings.at(-1)?.only.push({ owner, outcome });
  }

  gathered(gathered: Gathered): void {
    this.found = gathered;
  }
}
