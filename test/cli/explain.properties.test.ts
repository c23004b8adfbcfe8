import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { explainScene } from '../../src/cli/explain/explain-scene.ts';
import type { ExplainedItem, ExplainedReading, Explanation } from '../../src/cli/explain/explanation.ts';
import { posedIn, type Scene, sceneOf } from '../../src/cli/explain/scene.ts';
import { textOf } from '../../src/cli/explain/text.ts';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { Scenario, ScenarioPerson } from '../../src/config/scenario.ts';
import type { World } from '../../src/config/world.ts';
import { type Decision, decide } from '../../src/core/decide.ts';
import { KEY } from '../config/fixture.ts';
import { NOON } from './explain-world.ts';

const GATEWAY = `version: 1
secrets: ["\${env:KEY}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:KEY}"
    levels: {low: {acr: "1"}, mid: {acr: "2"}, side: {acr: "3"}, top: {acr: "4"}}
apps:
  app:
    origins: ["https://app.example.com"]
    upstream: http://10.0.0.5:9000
    provider: corp
    paths: {parameters: allow}
`;

const LEVELS = `version: 1
levels:
  - {name: low, validity: 8h}
  - {name: mid, validity: 1h, above: [low]}
  - {name: side, validity: 30m, above: [low]}
  - {name: top, validity: 15m, above: [mid, side]}
networks: {office: [192.0.2.0/24]}
conditions: {hr: '"hr" in user.groups'}
`;

type Entry = Readonly<Record<string, unknown>>;
const some = fc.constantFrom;
/** Leaves keys out whose value is none. */
const entry = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Entry> =>
  fc.record(model).map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== null)));

const condition = some('hr', 'network.office', '!hr', 'user.email == "ana@corp.example"', 'hr && network.office');
const maybe = (value: fc.Arbitrary<unknown>, often = 1): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: often, arbitrary: value });

const demand = fc.record({
  level: some('low', 'mid', 'side', 'top'),
  more: some({}, { max_age: '5m' }, { since: '2026-11-22T11:50:00Z' }, { comparison: 'exact' }),
});
const demanded = demand.map(({ level, more }) => ({ require: level, ...more }));
const criteria = {
  path: some<string | readonly string[]>('/**', '/a/**', '/*', '/a', ['/b', '/a/b']),
  methods: maybe(some<string | readonly string[]>('read', 'write', ['POST'])),
  query: maybe(fc.constant({ do: 'x' })),
  param: maybe(fc.constant({ do: ['x', 'y'] })),
  when: maybe(condition, 3),
  mode: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: some('report', 'off') }),
};
const says: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: demanded },
  { weight: 1, arbitrary: fc.constant({ deny: true }) },
  { weight: 2, arbitrary: some({ public: true }, { public: 'known' }) },
);
const rule = fc.tuple(entry(criteria), says, maybe(condition), fc.boolean()).map(([fits, what, only, once]) => ({
  ...fits,
  ...what,
  ...(only !== null && 'require' in what ? { only } : {}),
  ...(once && 'require' in what ? { methods: 'write', one_time: true } : {}),
}));
const floor = fc
  .tuple(
    entry(criteria),
    says,
    maybe(
      some([
        { app: 'app', path: '/a' },
        { path: '/b', methods: 'read' },
      ]),
    ),
  )
  .map(([fits, what, except]) => ({
    ...fits,
    ...('public' in what ? { require: 'low' } : what),
    ...(except === null ? {} : { except }),
  }));

const policies = fc
  .record({
    floors: fc.array(floor, { maxLength: 3 }),
    rules: fc.array(rule, { maxLength: 5 }),
    own: maybe(demanded, 6),
    only: maybe(condition),
  })
  .map(({ floors, rules, own, only }) => {
    const named = (items: readonly Entry[], kind: string) => items.map((item, i) => ({ id: `${kind}${i}`, ...item }));
    const app = { ...(own as Entry | null), ...(only === null ? {} : { only }), rules: named(rules, 'r') };
    return `${LEVELS}floors: ${JSON.stringify(named(floors, 'f'))}\napps: ${JSON.stringify({ app })}\n`;
  });

const person = fc.record({
  proofs: fc.dictionary(some('low', 'mid', 'side', 'top'), some(0, 60, 299, 300, 1000, 4000, 40_000), { maxKeys: 3 }),
  groups: fc.option(some([], ['hr'])),
  email: fc.option(some('', 'ana@corp.example')),
});
const asked = fc.record({
  method: some('GET', 'POST', 'HEAD', 'DELETE'),
  target: some('/', '/a', '/b', '/a/b', '/c/d', '/a;x', '/a?do=x', '/a/b?do=x&do=y', '/b?do=z', '/a?DO=x'),
  hasBody: fc.boolean(),
  missing: some('absent' as const, 'fails' as const),
  timed: fc.boolean(),
  clientIp: fc.option(some('192.0.2.1', '198.51.100.1')),
  person: fc.option(person),
});

function load(text: string): LoadResult {
  return loadWorld({
    gateway: { file: 'gateway.yaml', text: GATEWAY },
    policies: { file: 'policies.yaml', text },
    env: () => KEY,
    readFile: () => assert.fail('no file'),
    purpose: 'inspect',
  });
}

function sceneFrom(
  world: World,
  { person: who, missing, timed, ...request }: typeof asked extends fc.Arbitrary<infer T> ? T : never,
): Scene {
  const app = world.apps.get('app');
  assert.ok(app);
  const proofs = Object.entries(who?.proofs ?? {}).flatMap(([name, age]) => {
    const level = world.ladder.named.get(name);
    return level === undefined ? [] : [[level, age] as const];
  });
  const nobody = { provider: 'corp', subject: null, name: null, claims: null, signedIn: null };
  const signedIn: ScenarioPerson | null = who && {
    ...nobody,
    groups: who.groups,
    email: who.email,
    proofs: new Map(proofs),
  };
  const scenario: Scenario = { ...request, headers: null, person: signedIn, at: timed ? NOON : null };
  return sceneOf({ world, app, scenario, now: NOON, missing });
}

