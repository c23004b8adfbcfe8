import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { harder, unmet } from '../../src/core/demand.ts';
import { MAX_PROOFS, type Proof, withProof } from '../../src/core/session.ts';
import type {
  NaiveCondition,
  NaiveDemand,
  NaiveFloor,
  NaiveLevel,
  NaivePolicy,
  NaiveRule,
  Truth,
} from './naive-policy.ts';
import { NOW } from './people.ts';
import {
  allows,
  condition,
  decided,
  floorIn,
  inNaiveWords,
  proofIn,
  type Scene,
  scene,
  span,
  standingFor,
} from './scenes.ts';

const NO_EVIDENCE = { amr: null, facts: [] } as const;
const RUNS = { numRuns: 2000 };

/** A scene, and something at random that fits its levels. */
const sceneAnd = <T>(more: (levels: readonly NaiveLevel[]) => fc.Arbitrary<T>): fc.Arbitrary<[Scene, T]> =>
  scene.chain((s) => fc.tuple(fc.constant(s), more(s.policy.levels)));

const withPolicy = (s: Scene, change: Partial<NaivePolicy>): Scene => ({ ...s, policy: { ...s.policy, ...change } });
const withRequest = (s: Scene, change: Partial<Scene['request']>): Scene => ({
  ...s,
  request: { ...s.request, ...change },
});

/** Every demand of a policy changed. One object stays one, as a demand that is met twice is one. */
function withDemands(s: Scene, change: (demand: NaiveDemand) => NaiveDemand): Scene {
  const { require, rules, floors } = s.policy;
  return withPolicy(s, {
    require: require && change(require),
    rules: rules.map((rule) => ({ ...rule, demand: rule.demand && change(rule.demand) })),
    floors: floors.map((floor) => ({ ...floor, demand: floor.demand && change(floor.demand) })),
  });
}

/** Every condition of a policy changed, with a number of its own. */
function withConditions(s: Scene, change: (condition: NaiveCondition, nth: number) => NaiveCondition): Scene {
  let nth = 0;
  const to = (condition: NaiveCondition | null): NaiveCondition | null => condition && change(condition, nth++);
  const { only, rules, floors } = s.policy;
  return withPolicy(s, {
    only: to(only),
    rules: rules.map((rule) => ({ ...rule, when: to(rule.when), only: to(rule.only) })),
    floors: floors.map((floor) => ({ ...floor, when: to(floor.when) })),
  });
}

/** Asserts that what the changed scene allows, and tells of a person for nothing, the scene itself does. */
function assertNoMore(changed: Scene, s: Scene): void {
  const now = inNaiveWords(decided(changed));
  if (now.kind !== 'allow') return;
  const before = inNaiveWords(decided(s));
  assert.equal(before.kind, 'allow');
  if (now.demands.length === 0 && now.told) assert.ok(before.told);
}

