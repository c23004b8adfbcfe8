import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import * as gateway from '../../src/config/gateway-schema.ts';
import { draw, type JsonSchema } from '../../src/config/json-schema/draw.ts';
import { SCHEMAS, schemaText } from '../../src/config/json-schema/schemas.ts';
import * as policies from '../../src/config/policies-schema.ts';
import * as tests from '../../src/config/policy-tests/test-schema.ts';
import { type Editor, openEditor, type Position } from '../support/language-server.ts';
import { GATEWAY, POLICIES, problemsOf } from './fixture.ts';

type File = keyof typeof SCHEMAS;

const ROOT = join(import.meta.dirname, '../..');

/** Every schema within a schema, by the keys on the way to it. */
function* within(schema: JsonSchema, at: string): Generator<readonly [string, JsonSchema]> {
  yield [at, schema];
  const { properties, additionalProperties, items, anyOf, ...chosen } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: JsonSchema | boolean;
    readonly items?: JsonSchema;
    readonly anyOf?: readonly JsonSchema[];
    readonly then?: JsonSchema;
    readonly else?: JsonSchema;
  };
  for (const [key, inner] of Object.entries(properties ?? {})) yield* within(inner, `${at}.${key}`);
  if (typeof additionalProperties === 'object') yield* within(additionalProperties, `${at}.*`);
  if (items !== undefined) yield* within(items, `${at}[]`);
  for (const inner of anyOf ?? []) yield* within(inner, at);
  if (chosen.then !== undefined) yield* within(chosen.then, at);
  if (chosen.else !== undefined) yield* within(chosen.else, at);
}

const EVERY = Object.entries(SCHEMAS).flatMap(([file, schema]) => [...within(schema, file)]);

describe('the schemas for editors', () => {
  it('say one sentence of every key', () => {
    const said = EVERY.filter(([at]) => /\.[a-z_]+$/.test(at) && !/\.\*$/.test(at));
    const named = new Set(
      said.filter(([, { description }]) => /^\S.*\S[.]?$/.test(String(description))).map(([at]) => at),
    );
    assert.deepEqual(
      said.map(([at]) => at).filter((at) => !named.has(at)),
      [],
    );
    assert.ok(named.size > 100);
  });

  it('take no key that they do not name', () => {
    const open = EVERY.filter(
      ([, { type, additionalProperties }]) => type === 'object' && additionalProperties === undefined,
    );
    assert.deepEqual(
      open.map(([at]) => at),
      [],
    );
  });

  it('want the keys that the loader wants', () => {
    const maps = Object.entries({ ...gateway, ...policies, ...tests }).filter(([name]) =>
      /Schema$|LevelProof$|^levelProof$/.test(name),
    );
    assert.ok(maps.length >= 12);
    for (const [name, schema] of maps as readonly (readonly [string, z.ZodObject])[]) {
      const wanted = Object.keys(schema.shape).filter((key) => !schema.shape[key]?.safeParse(undefined).success);
      assert.deepEqual(draw(schema).required ?? [], wanted, name);
    }
  });

  for (const file of ['policies', 'gateway', 'app'] as const) {
    it(`come with Stepgate as they are printed: ${file} (npm run -s stepgate -- schema ${file})`, () => {
      assert.equal(readFileSync(join(ROOT, `schemas/${file}.schema.json`), 'utf8'), schemaText(SCHEMAS[file]));
    });
  }
});

