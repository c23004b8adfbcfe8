import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toGithub, toJson, toSarif } from '../../src/cli/check-formats.ts';
import type { LoadResult, UnservableWorld } from '../../src/config/load.ts';
import type { Problem } from '../../src/config/problems.ts';
import { loadParts } from '../config/lints/whole-files.ts';

const PROBLEM: Problem = {
  id: 'unknown-level',
  message: 'there is no level "mfaa"',
  hint: 'did you mean "mfa"?',
  file: 'policies.yaml',
  line: 15,
  column: 87,
  source: '  - {id: runs, require: mfaa}',
};
const NOTICE: Problem = {
  ...PROBLEM,
  id: 'method-gap',
  message: 'PUT too',
  hint: null,
  file: '/etc/gw/a b.yaml',
  source: '',
};

const refused = (problem: Partial<Problem> = {}): LoadResult<UnservableWorld> => ({
  ok: false,
  problems: [{ ...PROBLEM, ...problem }],
  notices: [NOTICE],
});

describe('SARIF 2.1.0', () => {
  const log = JSON.parse(toSarif(refused()));

  it('is a log of one run of this tool, in UTF-16 columns', () => {
    assert.deepEqual(Object.keys(log), ['$schema', 'version', 'runs']);
    assert.equal(log.version, '2.1.0');
    assert.equal(log.runs.length, 1);
    assert.equal(log.runs[0].columnKind, 'utf16CodeUnits');
    assert.equal(log.runs[0].tool.driver.name, 'stepgate');
  });

  it('has a result for each finding, with its place (3.27, 3.28)', () => {
    assert.deepEqual(log.runs[0].results[0], {
      ruleId: 'unknown-level',
      ruleIndex: 1,
      level: 'error',
      message: { text: 'there is no level "mfaa" (did you mean "mfa"?)' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'policies.yaml' },
            region: { startLine: 15, startColumn: 87, snippet: { text: '  - {id: runs, require: mfaa}' } },
          },
        },
      ],
    });
    assert.equal(log.runs[0].results[1].level, 'warning');
  });

  it('names files by URIs, and says nothing of a line that is not there', () => {
    const [{ physicalLocation }] = log.runs[0].results[1].locations;
    assert.deepEqual(physicalLocation, {
      artifactLocation: { uri: 'file:///etc/gw/a%20b.yaml' },
      region: { startLine: 15, startColumn: 87 },
    });
  });

  it('describes every rule that a result names, once, at its index (3.49)', () => {
    const { rules } = log.runs[0].tool.driver;
    for (const { ruleId, ruleIndex } of log.runs[0].results) assert.equal(rules[ruleIndex].id, ruleId);
    assert.deepEqual(
      rules.map(({ id, defaultConfiguration }: { id: string; defaultConfiguration: { level: string } }) => [
        id,
        defaultConfiguration.level,
      ]),
      [
        ['method-gap', 'warning'],
        ['unknown-level', 'error'],
      ],
    );
    for (const rule of rules) assert.match(rule.shortDescription.text, /\.$/);
    assert.match(rules[0].fullDescription.text, /POST/);
  });

  it('has an empty list where nothing is found', () => {
    const fine = JSON.parse(toSarif(loadParts({})));
    assert.deepEqual(fine.runs[0].results, []);
    assert.deepEqual(fine.runs[0].tool.driver.rules, []);
  });
});

describe('commands of GitHub Actions', () => {
  it('are one line for each finding', () => {
    assert.equal(
      toGithub(refused()),
      '::error file=policies.yaml,line=15,col=87,title=unknown-level::there is no level "mfaa" (did you mean "mfa"?)\n' +
        '::warning file=/etc/gw/a b.yaml,line=15,col=87,title=method-gap::PUT too\n',
    );
  });

  const HOSTILE: readonly (readonly [what: string, problem: Partial<Problem>, shown: RegExp])[] = [
    [
      'a line end in a message',
      { message: 'a\n::set-output name=x::y\r', hint: null },
      /::a%0A::set-output name=x::y%0D$/,
    ],
    ['a percent sign', { message: '100%0A', hint: null }, /::100%250A$/],
    [
      'a comma and a colon in the name of a file',
      { file: 'a,line=1:b.yaml' },
      /^::error file=a%2Cline=1%3Ab\.yaml,line=15,/,
    ],
    ['a line end in the name of a file', { file: 'a\n::error::b' }, /^::error file=a%0A%3A%3Aerror%3A%3Ab,line=15,/],
  ];
  for (const [what, problem, shown] of HOSTILE) {
    it(`are not led astray by ${what}`, () => {
      const [line = '', ...rest] = toGithub({ ok: false, problems: [{ ...PROBLEM, ...problem }], notices: [] }).split(
        '\n',
      );
      assert.match(line, shown);
      assert.deepEqual(rest, ['']);
    });
  }
});

describe('JSON', () => {
  it('has the same members whatever was found', () => {
    for (const result of [refused(), loadParts({})]) {
      assert.deepEqual(Object.keys(JSON.parse(toJson(result, result.ok))), ['ok', 'problems', 'notices', 'levels']);
    }
    const [problem] = JSON.parse(toJson(refused(), false)).problems;
    assert.deepEqual(problem, PROBLEM);
  });
});