describe('never an allow that was not there:', () => {
  test('a floor more', () => {
    const more = sceneAnd((levels) => fc.tuple(floorIn(levels, 9), fc.nat(3)));
    fc.assert(
      fc.property(more, ([s, [floor, place]]) => {
        assertNoMore(withPolicy(s, { floors: s.policy.floors.toSpliced(place, 0, floor) }), s);
      }),
      RUNS,
    );
  });

  test('an exception of a floor less', () => {
    fc.assert(
      fc.property(scene, (s) => {
        assertNoMore(withPolicy(s, { floors: s.policy.floors.map((floor) => ({ ...floor, except: [] })) }), s);
      }),
      RUNS,
    );
  });

  test('a shorter max_age, or one where there was none', () => {
    fc.assert(
      fc.property(scene, span, (s, limit) => {
        const shorter = withDemands(s, (demand) => ({ ...demand, maxAge: Math.min(demand.maxAge ?? limit, limit) }));
        assertNoMore(shorter, s);
      }),
      RUNS,
    );
  });

  test('a later since, or one where there was none', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: -2, max: 14 }), (s, before) => {
        const since = NOW - before;
        assertNoMore(
          withDemands(s, (demand) => ({ ...demand, since: Math.max(demand.since ?? since, since) })),
          s,
        );
      }),
      RUNS,
    );
  });

  test('a shorter validity of any level, whatever the comparisons', () => {
    fc.assert(
      fc.property(scene, fc.nat(4), span, (s, which, validity) => {
        const levels = s.policy.levels.map((level, i) =>
          i === which ? { ...level, validity: Math.min(level.validity, validity) } : level,
        );
        assertNoMore(withPolicy(s, { levels }), s);
      }),
      RUNS,
    );
  });

  test('a higher level, as a minimum, that does not last longer', () => {
    fc.assert(
      fc.property(scene, fc.nat(4), (s, which) => {
        const named = new Map(s.policy.levels.map((level) => [level.name, level]));
        const higher = withDemands(s, (demand) => {
          const above = s.policy.levels.filter(({ above }) => above.includes(demand.level))[which];
          const lower = named.get(demand.level);
          const raised = above !== undefined && lower !== undefined && above.validity <= lower.validity;
          return raised && demand.comparison === 'minimum' ? { ...demand, level: above.name } : demand;
        });
        assertNoMore(higher, s);
      }),
      RUNS,
    );
  });

  test('a level in between that does not last longer than those above it', () => {
    const more = scene.filter(({ policy }) => policy.levels.some(({ above }) => above.length > 0));
    fc.assert(
      fc.property(more, fc.nat(4), (s, which) => {
        const uppers = s.policy.levels.filter(({ above }) => above.length > 0);
        const upper = uppers[which % uppers.length];
        if (upper === undefined) return;
        const between = { name: 'between', validity: upper.validity, above: upper.above };
        const levels = s.policy.levels.flatMap((level) =>
          level === upper ? [between, { ...level, above: ['between'] }] : [level],
        );
        assertNoMore(withPolicy(s, { levels }), s);
      }),
      RUNS,
    );
  });

  test('one condition that fails, or all of them', () => {
    fc.assert(
      fc.property(scene, fc.nat(8), fc.boolean(), (s, which, all) => {
        // What is not known before somebody signs in has no result yet that could be replaced by this one.
        const failing = withConditions(s, (condition, nth) =>
          all || nth === which
            ? { ...condition, forNobody: condition.forNobody === 'person' ? 'person' : 'failed', forPerson: 'failed' }
            : condition,
        );
        assertNoMore(failing, s);
      }),
      RUNS,
    );
  });

  test('one condition that cannot be told without a person, or all of them', () => {
    fc.assert(
      fc.property(scene, fc.nat(8), fc.boolean(), (s, which, all) => {
        const unknown = withConditions(s, (condition, nth) =>
          all || nth === which ? { ...condition, forNobody: 'person' } : condition,
        );
        assertNoMore(unknown, s);
      }),
      RUNS,
    );
  });

  for (const [made, by] of [
    ['parameters that come again', (query) => `${query}&do=q&do=r&id=q&id=r`],
    ['parameters that come again in other spellings', (query) => `${query}&DO=q&do[]=r&id.=q&I_D=r`],
    ['escapes that cannot be undone', (query) => `${query}&x=%zz`],
  ] as const satisfies readonly (readonly [string, (query: string) => string])[]) {
    test(`a query that is ambiguous by ${made}`, () => {
      fc.assert(
        fc.property(scene, (s) => assertNoMore(withRequest(s, { query: by(s.request.query) }), s)),
        RUNS,
      );
    });
  }

  test('a body, in which parameters may stand', () => {
    fc.assert(
      fc.property(scene, (s) => assertNoMore(withRequest(s, { hasBody: true }), withRequest(s, { hasBody: false }))),
      RUNS,
    );
  });

  test('a reading more', () => {
    fc.assert(
      fc.property(scene, fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 }), (s, reading) => {
        if (s.request.paths.length === 0) return;
        assertNoMore(withRequest(s, { paths: [...s.request.paths, reading] }), s);
      }),
      RUNS,
    );
  });

  test('an `only`, or a step-up for each request, on what had none', () => {
    fc.assert(
      fc.property(scene, condition, (s, only) => {
        const rules = s.policy.rules.map(
          (rule): NaiveRule => (rule.says === 'require' ? { ...rule, only: rule.only ?? only, oneTime: true } : rule),
        );
        assertNoMore(withPolicy(s, { rules, only: s.policy.only ?? only }), s);
      }),
      RUNS,
    );
  });

  test('a level less that the provider can prove', () => {
    fc.assert(
      fc.property(scene, fc.nat(4), (s, which) => {
        assertNoMore(withPolicy(s, { provable: s.policy.provable.filter((_, i) => i !== which) }), s);
      }),
      RUNS,
    );
  });

  test('time that passes, but for what lay in the future', () => {
    fc.assert(
      fc.property(scene, fc.nat(12), (s, seconds) => {
        const { proofs } = s.request;
        if (proofs?.some(({ at, freshAt }) => at - NOW > 60 || (freshAt ?? 0) - NOW > 60)) return;
        const past = withDemands(s, (demand) => ({ ...demand, since: demand.since && Math.min(demand.since, NOW) }));
        assertNoMore(withRequest(past, { now: NOW + seconds }), past);
      }),
      RUNS,
    );
  });
});

