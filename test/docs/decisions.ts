import assert from 'node:assert/strict';
import { parseDuration } from '../../src/config/durations.ts';
import { parseInstant } from '../../src/config/instants.ts';
import { pose, type Scenario, type ScenarioPerson } from '../../src/config/scenario.ts';
import type { App, World } from '../../src/config/world.ts';
import { decide } from '../../src/core/decide.ts';
import type { Level } from '../../src/core/ladder.ts';
import type { Seconds } from '../../src/core/time.ts';

/** Every moment that a line does not name is this one. */
const NOW: Seconds = 1_795_392_000;

/** What `decide()` is asked of a world: all that a configuration comes to without its secrets. */
export type Judged = Pick<World, 'apps' | 'ladder'>;

/** `METHOD [app] /target  who  outcome`: the app where there are several; two spaces or more between the columns. */
const LINE =
  /^([A-Z]+)\s+(?:([a-z0-9_-]+)\s+)?(\/\S*)\s+((?:nobody|[a-z0-9_-]+ \d+[dhms])(?:, \S+(?: \S+)*?)*)\s{2,}(.+)$/;

/** What a line of a table of decisions says, and what it comes to, in the words of the table. */
export function judgeLine(world: Judged, line: string): { readonly said: string; readonly is: string } {
  const [, method = '', named, target = '', who = '', said = ''] = LINE.exec(line.trim()) ?? [];
  assert.notEqual(said, '', `not understood: ${line}`);
  const app = world.apps.get(named ?? [...world.apps.keys()][0] ?? '');
  assert.ok(app !== undefined && (named !== undefined || world.apps.size === 1), `which app? ${line}`);
  const posed = pose(scenarioOf(world, app, method, target, who), app, NOW, 'fails');
  if ('refused' in posed) return { said, is: `refused ${posed.refused}` };
  const decision = decide(app, posed.question);
  assert.deepEqual([...posed.notGiven], [], `not given: ${line}`);
  const reported = decision.reported.map(({ id }) => `, reports ${id}`).join('');
  switch (decision.kind) {
    case 'allow':
      return { said, is: (decision.requirement.demands.length === 0 ? 'public' : 'allow') + reported };
    case 'challenge':
      return { said, is: `challenge ${decision.missing.level.name} ${decision.why}${reported}` };
    case 'deny':
      return { said, is: `deny ${decision.why}${reported}` };
  }
}

/** `nobody`, or `level age` as often as there are proofs; then `group`, `email`, `claim`, `ip`, `at`, `header`, `body`. */
function scenarioOf(world: Judged, app: App, method: string, target: string, who: string): Scenario {
  const said = who.split(', ');
  const all = (word: string): readonly string[] =>
    said.filter((part) => part.startsWith(`${word} `)).map((part) => part.slice(word.length + 1));
  const only = (word: string): string | null => all(word)[0] ?? null;
  const pairs = (word: string): readonly (readonly [string, string])[] =>
    all(word).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  const proofs = new Map<Level, Seconds>();
  for (const part of said) {
    const [name = '', age = ''] = part.split(' ');
    const level = world.ladder.named.get(name);
    if (level !== undefined) proofs.set(level, number(parseDuration(age), part));
  }
  const claims = new Map<string, readonly string[]>();
  for (const [name, value] of pairs('claim')) claims.set(name, [...(claims.get(name) ?? []), value]);
  const at = only('at');
  const person: ScenarioPerson = {
    proofs,
    signedIn: Math.max(0, ...proofs.values()),
    provider: app.provider,
    subject: 'alice',
    email: only('email') ?? '',
    name: null,
    groups: all('group'),
    claims,
  };
  const known = ['group', 'email', 'claim', 'ip', 'at', 'header'];
  const odd = said.find((part) => {
    const [word = ''] = part.split(' ');
    return part !== 'nobody' && part !== 'body' && !known.includes(word) && !world.ladder.named.has(word);
  });
  assert.equal(odd, undefined, `not understood: ${odd}`);
  return {
    method,
    target,
    headers: new Map(pairs('header')),
    hasBody: said.includes('body'),
    clientIp: only('ip'),
    person: said.includes('nobody') ? null : person,
    at: at === null ? null : number(parseInstant(at), at),
  };
}

function number(value: unknown, written: string): number {
  assert.ok(typeof value === 'number', written);
  return value;
}