/** Each loads a whole configuration. */
const RUNS = 60;

/** Runs over random worlds, each asked a few things. Of random policies some contradict themselves, and are passed over. */
function overWorlds(check: (scene: Scene, explanation: Explanation, decision: Decision) => void): void {
  let loaded = 0;
  fc.assert(
    fc.property(policies, fc.array(asked, { minLength: 12, maxLength: 12 }), (text, requests) => {
      const result = load(text);
      if (!result.ok) return;
      loaded += 1;
      for (const request of requests) {
        const scene = sceneFrom(result.world, request);
        const posed = posedIn(scene, scene.scenario);
        assert.ok(!('refused' in posed));
        check(scene, explainScene(scene), decide(scene.app, posed.question));
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(loaded > RUNS / 2, `${loaded} of ${RUNS} worlds loaded`);
}

const isFirstHit = ({ fit, mode }: ExplainedItem): boolean => (fit === 'hit' || fit === 'person') && mode === 'enforce';

describe('an explanation of a random world', () => {
  it('shows the decision that is made without it', () => {
    const seen = new Set<string>();
    overWorlds((_, explanation, decision) => {
      assert.equal(explanation.decision, decision.kind);
      if (decision.kind === 'allow') {
        assert.equal(explanation.public, decision.requirement.demands.length === 0);
        assert.equal(explanation.forwarded?.headers.length === 0, decision.standing === null);
      } else {
        assert.equal(explanation.why, decision.why);
        const by = decision.kind === 'challenge' ? decision.missing.source : decision.by;
        assert.equal(explanation.by, by);
      }
      if (decision.kind === 'challenge') {
        assert.equal(explanation.level, decision.missing.level.name);
        assert.equal(explanation.asked?.level, decision.missing.level.name);
        const unmet = explanation.demands.filter(({ met }) => !met);
        assert.ok(unmet.some(({ by, why }) => by === decision.missing.source && why === decision.why));
      }
      if (decision.kind === 'allow') assert.ok(explanation.demands.every(({ met }) => met));
      assert.equal(explanation.enforced === null, decision.reported.length === 0);
      seen.add(decision.kind);
      assert.ok(textOf(explanation).startsWith(decision.kind));
    });
    assert.deepEqual([...seen].sort(), ['allow', 'challenge', 'deny']);
  });

  it('says of every rule and floor how it fits, as its criteria do', () => {
    overWorlds(({ app }, explanation, decision) => {
      for (const [i, reading] of explanation.readings.entries()) {
        assert.deepEqual(
          reading.rules.map(({ id }) => id),
          app.ruleList.map((placed) => placed.rule.id),
        );
        assert.equal(reading.floors.length, app.floorList.length);
        for (const item of [...reading.rules, ...reading.floors]) assertFits(item);
        assertOrder(reading);
        if (i === 0) assert.equal(reading.rules.find(isFirstHit)?.id ?? null, ruleThatEnds(decision, reading));
      }
    });
  });

  it('names an allow that is one', () => {
    const kinds = new Set<string>();
    overWorlds((scene, { nearest, decision }) => {
      assert.equal(nearest === null, decision === 'allow');
      if (nearest === null) return;
      kinds.add(nearest.kind);
      if (nearest.kind !== 'proofs') return;
      const fresh = nearest.proofs.flatMap((name) => scene.world.ladder.named.get(name) ?? []);
      const before: ScenarioPerson = scene.scenario.person ?? {
        ...{ provider: 'corp', subject: null, email: null, name: null, groups: null, claims: null },
        ...{ signedIn: 0, proofs: new Map() },
      };
      const proofs = new Map([...before.proofs, ...fresh.map((level) => [level, 0] as const)]);
      const then = explainScene({ ...scene, scenario: { ...scene.scenario, person: { ...before, proofs } } });
      if (nearest.one_time) assert.equal(then.why, 'one_time');
      else assert.equal(then.decision, 'allow');
    });
    assert.deepEqual([...kinds].sort(), ['condition', 'none', 'proofs']);
  });
});

function assertFits({ fit, criteria, mode }: ExplainedItem): void {
  const outcomes = criteria.map(({ outcome }) => outcome);
  switch (fit) {
    case 'hit':
      assert.ok(outcomes.every((outcome) => outcome === true));
      return;
    case 'miss':
      assert.equal(outcomes.indexOf(false), outcomes.length - 1);
      return;
    case 'undetermined':
      assert.ok(outcomes.length > 0 && !outcomes.includes(false) && outcomes.some((outcome) => outcome !== true));
      return;
    case 'person':
      assert.equal(outcomes.at(-1), 'person');
      return;
    case 'off':
      assert.equal(mode, 'off');
      return;
    case 'not_reached':
      assert.deepEqual(criteria, []);
  }
}

/** Below the rule that decides nothing is looked at but paths. */
function assertOrder({ rules }: ExplainedReading): void {
  const first = rules.findIndex(isFirstHit);
  for (const { fit, criteria } of first < 0 ? [] : rules.slice(first + 1)) {
    assert.ok(fit === 'not_reached' || fit === 'off' || criteria[0]?.criterion === 'path');
  }
}

/** Null where no rule did; one that cannot be told ends the search too where it denies. */
function ruleThatEnds({ rule }: Decision, { rules }: ExplainedReading): string | null {
  const item = rules.find(({ id }) => id === rule?.id);
  return item === undefined || item.fit === 'undetermined' ? null : item.id;
}