describe('an editor with a YAML language server', { concurrency: true }, () => {
  let editor: Editor;
  before(async () => {
    editor = await openEditor();
  });
  after(() => editor.close());

  const SAML =
    '  saml:\n    type: saml\n    metadata: https://idp.example.com/metadata\n    entity_id: urn:stepgate\n    unmarked: password\n';
  const APP_FILE = 'rules:\n  - {id: x, path: /x/**, when: "true", require: mfa}\n';
  const TEXTS: Readonly<Record<File, string>> = { policies: POLICIES, gateway: GATEWAY, app: APP_FILE };
  const schemaLine = (file: File): string => `# yaml-language-server: $schema=schemas/${file}.schema.json\n`;

  /** Line, column and message of each mark; the line of the schema is not counted. */
  async function marksOf(file: File, text: string): Promise<readonly string[]> {
    const marks = await editor.marks(file, schemaLine(file) + text);
    return marks.map(({ range, message }) => `${range.start.line}:${range.start.character + 1} ${message}`);
  }

  for (const path of [
    'policies.yaml',
    'gateway.yaml',
    ...globSync('examples/*/{policies,gateway}.yaml', { cwd: ROOT }),
  ]) {
    it(`finds the schema of ${path} by its first line`, () => {
      const schema = relative(dirname(path), `schemas/${basename(path, '.yaml')}.schema.json`).replaceAll('\\', '/');
      const [first] = readFileSync(join(ROOT, path), 'utf8').split('\n', 1);
      assert.equal(first, `# yaml-language-server: $schema=${schema}`);
    });
  }

  for (const path of ['policies.yaml', 'gateway.yaml', ...globSync('examples/**/*.yaml', { cwd: ROOT })]) {
    it(`marks nothing in ${path}`, async () => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const file: File = /^providers:/m.test(text) ? 'gateway' : /^levels:/m.test(text) ? 'policies' : 'app';
      // Some say it themselves; then it is found from where they stand.
      if (text.startsWith('# yaml-language-server:')) assert.deepEqual(await editor.marks(path, text), []);
      else assert.deepEqual(await marksOf(file, text), []);
    });
  }

  for (const file of ['policies', 'gateway', 'app'] as const) {
    it(`marks nothing in a ${file} file that loads`, async () => {
      assert.deepEqual(await marksOf(file, TEXTS[file]), []);
    });
  }

  /** What is replaced by what; `‸` stands where the mark must start. */
  const mistakes: readonly (readonly [File, what: string, replace: string, by: string, says: RegExp])[] = [
    ['policies', 'an unknown key', 'note: switched off', '‸leve: mfa', /leve is not allowed/],
    ['policies', 'an unknown key of the file', 'apps:\n', '‸app: {}\napps:\n', /app is not allowed/],
    ['policies', 'a missing key', '{id: assets, path', '‸{path', /"id"/],
    ['policies', 'a bare number for a duration', 'validity: 8h', 'validity: ‸8', /90s, 15m/],
    ['policies', 'a duration in words', 'max_age: 5m', 'max_age: ‸5min', /90s, 15m/],
    ['policies', 'a moment without its offset', 'max_age: 5m', 'since: ‸"2026-11-22T14:05:00"', /offset/],
    ['policies', 'a misspelt comparison', 'max_age: 5m', 'comparison: ‸excat', /"exact"/],
    ['policies', 'a method in small letters', 'methods: write', 'methods: ‸post', /in capitals|Valid values/],
    ['policies', 'HEAD, which is judged as GET', 'methods: write', 'methods: [‸HEAD]', /HEAD|Valid values/],
    ['policies', 'an empty list', 'methods: write', 'methods: ‸[]', /Valid values/],
    ['policies', 'public: false', 'public: true', 'public: ‸false', /true, "known"/],
    ['policies', 'a level name with a space', 'name: mfa', 'name: ‸two steps', /up to 64/],
    ['policies', 'an app name in capitals', '  wiki: {}', '  ‸Wiki: {}', /up to 64/],
    ['policies', 'a text where a list belongs', '    rules:\n', '    rules: ‸one\n    rules_:\n', /"array"/],
    [
      'policies',
      'a language that is none',
      'message: Please confirm it is you.',
      'message: {‸english: Hello}',
      /english|pattern/,
    ],
    [
      'policies',
      'max_age without require',
      '{id: runs, path: [/pay/runs/*, /pay/runs/*/approve], methods: write, require: mfa, max_age: 5m}',
      '‸{id: runs, max_age: 5m}',
      /require/,
    ],
    ['policies', 'a rule that is closed and demands', 'deny: true, note', 'deny: true, ‸require: mfa, note', /require/],
    ['policies', 'a path without its slash', '/pay/legacy/**', '‸pay/legacy/**', /starts with "\/"/],
    ['policies', 'a condition named like a number', 'apps:\n', 'conditions: {‸1st: "true"}\napps:\n', /no digit/],
    ['policies', 'a floor without an id', 'apps:\n', 'floors:\n  - ‸require: mfa\napps:\n', /"id"/],
    [
      'policies',
      'an exception with a rule',
      'apps:\n',
      'floors:\n  - {id: f, deny: true, except: [{‸id: x}]}\napps:\n',
      /id is not/,
    ],
    ['policies', 'a network of nothing', 'apps:\n', 'networks: {office: ‸[]}\napps:\n', /too few items/],
    [
      'policies',
      'a test that says nothing of its app',
      'apps:\n',
      'tests:\n  - ‸{request: GET /x, expect: allow}\napps:\n',
      /"app"/,
    ],
    [
      'policies',
      'a test that expects a word',
      'apps:\n',
      'tests:\n  - {app: wiki, request: GET /x, expect: ‸challenged}\napps:\n',
      /challenge \[level\]/,
    ],
    [
      'policies',
      'what is given to every test and not known',
      'apps:\n',
      'given: {client: {‸country: CH}}\napps:\n',
      /country/,
    ],
    ['gateway', 'an unknown key', 'ledger: memory', '‸ledgr: memory', /ledgr is not allowed/],
    ['gateway', 'an unknown key of a provider', 'client_id: stepgate', 'client_id: stepgate\n    ‸preset: x', /preset/],
    ['gateway', 'a port in quotes', 'port: 8080', 'port: ‸"8080"', /integer/],
    ['gateway', 'an unknown algorithm', 'type: oidc', 'type: oidc\n    id_token_alg: ‸HS256', /"RS256"/],
    ['gateway', 'a type that is none', 'type: oidc', 'type: ‸smal', /"oidc", "saml"/],
    [
      'gateway',
      'a key of OpenID Connect at a SAML provider',
      '  partner:\n',
      `${SAML}    ‸client_id: x\n  partner:\n`,
      /client_id/,
    ],
    [
      'gateway',
      'a SAML provider without an entityID',
      '  partner:\n',
      `${SAML.replace('entity_id', 'issuer').replace('saml:', '‸saml:')}  partner:\n`,
      /"entity_id"/,
    ],
    [
      'gateway',
      'a subject that is neither',
      '  partner:\n',
      `${SAML}    subject: ‸uid\n  partner:\n`,
      /name_id, or attribute/,
    ],
    [
      'gateway',
      'a next key alone',
      '  partner:\n',
      `${SAML}    sign: ‸{key: a, cert: b, next_key: c}\n  partner:\n`,
      /next_cert/,
    ],
    ['gateway', 'an app without its provider', '    provider: partner\n', '', /"provider"/],
    ['gateway', 'a provider with a hyphen', '  partner:\n', '  ‸part-ner:\n', /letter/],
    ['gateway', 'a duration without its unit', 'lifetime: 12h', 'lifetime: ‸12', /90s, 15m/],
    ['app', 'what only policies.yaml has', 'rules:', '‸levels: []\nrules:', /levels is not allowed/],
    ['app', 'an unknown key of a rule', 'require: mfa', '‸requires: mfa', /requires is not allowed/],
  ];
  for (const [file, what, replace, by, says] of mistakes) {
    it(`marks ${what} in a ${file} file, as the loader does`, async () => {
      assert.ok(TEXTS[file].includes(replace));
      const marked = TEXTS[file].replace(replace, () => by);
      const text = marked.replace('‸', '');
      const found = await marksOf(file, text);
      assert.match(found[0] ?? 'nothing is marked', says);
      if (marked !== text) {
        const lines = marked.slice(0, marked.indexOf('‸')).split('\n');
        assert.ok(
          found.some((mark) => mark.startsWith(`${lines.length}:${(lines.at(-1) ?? '').length + 1} `)),
          found.join('\n'),
        );
      }
      if (file === 'policies') assert.notDeepEqual(problemsOf(GATEWAY, text), []);
      if (file === 'gateway') assert.notDeepEqual(problemsOf(text), []);
    });
  }

  const HALF = `version: 1
levels:
  - {name: mfa, validity: 1h}
apps:
  payroll:
    rules:
      - id: x
        methods: ‸
        ‸
        mode: ‸
`;
  const offered: readonly (readonly [where: string, mark: number, words: readonly string[]])[] = [
    ['the methods of a rule', 0, ['read', 'write', 'GET', 'POST']],
    ['a new line of a rule', 1, ['require', 'max_age', 'since', 'when', 'only', 'public', 'deny', 'note']],
    ['the mode of a rule', 2, ['report', 'off']],
  ];
  for (const [where, mark, words] of offered) {
    it(`offers what can be written at ${where}`, async () => {
      const pieces = HALF.split('‸');
      const before = (schemaLine('policies') + pieces.slice(0, mark + 1).join('')).split('\n');
      const at: Position = { line: before.length - 1, character: (before.at(-1) ?? '').length };
      const offers = await editor.offers('policies', schemaLine('policies') + pieces.join(''), at);
      assert.deepEqual(
        words.filter((word) => !offers.includes(word) && !offers.includes(`"${word}"`)),
        [],
        offers.join(' '),
      );
      assert.ok(!offers.includes('levels'));
    });
  }

  it('says over a key what it means', async () => {
    const lines = POLICIES.split('\n');
    const line = lines.findIndex((text) => text.includes('max_age'));
    const at = { line: line + 1, character: (lines[line] ?? '').indexOf('max_age') + 2 };
    assert.match(await editor.shows('policies', schemaLine('policies') + POLICIES, at), /younger than this/);
  });
});