describe('a person who is known', () => {
  test('loses nothing by one proof more, whatever the comparisons', () => {
    fc.assert(
      fc.property(
        sceneAnd((levels) => fc.tuple(proofIn(levels), fc.nat(4))),
        ([s, [proof, place]]) => {
          const { proofs } = s.request;
          if (proofs === null) return;
          assertNoMore(s, withRequest(s, { proofs: proofs.toSpliced(place, 0, proof) }));
        },
      ),
      RUNS,
    );
  });

  test('loses nothing by an answer of the provider that joins those of before', () => {
    fc.assert(
      fc.property(
        sceneAnd((levels) => fc.array(proofIn(levels), { minLength: 1, maxLength: MAX_PROOFS })),
        ([s, answers]) => {
          // As answers come: of one time, if it is known, and none that is still to come.
          const past = answers.map(({ level, at, freshAt }) => ({
            ...NO_EVIDENCE,
            acr: level,
            at: Math.min(at, NOW),
            freshAt: freshAt && Math.min(at, NOW),
          }));
          const [last, ...before] = past;
          if (last === undefined) return;
          const kept = before.reduce(withProof, [] as readonly Proof[]);
          const holding = (proofs: readonly Proof[]): Scene =>
            withRequest(s, { proofs: proofs.map(({ acr, at, freshAt }) => ({ level: acr ?? '', at, freshAt })) });
          assertNoMore(holding(kept), holding(withProof(kept, last)));
        },
      ),
      RUNS,
    );
  });

  test('loses nothing by a fresher proof of the same level in place of an older one', () => {
    fc.assert(
      fc.property(scene, fc.nat(3), fc.nat(14), (s, which, age) => {
        const before = s.request.proofs?.[which];
        if (s.request.proofs === null || before === undefined) return;
        const at = Math.max(before.at, NOW - age);
        const freshAt = before.freshAt === null ? at : Math.max(before.freshAt, NOW - age);
        assertNoMore(s, withRequest(s, { proofs: s.request.proofs.with(which, { ...before, at, freshAt }) }));
      }),
      RUNS,
    );
  });

  test('loses nothing by a stronger proof in place of a weaker one, where nothing is exact or a maximum', () => {
    fc.assert(
      fc.property(scene, fc.nat(3), fc.nat(4), (s, which, higher) => {
        const { proofs } = s.request;
        const before = proofs?.[which];
        const level = s.policy.levels.filter(({ above }) => before && above.includes(before.level))[higher];
        if (proofs === null || before === undefined || level === undefined) return;
        const mild = withDemands(s, (demand) =>
          demand.comparison === 'better' ? demand : { ...demand, comparison: 'minimum' },
        );
        assertNoMore(mild, withRequest(mild, { proofs: proofs.with(which, { ...before, level: level.name }) }));
      }),
      RUNS,
    );
  });

  test('has every demand met that they were allowed by, and is asked for the hardest that is missing', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const decision = decided(s);
        const standing = standingFor(s.policy, s.request.proofs);
        if (decision.kind === 'allow') {
          for (const demand of decision.requirement.demands) assert.equal(unmet(demand, standing, NOW), null);
        }
        if (decision.kind !== 'challenge' || decision.why === 'one_time') return;
        assert.equal(unmet(decision.missing, standing, NOW), decision.why);
        for (const demand of decision.requirement.demands) {
          if (unmet(demand, standing, NOW) !== null) assert.ok(harder(decision.missing, demand) <= 0);
        }
      }),
      RUNS,
    );
  });
});

