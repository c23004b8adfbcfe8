import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupsKept, groupsTold, readByConditions } from '../../src/config/compile-reads.ts';
import type { App, PlacedFloor, PlacedRule } from '../../src/config/world.ts';
import type { Condition, Reads } from '../../src/core/condition.ts';

const condition = (reads: Partial<Reads>): Condition => ({
  text: '',
  reads: { names: new Set(), groups: [], claims: [], ...reads },
  test: () => true,
});

type Judged = Parameters<typeof readByConditions>[0][number];

const PLACED = {
  off: false,
  paths: [],
  patterns: [],
  accepted: [],
  place: { file: 'policies.yaml', line: 1, column: 1 },
} as unknown as Omit<PlacedRule, 'rule'>;

const ruleWith = (rule: { when?: Condition; only?: Condition }, off = false): PlacedRule =>
  ({ ...PLACED, off, rule: { when: null, only: null, ...rule } }) as unknown as PlacedRule;
const floorWith = (when: Condition, off = false): PlacedFloor =>
  ({ ...PLACED, off, floor: { when } }) as unknown as PlacedFloor;
const appWith = (more: Partial<App>): Judged => ({ only: null, ruleList: [], floorList: [], ...more });

describe('what conditions read of a person', () => {
  const hr = condition({ groups: ['hr'], claims: ['dept'] });
  const places: readonly (readonly [place: string, app: Judged])[] = [
    ['who may at all', appWith({ only: hr })],
    ['a rule’s when', appWith({ ruleList: [ruleWith({}), ruleWith({ when: hr })] })],
    ['a rule’s only', appWith({ ruleList: [ruleWith({ only: hr })] })],
    ['a floor’s when', appWith({ floorList: [floorWith(hr)] })],
  ];
  for (const [place, app] of places) {
    test(`is read in ${place}`, () => {
      assert.deepEqual(readByConditions([appWith({}), app], 'all'), {
        groups: ['hr'],
        anyGroup: false,
        claims: ['dept'],
      });
    });
  }

  test('is nothing of what rules and floors that are off would read', () => {
    const app = appWith({ ruleList: [ruleWith({ when: hr, only: hr }, true)], floorList: [floorWith(hr, true)] });
    assert.deepEqual(readByConditions([app], 'all'), { groups: [], anyGroup: false, claims: [] });
  });

  test('is, as far as anybody is to notice, nothing of what is only reported', () => {
    const reported = { when: hr, only: hr, mode: 'report' } as const;
    const app = appWith({
      ruleList: [{ ...ruleWith({}), rule: reported as unknown as PlacedRule['rule'] }],
      floorList: [{ ...floorWith(hr), floor: reported as unknown as PlacedFloor['floor'] }],
    });
    assert.deepEqual(readByConditions([app], 'enforced'), { groups: [], anyGroup: false, claims: [] });
    assert.deepEqual(readByConditions([app], 'all'), { groups: ['hr'], anyGroup: false, claims: ['dept'] });
  });

  test('is each thing once, in an order that the files do not change', () => {
    const it = condition({ groups: ['it', 'hr'], claims: ['grade', 'dept'] });
    const expected = { groups: ['hr', 'it'], anyGroup: false, claims: ['dept', 'grade'] };
    assert.deepEqual(readByConditions([appWith({ only: hr }), appWith({ only: it })], 'all'), expected);
    assert.deepEqual(readByConditions([appWith({ only: it }), appWith({ only: hr })], 'all'), expected);
  });

  test('is every group where one is asked for in another way than by name', () => {
    const any = condition({ groups: null });
    assert.deepEqual(readByConditions([appWith({ only: hr }), appWith({ only: any })], 'all'), {
      groups: ['hr'],
      anyGroup: true,
      claims: ['dept'],
    });
  });
});

describe('groups', () => {
  const SOME = ['hr', 'hr-lead', 'corp-x', 'staff', 'sales', 'a*', 'ab'];
  const which = (takes: (group: string) => boolean) => SOME.filter(takes);

  test('that conditions name are kept beside those of the apps, and never left out of a session', () => {
    const { keepsGroup, namesGroup } = groupsKept(['corp-*', 'staff'], { groups: ['hr'], anyGroup: false });
    assert.deepEqual(which(keepsGroup), ['hr', 'corp-x', 'staff']);
    assert.deepEqual(which(namesGroup), ['hr', 'staff']);
  });

  test('are all kept where conditions read any, and only named ones never left out', () => {
    const { keepsGroup, namesGroup } = groupsKept(['corp-*', 'staff'], { groups: ['hr'], anyGroup: true });
    assert.deepEqual(which(keepsGroup), SOME);
    assert.deepEqual(which(namesGroup), ['hr', 'staff']);
  });

  test('that conditions over an app name are told to it, and no others for their sake', () => {
    const told = groupsTold(['corp-*'], { groups: ['hr'] });
    assert.deepEqual(which(told.forwardsGroup), ['hr', 'corp-x']);
    assert.equal(told.groupsByPattern, true);
    assert.deepEqual(which(groupsTold([], { groups: [] }).forwardsGroup), []);
    assert.equal(groupsTold(['staff'], { groups: ['hr'] }).groupsByPattern, false);
  });

  test('with a star in their name are just that in a condition', () => {
    const { keepsGroup, namesGroup } = groupsKept([], { groups: ['a*'], anyGroup: false });
    assert.deepEqual(which(keepsGroup), ['a*']);
    assert.deepEqual(which(namesGroup), ['a*']);
    const told = groupsTold([], { groups: ['a*'] });
    assert.deepEqual(which(told.forwardsGroup), ['a*']);
    assert.equal(told.groupsByPattern, false);
  });
});
