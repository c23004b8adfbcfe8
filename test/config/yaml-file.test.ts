import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertFound, GATEWAY, load, type Mistake, POLICIES, problemsOf, worldOf } from './fixture.ts';

const bomb = (): string => {
  const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    rows.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return `${rows.join('\n')}\n`;
};

describe('T170 a file that is not what it seems', () => {
  const mistakes: readonly Mistake[] = [
    { name: 'an unknown key', replace: 'require: mfa', by: '‸leve: mfa, require: mfa', id: 'unknown-key' },
    { name: 'a duplicate key', replace: 'public: true}', by: 'public: true, ‸id: other}', id: 'yaml-duplicate-key' },
    {
      name: 'a duplicate key of the file',
      replace: 'apps:',
      by: '‸default: {require: mfa}\napps:',
      id: 'yaml-duplicate-key',
    },
    { name: 'a !!js tag', replace: 'Please confirm it is you.', by: '‸!!js/function "x"', id: 'yaml-tag' },
    { name: 'a tag of its own', replace: '  wiki: {}', by: '  wiki: ‸!thing {}', id: 'yaml-tag' },
    { name: 'a tag that YAML knows', replace: 'Two steps', by: '‸!!str Two steps', id: 'yaml-tag' },
    { name: 'a merge key', replace: '  wiki: {}', by: '  wiki: {‸<<: {require: mfa}}', id: 'yaml-merge-key' },
    { name: 'an alias of nothing', replace: '  wiki: {}', by: '  wiki: ‸*nobody', id: 'yaml-alias' },
    { name: 'a key that is a list', replace: '  wiki: {}', by: '  wiki: {}\n  ? ‸[a]\n  : {}', id: 'yaml-syntax' },
    { name: 'a key named __proto__', replace: '  wiki: {}', by: '  wiki: {}\n  ‸__proto__: {}', id: 'yaml-key' },
    { name: 'a second document', replace: '  wiki: {}\n', by: '  wiki: {}\n‸---\nversion: 1\n', id: 'yaml-syntax' },
  ];
  for (const mistake of mistakes) {
    it(`is refused for ${mistake.name}`, () => assertFound('policies', mistake));
  }

  it('is refused for a %YAML directive, which would change what words mean', () => {
    assert.deepEqual(
      problemsOf(GATEWAY, `%YAML 1.1\n---\n${POLICIES}`).map((problem) => problem.id),
      ['yaml-directive'],
    );
  });

  it('is refused for a tab in the indentation', () => {
    const [first] = problemsOf(GATEWAY, POLICIES.replace('    validity: 8h', '\tvalidity: 8h'));
    assert.deepEqual([first?.line, first?.id], [4, 'yaml-syntax']);
  });

  it('is refused for anchors that expand without end', () => {
    const found = problemsOf(GATEWAY, `${bomb()}${POLICIES}`);
    assert.deepEqual(
      found.map((problem) => problem.id),
      ['yaml-alias-limit'],
    );
  });

  it('is refused for an anchor that contains itself', () => {
    assert.deepEqual(
      problemsOf(GATEWAY, POLICIES.replace('wiki: {}', 'wiki: &w {require: *w}')).map((problem) => problem.id),
      ['yaml-too-deep'],
    );
  });

  it('is refused when it is nested without end', () => {
    for (const deep of ['['.repeat(20_000), 'a: {'.repeat(20_000), `${'['.repeat(40)}${']'.repeat(40)}`]) {
      const found = problemsOf(GATEWAY, deep);
      assert.ok(found.some((problem) => problem.id === 'yaml-too-deep'));
    }
  });

  it('is refused when it is empty, or only comments', () => {
    for (const text of ['', '\n\n', '# nothing\n', '---\n']) {
      const found = problemsOf(GATEWAY, text).map((problem) => problem.id);
      assert.deepEqual(found, ['file-empty']);
    }
  });

  it('is refused when it is no map', () => {
    for (const text of ['- version: 1\n', 'version\n', '12\n']) {
      assert.deepEqual(
        problemsOf(GATEWAY, text).map((problem) => `${problem.line}:${problem.column} ${problem.id}`),
        ['1:1 wrong-type'],
      );
    }
  });

  it('is refused when it is over 1 MiB', () => {
    const padding = (bytes: number): string => `#${'x'.repeat(bytes - POLICIES.length - 2)}\n${POLICIES}`;
    assert.ok(load(GATEWAY, padding(1_048_576)).ok);
    assert.deepEqual(
      problemsOf(GATEWAY, padding(1_048_577)).map((problem) => problem.id),
      ['file-too-large'],
    );
  });
});

describe('a YAML file', () => {
  it('may use plain anchors', () => {
    const policies = POLICIES.replace('path: /pay/static/**', 'path: &open [/pay/static/**, /pay/css/**]').replace(
      'path: /pay/legacy/**',
      'path: *open',
    );
    assert.ok(load(GATEWAY, policies).ok);
  });

  it('shows a mistake behind an alias where the alias points to', () => {
    const policies = POLICIES.replace('path: /pay/static/**', 'path: &open [/static/**]').replace(
      'path: /pay/legacy/**',
      'path: *open',
    );
    assert.deepEqual(
      problemsOf(GATEWAY, policies).map((problem) => `${problem.line}:${problem.column} ${problem.id}`),
      ['14:35 path-outside-mount'],
    );
  });

  it('may start with a byte order mark and end its lines with CR LF', () => {
    assert.ok(load(`\uFEFF${GATEWAY.replaceAll('\n', '\r\n')}`, `\uFEFF${POLICIES.replaceAll('\n', '\r\n')}`).ok);
    const found = problemsOf(GATEWAY, `\uFEFF${POLICIES.replace('8h', '8').replaceAll('\n', '\r\n')}`);
    assert.deepEqual(
      found.map(({ line, column, source }) => [line, column, source]),
      [[4, 15, '    validity: 8']],
    );
  });

  it('keeps words that older YAML took for something else', () => {
    const world = worldOf(GATEWAY, POLICIES.replace('label: Two steps', 'label: yes'));
    assert.equal(world.ladder.named.get('mfa')?.label, 'yes');
  });

  it('is judged as a whole with the other one: a broken file does not hide problems of the other', () => {
    const found = problemsOf(GATEWAY.replace('port: 8080', 'port: 70000'), `${POLICIES}]`);
    assert.deepEqual(
      found.map((problem) => `${problem.file} ${problem.id}`),
      ['gateway.yaml bad-port', 'policies.yaml yaml-syntax'],
    );
  });
});
