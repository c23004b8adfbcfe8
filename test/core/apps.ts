import { STRICT_PATHS } from '../../src/core/canonical-path.ts';
import { type PatternPiece, parsePattern } from '../../src/core/path-pattern.ts';
import { PathTree } from '../../src/core/path-tree.ts';
import type { AppPolicy, Effect, Rule } from '../../src/core/policy.ts';
import { LADDER } from './people.ts';

/** A pattern that is known to be one. */
export function patternOf(text: string): readonly PatternPiece[] {
  const pattern = parsePattern(text);
  if ('problem' in pattern) throw new RangeError(`${text}: ${pattern.problem}`);
  return pattern;
}

export const ruleWith = (effect: Effect, id = 'payroll/rule', order = 0): Rule => ({
  id,
  order,
  methods: null,
  effect,
  note: null,
});

/** An app whose provider proves every level and whose unmatched paths are denied. */
export const appWith = (more: Partial<AppPolicy> = {}): AppPolicy => ({
  name: 'payroll',
  rules: new PathTree<Rule>(),
  unmatched: { kind: 'deny' },
  provable: LADDER.levels,
  paths: STRICT_PATHS,
  namesMethods: false,
  ...more,
});