describe('nobody', () => {
  const anonymous = scene.map((s) => withRequest(s, { proofs: null }));

  test('is let in by no condition that the facts of a person would have closed', () => {
    const outcomes = fc.array(fc.constantFrom<Exclude<Truth, 'person'>>('true', 'false', 'failed'), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(anonymous, outcomes, (s, told) => {
        if (!allows(s)) return;
        // Whoever signs in has the same request, and facts that nobody had.
        const signedIn = withConditions(withRequest(s, { proofs: [] }), (condition, nth) => {
          const { forNobody } = condition;
          return {
            ...condition,
            forPerson: forNobody === 'person' ? (told[nth % told.length] ?? 'failed') : forNobody,
          };
        });
        assert.ok(allows(signedIn));
      }),
      { numRuns: 10_000 },
    );
  });

  test('is allowed only where every reading is public, no floor has a say, and nobody is told to anyone', () => {
    fc.assert(
      fc.property(anonymous, (s) => {
        const decision = decided(s);
        if (decision.kind !== 'allow') return;
        assert.deepEqual([decision.standing, decision.requirement.demands], [null, []]);
        assert.equal(decision.rule?.effect.kind, 'public');
      }),
      RUNS,
    );
  });

  test('is asked for nothing but a first sign-in', () => {
    fc.assert(
      fc.property(anonymous, (s) => {
        const decision = decided(s);
        if (decision.kind === 'challenge') assert.equal(decision.why, 'no_session');
      }),
      RUNS,
    );
  });
});

describe('a decision is the same', () => {
  const same = (one: Scene, other: Scene): void =>
    assert.deepEqual(inNaiveWords(decided(one)), inNaiveWords(decided(other)));
  const without = (s: Scene, mode: NaiveRule['mode']): Scene => {
    const stays = (item: NaiveRule | NaiveFloor): boolean => item.mode !== mode;
    return withPolicy(s, { rules: s.policy.rules.filter(stays), floors: s.policy.floors.filter(stays) });
  };

  test('without the rules and floors that are off', () => {
    fc.assert(
      fc.property(scene, (s) => same(s, without(s, 'off'))),
      RUNS,
    );
  });

  test('without those that only report, which are named beside it', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const live = withRequest(s, { rehearsal: false });
        same(live, without(live, 'report'));
        assert.deepEqual(decided(without(live, 'report')).reported, []);
        for (const { mode } of decided(live).reported) assert.equal(mode, 'report');
      }),
      RUNS,
    );
  });

  test('in a rehearsal as if what only reports were enforced', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const enforce = <T extends NaiveRule | NaiveFloor>(item: T): T =>
          item.mode === 'report' ? { ...item, mode: 'enforce' } : item;
        const { rules, floors } = s.policy;
        const enforced = withPolicy(s, { rules: rules.map(enforce), floors: floors.map(enforce) });
        same(withRequest(s, { rehearsal: true }), withRequest(enforced, { rehearsal: false }));
      }),
      RUNS,
    );
  });

  test('whatever stands below the rule that decided', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const [path] = s.request.paths;
        if (path === undefined) return;
        const one = withRequest(s, { paths: [path] });
        const last = decided(one).rule;
        if (last === null) return;
        const upTo = one.policy.rules.findIndex(({ id }) => id === last.id) + 1;
        same(one, withPolicy(one, { rules: one.policy.rules.slice(0, upTo) }));
        same(
          one,
          withPolicy(one, { rules: [...one.policy.rules.slice(0, upTo), ...one.policy.rules.slice(upTo).reverse()] }),
        );
      }),
      RUNS,
    );
  });

  test('for HEAD as for GET', () => {
    fc.assert(
      fc.property(scene, (s) => same(withRequest(s, { method: 'HEAD' }), withRequest(s, { method: 'GET' }))),
      RUNS,
    );
  });

  test('for several readings as for each of them: allowed where each of them alone is', () => {
    fc.assert(
      fc.property(scene, (s) => {
        if (s.request.paths.length === 0) return assert.ok(!allows(s));
        const alone = s.request.paths.map((path) => allows(withRequest(s, { paths: [path] })));
        assert.equal(allows(s), alone.every(Boolean));
      }),
      RUNS,
    );
  });
});
