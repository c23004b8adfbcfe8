import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, firstMissing } from '../../src/core/decide.ts';
import { CHALLENGE_WHYS, type Demand, harder, unmet } from '../../src/core/demand.ts';
import { type EvidenceMap, markOf, type Standing, type StandingProof, standingOf } from '../../src/core/evidence.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { AppPolicy, Effect, Rule } from '../../src/core/policy.ts';
import { withProof } from '../../src/core/session.ts';
import type { Seconds } from '../../src/core/time.ts';
import { appWith, ruleWith } from './apps.ts';
import { ANA, NOW } from './people.ts';

/** Small numbers on purpose, so that proofs lie just inside and just outside of what is asked. */
const span = fc.integer({ min: 1, max: 12 });
const RUNS = { numRuns: 3000 };

const levelsOf = (validities: readonly Seconds[]): readonly Level[] =>
  buildLadder(validities.map((validity, i) => ({ name: `l${i}`, validity }))).levels;

interface Scene {
  readonly levels: readonly Level[];
  readonly effects: readonly Effect[];
  readonly unmatched: Effect;
  readonly hits: readonly (number | null)[];
  readonly provable: readonly Level[];
  readonly standing: Standing | null;
}

const demandIn = (levels: readonly Level[]): fc.Arbitrary<Demand> =>
  fc.record({
    level: fc.constantFrom(...levels),
    maxAge: fc.option(fc.integer({ min: 0, max: 12 })),
    source: fc.constantFrom('app', 'app/rule'),
  });

const effectIn = (levels: readonly Level[]): fc.Arbitrary<Effect> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<Effect>({ kind: 'public' }) },
    { weight: 1, arbitrary: fc.constant<Effect>({ kind: 'deny' }) },
    {
      weight: 6,
      arbitrary: fc
        .array(demandIn(levels), { maxLength: 3 })
        .map((demands): Effect => ({ kind: 'require', requirement: { demands } })),
    },
  );

const proofIn = (levels: readonly Level[]): fc.Arbitrary<StandingProof> =>
  fc
    .record({
      level: fc.constantFrom(...levels),
      age: fc.integer({ min: -70, max: 14 }),
      freshAge: fc.option(fc.integer({ min: -70, max: 14 })),
    })
    .map(({ level, age, freshAge }) => ({
      level,
      proof: {
        at: NOW - age,
        freshAt: freshAge === null ? null : NOW - freshAge,
        acr: level.name,
        amr: null,
        facts: [],
      },
    }));

const standingIn = (levels: readonly Level[]): fc.Arbitrary<Standing> =>
  fc.array(proofIn(levels), { maxLength: 4 }).map((proofs) => ({ session: ANA, proofs }));

const scene: fc.Arbitrary<Scene> = fc.array(span, { minLength: 1, maxLength: 4 }).chain((validities) => {
  const levels = levelsOf(validities);
  return fc.record({
    levels: fc.constant(levels),
    effects: fc.array(effectIn(levels), { minLength: 1, maxLength: 3 }),
    unmatched: effectIn(levels),
    hits: fc.array(fc.option(fc.nat(2)), { maxLength: 3 }),
    provable: fc.oneof(fc.constant(levels), fc.subarray([...levels])),
    standing: fc.option(standingIn(levels)),
  });
});

function staged({ effects, unmatched, hits, provable }: Scene): { app: AppPolicy; rules: readonly (Rule | null)[] } {
  const made = effects.map((effect, order) => ruleWith(effect, `app/r${order}`, order));
  const rules = hits.map((hit) => (hit === null ? null : (made[hit % made.length] ?? null)));
  return { app: appWith({ unmatched, provable }), rules };
}

const judge = (s: Scene) => {
  const { app, rules } = staged(s);
  return decide(app, rules, s.standing, NOW);
};
const allows = (s: Scene): boolean => judge(s).kind === 'allow';

const effectsHit = (s: Scene): readonly Effect[] =>
  staged(s).rules.map((rule) => (rule === null ? s.unmatched : rule.effect));

