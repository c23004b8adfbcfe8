import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertFound, GATEWAY, load, type Mistake, POLICIES, problemsOf, worldOf } from './fixture.ts';

const RUNS = 'require: mfa, max_age: 5m}';
const MISTAKES: readonly Mistake[] = [
  { name: 'an unknown key of the file', replace: 'default:', by: '‸defautl:', id: 'unknown-key', hint: /"default"/ },
  { name: 'an unknown key of a level', replace: 'label:', by: '‸lable:', id: 'unknown-key', hint: /"label"/ },
  {
    name: 'an unknown key of an app',
    replace: '    rules:',
    by: '    ‸onyl: hr\n    rules:',
    id: 'unknown-key',
    hint: /"only"/,
  },
  { name: 'an unknown key of a rule', replace: RUNS, by: '‸leve: mfa}', id: 'unknown-key', hint: /known here/ },
  { name: 'a key of a later version', replace: RUNS, by: 'require: mfa, ‸prompt: true}', id: 'unknown-key' },
  { name: 'a level nobody defined', replace: RUNS, by: 'require: ‸mfaa}', id: 'unknown-level', hint: /"mfa"/ },
  {
    name: 'a default level nobody defined',
    replace: 'default: {require: password}',
    by: 'default: {require: ‸passwort}',
    id: 'unknown-level',
    hint: /"password"/,
  },
  {
    name: 'a level nobody defined on an app',
    replace: '    require: password',
    by: '    require: ‸gold',
    id: 'unknown-level',
    hint: /password, mfa/,
  },
  { name: 'a missing version', replace: 'version: 1\nlevels', by: '‸levels', id: 'missing-key' },
  { name: 'another version', replace: 'version: 1', by: 'version: ‸2', id: 'wrong-value' },
  {
    name: 'a level without validity',
    replace: '  - name: password\n    validity: 8h',
    by: '  - ‸name: password',
    id: 'missing-key',
  },
  { name: 'a validity of nothing', replace: '8h', by: '‸0s', id: 'wrong-value' },
  { name: 'a validity without unit', replace: '8h', by: '‸8', id: 'bad-duration', hint: /unit/ },
  { name: 'a validity in months', replace: '8h', by: '‸P1M', id: 'bad-duration', hint: /no fixed length/ },
  {
    name: 'two levels of one name',
    replace: 'default:',
    by: '  - {name: ‸mfa, validity: 1m}\ndefault:',
    id: 'duplicate-level',
  },
  { name: 'a name that is none', replace: 'default:', by: '  - {name: ‸MFA, validity: 1m}\ndefault:', id: 'bad-name' },
  { name: 'a label of several lines', replace: 'label: Two steps', by: 'label: ‸"Two\\nsteps"', id: 'wrong-value' },
  {
    name: 'a message in no language',
    replace: 'message: Please confirm it is you.',
    by: 'message: ‸{english: Please}',
    id: 'wrong-value',
  },
  { name: 'an age of nothing', replace: '5m', by: '‸0s', id: 'max-age-zero' },
  { name: 'an age longer than the validity', replace: '5m', by: '‸2h', id: 'max-age-too-long', message: /1h/ },
  { name: 'an age of no level', replace: RUNS, by: '‸max_age: 5m}', id: 'demand-without-require' },
  {
    name: 'an age of no level on a public rule',
    replace: 'public: true',
    by: 'public: true, ‸max_age: 5m',
    id: 'demand-without-require',
  },
  { name: 'public and require', replace: 'public: true', by: 'public: true, ‸require: mfa', id: 'contradiction' },
  { name: 'deny and require', replace: 'deny: true', by: 'deny: true, ‸require: mfa', id: 'contradiction' },
  { name: 'public and deny', replace: 'public: true', by: 'public: true, ‸deny: true', id: 'contradiction' },
  {
    name: 'public that is not',
    replace: 'public: true',
    by: 'public: ‸false',
    id: 'wrong-value',
    hint: /leave the key out/,
  },
  { name: 'public as text', replace: 'public: true', by: 'public: ‸"true"', id: 'wrong-value' },
  { name: 'a rule without id', replace: '{id: assets, path', by: '‸{path', id: 'missing-key' },
  { name: 'two rules of one id', replace: 'id: runs', by: 'id: ‸assets', id: 'duplicate-id' },
  { name: 'an id that is none', replace: 'id: runs', by: 'id: ‸a/b', id: 'bad-name' },
  { name: 'a path without slash', replace: '/pay/static/**', by: '‸pay/static/**', id: 'bad-path' },
  { name: 'an encoded path', replace: '/pay/static/**', by: '‸/pay/a%20b', id: 'bad-path' },
  { name: 'a path with a query', replace: '/pay/static/**', by: '‸/pay/a?b', id: 'bad-path' },
  {
    name: 'a path outside the mount',
    replace: '/pay/static/**',
    by: '‸/static/**',
    id: 'path-outside-mount',
    hint: /\/pay\/\*\*/,
  },
  { name: 'a path above the mount', replace: '/pay/static/**', by: '‸/', id: 'path-outside-mount' },
  { name: 'the second path of a list', replace: '/pay/runs/*/approve', by: '‸/run/*', id: 'path-outside-mount' },
  { name: 'no paths', replace: '[/pay/runs/*, /pay/runs/*/approve]', by: '‸[]', id: 'nothing-listed' },
  {
    name: 'a method in small letters',
    replace: 'methods: write',
    by: 'methods: ‸post',
    id: 'unknown-method',
    hint: /"POST"/,
  },
  {
    name: 'a misspelt method',
    replace: 'methods: write',
    by: 'methods: [GET, ‸POTS]',
    id: 'unknown-method',
    hint: /"POST"/,
  },
  { name: 'HEAD by itself', replace: 'methods: write', by: 'methods: ‸HEAD', id: 'unknown-method', hint: /GET/ },
  { name: 'a number as a name', replace: 'require: mfa', by: 'require: ‸2', id: 'wrong-type', hint: /quotes/ },
  {
    name: 'rules that are no list',
    replace: '  wiki: {}',
    by: '  wiki: {rules: ‸{}}',
    id: 'wrong-type',
    message: /a list is expected/,
  },
  { name: 'an app without a value', replace: '  wiki: {}', by: '  wiki: ‸~', id: 'wrong-type', message: /nothing/ },
  { name: 'a rule that is no map', replace: '  wiki: {}', by: '  wiki: {rules: [‸x]}', id: 'wrong-type' },
  {
    name: 'a level above what the provider proves',
    replace: '  wiki: {}',
    by: '  wiki: {require: ‸mfa}',
    id: 'level-unprovable',
    message: /"partner"/,
  },
  {
    name: 'a path of our own pages',
    replace: '  wiki: {}',
    by: '  wiki: {rules: [{id: a, path: ‸/.stepgate/**, deny: true}]}',
    id: 'path-reserved',
  },
  {
    name: 'a rule above what the provider proves',
    replace: '  wiki: {}',
    by: '  wiki: {rules: [{id: a, require: ‸mfa}]}',
    id: 'level-unprovable',
  },
];

