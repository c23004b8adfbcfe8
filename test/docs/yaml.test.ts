import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDuration } from '../../src/config/durations.ts';
import type { World } from '../../src/config/world.ts';
import { decide } from '../../src/core/decide.ts';
import { type Standing, standingOf } from '../../src/core/evidence.ts';
import { ruleFor } from '../../src/core/policy.ts';
import { locate } from '../../src/http/gate.ts';
import { loadBlock } from './configs.ts';
import { type Fence, PAGES } from './markdown.ts';

const FENCES = PAGES.flatMap(({ fences }) => fences);
const wrongOf = ({ words }: Fence): string | undefined => words.find((word) => word.startsWith('wrong='))?.slice(6);

describe('a YAML block', () => {
  for (const fence of FENCES.filter(({ language }) => language === 'yaml')) {
    const wrong = wrongOf(fence);
    it(`${fence.place} ${wrong === undefined ? 'loads' : `is refused with ${wrong}`}`, () => {
      const loaded = loadBlock(fence);
      const ids = loaded.ok
        ? []
        : [...new Set(loaded.problems.map(({ id, message }) => (wrong === undefined ? message : id)))];
      assert.deepEqual(ids, wrong === undefined ? [] : [wrong]);
    });
  }
});

const NOW = 1_795_392_000;

/** `GET [app] /path  nobody|level age  outcome`, the app where there are several. */
const LINE = /^([A-Z]+)\s+(?:([a-z]+)\s+)?(\/\S*)\s+(nobody|\w+ \w+)\s{2,}(.+)$/;

/** What a request of a table comes to, in the words of the table. */
function outcome(world: World, line: string): { readonly said: string; readonly is: string } {
  const [, method = '', named, path = '', session = '', said = ''] = LINE.exec(line) ?? [];
  assert.notEqual(said, '', `not understood: ${line}`);
  const app = world.apps.get(named ?? [...world.apps.keys()][0] ?? '');
  const host = [...world.hosts.values()].find((entry) => entry.origin === app?.origins[0]);
  assert.ok(app !== undefined && host !== undefined, line);
  const placed = locate(host, path, null);
  if ('code' in placed) return { said, is: `refused ${placed.detail}` };
  const rules = placed.path.readings.map((segments) => ruleFor(app, segments, method));
  const decision = decide(app, rules, standingFor(world, session), NOW);
  if (decision.kind === 'allow') return { said, is: 'allow' };
  if (decision.kind === 'deny') return { said, is: `deny ${decision.why}` };
  return { said, is: `challenge ${decision.missing.level.name} ${decision.why}` };
}

function standingFor(world: World, session: string): Standing | null {
  if (session === 'nobody') return null;
  const [level = '', age = ''] = session.split(' ');
  const seconds = parseDuration(age);
  assert.ok(typeof seconds === 'number' && world.ladder.named.has(level), session);
  const at = NOW - seconds;
  return standingOf(
    {
      birth: '',
      family: '',
      generation: 1,
      provider: 'corp',
      issuer: 'https://id.example.com',
      subject: 'alice',
      name: null,
      email: null,
      groups: [],
      namedGroupsOnly: false,
      providerSession: null,
      loginHint: null,
      proofs: [{ at, freshAt: at, acr: level, amr: null, facts: [] }],
      createdAt: at,
      expiresAt: NOW + 1,
    },
    [...world.apps.values()][0]?.evidence ?? { marks: [], unmarked: null },
  );
}

describe('a table of decisions', () => {
  for (const { path, fences } of PAGES) {
    for (const [index, fence] of fences.entries()) {
      if (!fence.words.includes('decisions')) continue;
      it(`${fence.place} (${path}) is what the gateway decides under the block above it`, () => {
        const above = fences
          .slice(0, index)
          .findLast(({ language, words }) => language === 'yaml' && words[0] === 'policies');
        assert.ok(above !== undefined, 'no policies block above');
        const loaded = loadBlock(above);
        assert.ok(loaded.ok);
        for (const line of fence.text.trim().split('\n')) {
          const { said, is } = outcome(loaded.world, line);
          assert.equal(is, said, line);
        }
      });
    }
  }
});