/** Said again, as naively as can be: what an allow needs, and nothing else is one. */
function mayPass(s: Scene): boolean {
  const effects = effectsHit(s);
  if (effects.length === 0) return false;
  if (effects.every(({ kind }) => kind === 'public')) return true;
  if (effects.some(({ kind }) => kind === 'deny')) return false;
  if (effects.some((effect) => effect.kind === 'require' && effect.requirement.demands.length === 0)) return false;
  const demands = effects.flatMap((effect) => (effect.kind === 'require' ? effect.requirement.demands : []));
  if (s.standing === null) return false;
  const proofs = s.standing.proofs;
  const young = (at: Seconds, limit: Seconds): boolean => NOW - at >= -60 && NOW - at < limit;
  return demands.every(
    ({ level, maxAge }) =>
      s.provable.some(({ rank }) => rank >= level.rank) &&
      proofs.some(
        ({ level: proven, proof }) =>
          proven.rank >= level.rank &&
          young(proof.at, level.validity) &&
          (maxAge === null || (proof.freshAt !== null && young(proof.freshAt, maxAge))),
      ),
  );
}

/** `s` with every effect changed, those of rules and that of unmatched paths. */
const withEffects = (s: Scene, change: (effect: Effect) => Effect): Scene => ({
  ...s,
  effects: s.effects.map(change),
  unmatched: change(s.unmatched),
});

const withDemands =
  (change: (demands: readonly Demand[]) => readonly Demand[]) =>
  (effect: Effect): Effect =>
    effect.kind === 'require'
      ? { kind: 'require', requirement: { demands: change(effect.requirement.demands) } }
      : effect;

test('nobody gets in without an allow, and an allow is exactly what the naive reading of the policy says', () => {
  fc.assert(
    fc.property(scene, (s) => assert.equal(allows(s), mayPass(s))),
    { numRuns: 10_000 },
  );
});

test('an allow to somebody carries their session, an allow to anybody none', () => {
  fc.assert(
    fc.property(scene, (s) => {
      const decision = judge(s);
      if (decision.kind !== 'allow') return;
      const open = effectsHit(s).every(({ kind }) => kind === 'public');
      assert.equal(decision.standing, open ? null : s.standing);
    }),
    RUNS,
  );
});

test('one proof more never turns an allow into anything else', () => {
  const more = scene.chain((s) => fc.tuple(fc.constant(s), proofIn(s.levels), fc.nat(4)));
  fc.assert(
    fc.property(more, ([s, proof, place]) => {
      if (s.standing === null || !allows(s)) return;
      assert.ok(allows({ ...s, standing: { ...s.standing, proofs: s.standing.proofs.toSpliced(place, 0, proof) } }));
    }),
    RUNS,
  );
});

test('a stronger proof in place of a weaker one, or a fresher one in place of an older, never does either', () => {
  const better = scene.chain((s) => fc.tuple(fc.constant(s), fc.nat(3), fc.constantFrom(...s.levels), fc.nat(14)));
  fc.assert(
    fc.property(better, ([s, which, level, age]) => {
      const before = s.standing?.proofs[which];
      if (s.standing === null || before === undefined || !allows(s)) return;
      const at = Math.max(before.proof.at, NOW - age);
      const freshAt = before.proof.freshAt === null ? at : Math.max(before.proof.freshAt, NOW - age);
      const after: StandingProof = {
        level: level.rank > before.level.rank ? level : before.level,
        proof: { ...before.proof, at, freshAt },
      };
      assert.ok(allows({ ...s, standing: { ...s.standing, proofs: s.standing.proofs.with(which, after) } }));
    }),
    RUNS,
  );
});