describe('policies.yaml', () => {
  for (const mistake of MISTAKES) {
    it(`points to ${mistake.name}`, () => assertFound('policies', mistake));
  }

  it('refuses a rule that asks for nothing in an app that asks for nothing', () => {
    const policies = POLICIES.replace('default: {require: password}\n', '').replace(
      'wiki: {}',
      'wiki: {rules: [{id: all, path: /**}]}',
    );
    assert.deepEqual(
      problemsOf(GATEWAY, policies).map((problem) => problem.id),
      ['empty-requirement'],
    );
  });

  it('takes the default demand for a rule that states none', () => {
    assert.ok(load(GATEWAY, POLICIES.replace('wiki: {}', 'wiki: {rules: [{id: all, path: /**}]}')).ok);
  });

  it('says that the default level is wrong where no app takes it', () => {
    const policies = POLICIES.replace('{require: password}', '{require: gold}').replace(
      'wiki: {}',
      'wiki: {require: password}',
    );
    assert.deepEqual(
      problemsOf(GATEWAY, policies).map((problem) => problem.id),
      ['unknown-level'],
    );
  });

  it('takes 32 levels and no more', () => {
    const rungs = (count: number): string =>
      Array.from({ length: count }, (_, i) => `  - {name: l${i}, validity: 8h}\n`).join('');
    const policies = (count: number): string => POLICIES.replace('levels:\n', `levels:\n${rungs(count - 2)}`);
    assert.equal(worldOf(GATEWAY, policies(32)).ladder.levels.length, 32);
    const found = problemsOf(GATEWAY, policies(33));
    assert.equal(found[0]?.id, 'too-many-levels');
  });

  it('takes as many floors over as many apps as a reload can compile, each for each, and no more', () => {
    const some = (count: number, one: (i: number) => string): string =>
      Array.from({ length: count }, (_, i) => one(i)).join('');
    const floors = (count: number, more: string): string =>
      `floors:\n${some(count, (i) => `  - {id: f${i}, require: mfa${more}}\n`)}apps:\n${some(300, (i) => `  a${i}: {}\n`)}`;
    const found = (text: string): readonly string[] =>
      problemsOf(GATEWAY, POLICIES.replace('apps:\n', text)).map(({ id }) => id);
    const bounded = (text: string): boolean => found(text).includes('too-many-floors');
    assert.equal(bounded(floors(400, '')), true);
    assert.equal(bounded(floors(400, ', apps: [a1, a2]')), false);
    assert.equal(bounded(floors(4, '')), false);
    assert.equal(bounded(floors(4, `, except: [${some(100, (i) => `{path: /p${i}},`)}]`)), true);
    assert.equal(bounded(floors(4, `, except: [${some(100, (i) => `{app: a${i}, path: /p${i}},`)}]`)), false);
  });

  it('shows every problem of both files at once, in the order of their lines', () => {
    const found = problemsOf(
      GATEWAY.replace('port: 8080', 'port: 70000').replace('provider: partner', 'provider: partnr'),
      POLICIES.replace('5m', '5').replace('public: true', 'pubic: true').replace('validity: 8h', 'validity: 8'),
    );
    assert.deepEqual(
      found.map((problem) => `${problem.file}:${problem.line} ${problem.id}`),
      [
        'gateway.yaml:2 bad-port',
        'gateway.yaml:33 unknown-provider',
        'policies.yaml:4 bad-duration',
        'policies.yaml:14 unknown-key',
        'policies.yaml:15 bad-duration',
      ],
    );
  });
});
