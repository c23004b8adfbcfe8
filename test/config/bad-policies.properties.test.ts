import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { World } from '../../src/config/world.ts';
import { BANK, type Files, FULL_GATEWAY, FULL_POLICIES, loadFull, placesOf } from './full-files.ts';

/** What means something to YAML, to the loader or to JavaScript where nobody expects it. */
const HOSTILE = [
  ...[
    '*open',
    '&open ',
    '*nobody',
    '!!str ',
    '!x ',
    '<<: *open',
    '<<',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '? ',
    '- ',
    ': ',
    '#',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '|',
    '>',
    '\t',
    '\r',
    '\n',
    '\0',
    '\uFEFF',
    '\u2028',
    '\u202E',
    '\u001B[2J',
    '\uD800',
  ],
  ...[
    'null',
    '~',
    'true',
    'no',
    '0x10',
    '1e3',
    '.inf',
    '.nan',
    '2026-11-22',
    '""',
    '[]',
    '{}',
    '[[]]',
    '{a: {}}',
    '-1',
    '0s',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'require',
    'public: true',
    'deny: true',
    'mode: off',
    'when: late',
  ],
  ...[
    'apps/bank.yaml',
    'policies.yaml',
    '/dev/zero',
    '../../etc/passwd',
    `\${env:KEY}`,
    `\${file:apps/bank.yaml}`,
    'x'.repeat(3000),
  ],
];

const TOKEN = /\s+|[{}[\],:"']|[^\s{}[\],:"']+/g;

type Change = (text: string) => string;

const at = (length: number, part: number): number => Math.min(length - 1, Math.floor(part * length));

/** Takes a text apart, changes the pieces, and puts it together again. */
const among =
  (apart: (text: string) => string[], joint: string, change: (pieces: string[]) => void): Change =>
  (text) => {
    const pieces = apart(text);
    if (pieces.length > 0) change(pieces);
    return pieces.join(joint);
  };

const tokens = (text: string): string[] => text.match(TOKEN) ?? [];
const lines = (text: string): string[] => text.split('\n');

const part = fc.double({ min: 0, max: 1, noNaN: true });
const hostile = fc.constantFrom(...HOSTILE);

/** One change of a text: of a token, of a line, or of a character. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(part, hostile)
    .map(([where, word]) => among(tokens, '', (all) => all.splice(at(all.length, where), 1, word))),
  fc
    .tuple(part, hostile)
    .map(([where, word]) => among(tokens, '', (all) => all.splice(at(all.length, where), 0, word))),
  part.map((where) => among(tokens, '', (all) => all.splice(at(all.length, where), 1))),
  fc
    .tuple(part, part)
    .map(([to, from]) =>
      among(tokens, '', (all) => all.splice(at(all.length, to), 1, all[at(all.length, from)] ?? '')),
    ),
  part.map((where) => among(lines, '\n', (all) => all.splice(at(all.length, where), 1))),
  fc
    .tuple(part, part)
    .map(([to, from]) =>
      among(lines, '\n', (all) => all.splice(at(all.length, to), 0, all[at(all.length, from)] ?? '')),
    ),
  fc.tuple(part, fc.integer({ min: 0, max: 6 })).map(([where, spaces]) =>
    among(lines, '\n', (all) => {
      const line = at(all.length, where);
      all[line] = ' '.repeat(spaces) + (all[line] ?? '').trimStart();
    }),
  ),
  fc.tuple(part, fc.string({ unit: 'binary', maxLength: 2 })).map(([where, letters]): Change => {
    return (text) => text.slice(0, at(text.length, where)) + letters + text.slice(at(text.length, where) + 1);
  }),
  part.map(
    (where): Change =>
      (text) =>
        text.slice(0, at(text.length, where)),
  ),
  fc.constant<Change>((text) => text.replaceAll('\n', '\r\n')),
);

const ruined: fc.Arbitrary<Files> = fc
  .tuple(fc.constantFrom('policies', 'policies', 'gateway', 'bank'), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([file, changes]) => {
    const text = { policies: FULL_POLICIES, gateway: FULL_GATEWAY, bank: BANK }[file];
    return { [file]: changes.reduce((changed, one) => one(changed), text) };
  });

/** All of a world that a rule, a floor, a level or a test is told apart by. */
function outlineOf({ hash, ladder, apps, tests }: World): unknown {
  return {
    hash,
    levels: ladder.levels,
    tests: tests.map(({ name, expect }) => [name, expect.kind, expect.level?.name, expect.why]),
    apps: [...apps.values()].map(({ name, require, ruleList, floorList }) => ({
      name,
      require,
      rules: ruleList.map(({ rule, off, patterns }) => [
        rule.id,
        rule.effect,
        rule.methods,
        rule.when?.text,
        off,
        patterns,
      ]),
      floors: floorList.map(({ floor, off, patterns }) => [floor.id, floor.effect, floor.methods, off, patterns]),
    })),
  };
}

describe('whatever becomes of a good file', () => {
  it('is as good as it is', () => {
    assert.deepEqual(placesOf(loadFull({})), []);
    assert.ok(loadFull({}).ok);
  });

  it('is refused with a word and a place for each problem and no secret, or means the same each time', () => {
    const runs = 400;
    let refused = 0;
    fc.assert(
      fc.property(ruined, (files) => {
        const result = loadFull(files);
        const again = loadFull(files);
        assert.deepEqual(placesOf(result, files), placesOf(again, files));
        if (!result.ok || !again.ok) refused += 1;
        else assert.deepEqual(outlineOf(result.world), outlineOf(again.world));
      }),
      { numRuns: runs },
    );
    // Were most of them taken, nothing would be shown.
    assert.ok(refused > runs / 2 && refused < runs, `${refused} of ${runs} are refused`);
  });
});
