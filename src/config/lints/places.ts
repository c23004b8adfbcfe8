import { below, keysAt, top, type Where } from '../source-file.ts';
import { conditionsIn, type LintedApp, type Whole } from './whole.ts';

/** A condition that stands somewhere, with the names it may use. */
export interface PlacedCondition {
  readonly where: Where;
  readonly text: string;
  readonly names: LintedApp['conditions'];
}

/** Every condition of a configuration, each where it is written, once. */
export function* conditionsOf({ policies, apps, floors }: Whole): Iterable<PlacedCondition> {
  const shared = new Map(conditionsIn(policies));
  yield* inFile(policies, shared);
  for (const { where, laid } of floors) {
    const [first] = laid;
    if (first?.floor.when) yield { where: below(where, 'when'), text: first.floor.when.text, names: shared };
  }
  for (const { where, policy, rules, conditions } of apps) {
    if (policy.only !== null) yield { where: below(where, 'only'), text: policy.only.text, names: shared };
    if (policy.file !== null) yield* inFile(policy.file, conditions);
    for (const { rule, where: place } of rules) {
      if (rule.when !== null) yield { where: below(place, 'when'), text: rule.when.text, names: conditions };
      if (rule.only !== null) yield { where: below(place, 'only'), text: rule.only.text, names: conditions };
    }
  }
}

function* inFile(source: Whole['policies'], names: LintedApp['conditions']): Iterable<PlacedCondition> {
  const all = below(top(source), 'conditions');
  for (const name of keysAt(all)) yield { where: below(all, name), text: names.get(name) ?? '', names };
}