test('a session that gains a proof from a trip keeps every level it had', () => {
  const trips = scene.chain((s) => {
    const age = fc.nat(14);
    const acr = fc.option(fc.constantFrom(...s.levels.map(({ name }) => name)));
    const proof = fc
      .record({ age, acr, timed: fc.boolean() })
      .map(({ age, acr, timed }) => ({ at: NOW - age, freshAt: timed ? NOW - age : null, acr, amr: null, facts: [] }));
    return fc.tuple(fc.constant(s), fc.array(proof, { minLength: 1, maxLength: 7 }), proof);
  });
  fc.assert(
    fc.property(trips, ([s, answers, last]) => {
      const marks = s.levels.map((level) => markOf(level, { acr: [level.name] })).toReversed();
      const map: EvidenceMap = { marks, unmarked: s.levels[0] ?? null };
      const proofs = answers.reduce(withProof, []);
      const before = { ...s, standing: standingOf({ ...ANA, proofs }, map) };
      const after = { ...s, standing: standingOf({ ...ANA, proofs: withProof(proofs, last) }, map) };
      if (allows(before)) assert.ok(allows(after));
    }),
    RUNS,
  );
});

test('one demand more never allows more', () => {
  const more = scene.chain((s) => fc.tuple(fc.constant(s), demandIn(s.levels)));
  fc.assert(
    fc.property(more, ([s, demand]) => {
      // A requirement without demands is a mistake that denies; what is added to is one that asks for something.
      if (effectsHit(s).some((effect) => effect.kind === 'require' && effect.requirement.demands.length === 0)) return;
      const stricter = withEffects(
        s,
        withDemands((demands) => [...demands, demand]),
      );
      if (allows(stricter)) assert.ok(allows(s));
    }),
    RUNS,
  );
});

test('a shorter max_age, or one where there was none, never allows more', () => {
  fc.assert(
    fc.property(scene, fc.integer({ min: 0, max: 12 }), (s, limit) => {
      const shorter = withDemands((demands) =>
        demands.map((demand) => ({ ...demand, maxAge: Math.min(demand.maxAge ?? limit, limit) })),
      );
      if (allows(withEffects(s, shorter))) assert.ok(allows(s));
    }),
    RUNS,
  );
});

test('a shorter validity never allows more', () => {
  fc.assert(
    fc.property(scene, fc.nat(3), span, (s, which, validity) => {
      const levels = s.levels.map((level, i) =>
        i === which ? { ...level, validity: Math.min(level.validity, validity) } : level,
      );
      const again = (level: Level): Level => levels[level.rank] ?? level;
      const shorter: Scene = {
        ...withEffects(
          s,
          withDemands((demands) => demands.map((d) => ({ ...d, level: again(d.level) }))),
        ),
        provable: s.provable.map(again),
        standing: s.standing && {
          ...s.standing,
          proofs: s.standing.proofs.map(({ level, proof }) => ({ level: again(level), proof })),
        },
      };
      if (allows(shorter)) assert.ok(allows(s));
    }),
    RUNS,
  );
});

test('several readings are allowed exactly where each of them alone is', () => {
  fc.assert(
    fc.property(scene, (s) => {
      if (s.hits.length > 0)
        assert.equal(
          allows(s),
          s.hits.every((hit) => allows({ ...s, hits: [hit] })),
        );
    }),
    RUNS,
  );
});

test('what is asked for is missing, is the hardest that is missing, and its reason comes first', () => {
  fc.assert(
    fc.property(scene, (s) => {
      const decision = judge(s);
      if (decision.kind !== 'challenge') return;
      const { missing, why, requirement } = decision;
      assert.equal(unmet(missing, s.standing, NOW), why);
      for (const demand of requirement.demands) {
        const other = unmet(demand, s.standing, NOW);
        if (other === null) continue;
        assert.ok(harder(missing, demand) <= 0);
        assert.ok(CHALLENGE_WHYS.indexOf(why) <= CHALLENGE_WHYS.indexOf(other));
      }
    }),
    RUNS,
  );
});

test('a proof of the level just now meets any demand but one of no age at all', () => {
  fc.assert(
    fc.property(
      scene.chain((s) => demandIn(s.levels)),
      (demand) => {
        const proof = { at: NOW, freshAt: NOW, acr: demand.level.name, amr: null, facts: [] };
        const standing: Standing = { session: ANA, proofs: [{ level: demand.level, proof }] };
        const why = firstMissing([demand], standing, NOW)?.why ?? null;
        assert.equal(why, demand.maxAge === 0 ? 'stale_authentication' : null);
      },
    ),
    RUNS,
  );
});
