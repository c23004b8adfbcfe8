/**
 * `npm run bench -- decide`: what a decision costs with 10, 1,000 and 10,000 rules over 100 apps, and what loading
 * 10,000 rules takes. Sizes take turns, and medians are of many short batches, since numbers drift from minute to minute.
 */

import { loadWorld } from '../src/config/load.ts';
import type { App, World } from '../src/config/world.ts';
import { decide, type Question } from '../src/core/decide.ts';
import type { Standing } from '../src/core/evidence.ts';
import { readQuery } from '../src/core/query.ts';
import type { LoadReport } from './load-policies.ts';
import { appOf, pathOf, policyFiles, type Size } from './policy-files.ts';
import { heard, start } from './processes.ts';

const NOW = Date.UTC(2026, 10, 23, 12) / 1000;
const BATCH = 2000;
const ROUNDS = 300;

const SIZES = [10, 1000, 10_000];

interface Kind extends Pick<Size, 'conditions' | 'floors'> {
  /** How many of the rules are asked for: ten stay in the processor's caches, ten thousand do not. */
  readonly asked: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'path and method': { conditions: 0, floors: 0, asked: 10 },
  'and 20 floors, half of them with a condition': { conditions: 0, floors: 20, asked: 10 },
  'and a condition on every rule': { conditions: 50, floors: 0, asked: 10 },
  'path and method, every rule in turn': { conditions: 0, floors: 0, asked: Infinity },
};

interface Asked {
  readonly app: App;
  readonly question: Question;
}

/** Somebody who gave two factors ten minutes ago. */
function standingIn({ ladder }: World): Standing {
  const level = ladder.named.get('mfa');
  if (level === undefined) throw new Error('no mfa');
  const proof = { at: NOW - 600, freshAt: NOW - 600, acr: '2', amr: null, facts: [] };
  const session = {
    birth: 'b',
    family: 'f',
    generation: 1,
    provider: 'corp',
    issuer: 'https://id.example.com',
    subject: 'alice',
    email: null,
    name: null,
    groups: ['g1', 'g7'],
    claims: new Map(),
    namedGroupsOnly: false,
    sought: '',
    providerSession: null,
    loginHint: null,
    createdAt: NOW - 600,
    expiresAt: NOW + 3600,
    proofs: [proof],
  };
  return { session, proofs: [{ proof, level }] };
}

/** Requests that some rule is about, by path if not by method. */
function questions(world: World, size: Size, asked: number): readonly Asked[] {
  const standing = standingIn(world);
  return Array.from({ length: BATCH }, (_, i) => {
    // A prime step visits all rules and leaves no order that a cache could learn.
    const rule = ((i % asked) * 7919) % size.rules;
    const app = world.apps.get(appOf(rule, size));
    if (app === undefined) throw new Error('no app');
    const segments = [...pathOf(rule).slice(1).split('/'), 'edit', String(i)];
    const request = {
      method: i % 3 === 0 ? 'POST' : 'GET',
      host: `${app.name}.example.com`,
      scheme: 'https' as const,
      query: readQuery(''),
      header: () => null,
      hasBody: false,
      clientIp: '192.0.2.7',
      at: NOW,
    };
    return { app, question: { request, readings: [segments], standing, now: NOW } };
  });
}

interface Contest {
  readonly kind: string;
  readonly rules: number;
  readonly asked: readonly Asked[];
  readonly samples: number[];
}

const contests: Contest[] = [];
for (const [kind, { conditions, floors, asked }] of Object.entries(KINDS)) {
  for (const rules of SIZES) {
    const size: Size = { rules, apps: 100, conditions, floors, tests: 0 };
    const result = loadWorld(policyFiles(size));
    if (!result.ok) throw new Error(JSON.stringify(result.problems.slice(0, 3)));
    contests.push({ kind, rules, asked: questions(result.world, size, asked), samples: [] });
  }
}

let kept = 0;
for (let round = -20; round < ROUNDS; round++) {
  for (const { asked, samples } of contests) {
    const began = process.hrtime.bigint();
    for (const { app, question } of asked) if (decide(app, question).kind === 'allow') kept += 1;
    const took = Number(process.hrtime.bigint() - began) / asked.length;
    if (round >= 0) samples.push(took);
  }
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

const rows: Record<string, Record<string, string | number>> = {};
for (const { kind, rules, samples } of contests) {
  const row = rows[kind] ?? {};
  rows[kind] = row;
  row[`${rules} rules, ns`] = Math.round(median(samples));
}
for (const row of Object.values(rows)) {
  row['10 → 10,000'] = `× ${(Number(row['10000 rules, ns']) / Number(row['10 rules, ns'])).toFixed(2)}`;
}
console.table(rows);
console.log(`match + decide, median of ${ROUNDS} rounds of ${BATCH} requests in turn (${kept} allowed)`);

const LOADS: Readonly<Record<string, Size>> = {
  '10 rules': { rules: 10, apps: 10, conditions: 0, floors: 0, tests: 0 },
  '10,000 rules': { rules: 10_000, apps: 100, conditions: 0, floors: 0, tests: 0 },
  'and 20 floors over 100 apps': { rules: 10_000, apps: 100, conditions: 0, floors: 20, tests: 0 },
  'and 10,000 conditions': { rules: 10_000, apps: 100, conditions: 50, floors: 20, tests: 0 },
  'and 2,000 tests, in 100 files': { rules: 10_000, apps: 100, conditions: 50, floors: 20, tests: 2000 },
  '9,000 conditions, all different': { rules: 9000, apps: 100, conditions: 9000, floors: 0, tests: 0 },
};
const loads: Record<string, Record<string, number>> = {};
for (const [name, size] of Object.entries(LOADS)) {
  const child = start('./load-policies.ts', [JSON.stringify(size)], 0);
  const { milliseconds, cpu, heap, rss, rssBefore } = await heard<LoadReport>(child);
  child.disconnect();
  loads[name] = {
    ms: Math.round(milliseconds),
    'CPU ms': Math.round(cpu),
    'kept, MB': Math.round(heap / 1e6),
    'peak RSS, MB': Math.round(rss / 1e6),
    'of it before, MB': Math.round(rssBefore / 1e6),
  };
}
console.table(loads);
console.log('from texts to world, once, in a process of its own that has just started');
