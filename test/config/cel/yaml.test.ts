import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { GATEWAY, load, POLICIES, problemsOf } from '../fixture.ts';

/** A condition as somebody writes it without quotes, and the sign where YAML stops understanding it. */
const CONDITIONS = [
  '!hr',
  '!hr && network.office',
  '!(hr || sales)',
  '!user.email.endsWith("@corp.example")',
  '"hr" in user.groups',
  "'hr' in user.groups",
  '"hr" in user.groups && request.query.x == "a: b"',
  'hr ? sales : it',
  '["GET", "POST"].exists(m, m == request.method)',
  '*hr',
  '*hr && sales',
  '&hr && sales',
  '@hr',
  '`hr`',
  '%hr',
  '| hr',
  '> 5',
  'request.path == "a: b"',
  'request.path == "a #b"',
];

const PLACES: Readonly<Record<string, (condition: string) => string>> = {
  'a key of its own': (condition) => `        when: ${condition}`,
  'a map on one line': (condition) => `      - {id: test, when: ${condition}, require: password}`,
  'a map over several lines': (condition) => `         when: ${condition}, require: password}`,
  'the conditions of the file': (condition) => `  test: ${condition}`,
};

const FILES: Readonly<Record<string, (line: string) => string>> = {
  'a key of its own': (line) =>
    POLICIES.replace('  wiki: {}', `  wiki:\n    rules:\n      - id: test\n${line}\n        require: password`),
  'a map on one line': (line) => POLICIES.replace('  wiki: {}', `  wiki:\n    rules:\n${line}`),
  'a map over several lines': (line) =>
    POLICIES.replace('  wiki: {}', `  wiki:\n    rules:\n      - {id: test,\n${line}`),
  'the conditions of the file': (line) => POLICIES.replace('apps:', `conditions:\n  hr: "true"\n\n${line}\napps:`),
};

describe('a condition that YAML takes for something else', () => {
  for (const [place, lineOf] of Object.entries(PLACES)) {
    for (const condition of CONDITIONS) {
      it(`${condition} as ${place} is shown as it should stand there`, () => {
        const line = lineOf(condition);
        const problems = problemsOf(GATEWAY, FILES[place]?.(line) ?? '');
        const hint = problems.map((problem) => problem.hint ?? '').find((text) => text.startsWith('put the condition'));
        assert.ok(hint !== undefined, JSON.stringify(problems));
        const corrected = hint.slice('put the condition in quotes: '.length);
        const indent = line.slice(0, line.search(/\S/));
        // With that line the file says what was meant.
        const text = FILES[place]?.(indent + corrected) ?? '';
        const file: { readonly conditions?: { readonly test: string }; readonly apps: { readonly wiki: Wiki } } =
          parse(text);
        assert.equal(file.conditions?.test ?? file.apps.wiki.rules?.[0]?.when, condition);
      });
    }
  }

  it('is one problem, however much else YAML then finds in the line', () => {
    const line = '      - {id: test, when: !(hr || sales) in ["a", "b"], require: password}';
    const problems = problemsOf(GATEWAY, FILES['a map on one line']?.(line) ?? '');
    assert.deepEqual(
      problems.map(({ hint }) => hint),
      [`put the condition in quotes: - {id: test, when: '!(hr || sales) in ["a", "b"]', require: password}`],
    );
  });

  it('is shown for a comma, which ends it for YAML without a word', () => {
    const line = '      - {id: test, when: user.groups.exists(g, g == "hr"), require: password}';
    const problems = problemsOf(GATEWAY, FILES['a map on one line']?.(line) ?? '');
    const corrected = `put the condition in quotes: - {id: test, when: 'user.groups.exists(g, g == "hr")', require: password}`;
    assert.ok(
      problems.some(({ id, hint }) => id === 'unknown-key' && hint === corrected),
      JSON.stringify(problems),
    );
  });

  it('is shown for what YAML takes for a list or a map', () => {
    for (const condition of ['["a"]', '{a: 1}']) {
      const problems = problemsOf(GATEWAY, FILES['a key of its own']?.(`        when: ${condition}`) ?? '');
      assert.deepEqual(
        problems.map(({ id, hint }) => [id, hint]),
        [['wrong-type', `put the condition in quotes: when: '${condition}'`]],
      );
    }
  });

  it('is not what a remark behind a condition is', () => {
    const fine = FILES['a key of its own']?.('        when: network.office # by day') ?? '';
    const withNetwork = fine.replace('apps:', 'networks: {office: [192.0.2.0/24]}\napps:');
    assert.ok(load(GATEWAY, withNetwork).ok);
  });

  it('is not what a value of any other key is told', () => {
    const texts = ['note: !x', 'note: "a" b', 'message: [a]', 'label: *x', 'note: a: b'];
    for (const text of texts) {
      const problems = problemsOf(GATEWAY, FILES['a key of its own']?.(`        ${text}\n        when: "true"`) ?? '');
      assert.ok(problems.length > 0);
      for (const { hint } of problems) assert.doesNotMatch(hint ?? '', /put the condition/, text);
    }
  });

  it('does not show in a hint what looks like a secret', () => {
    const secret = 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ';
    const problems = problemsOf(
      GATEWAY,
      FILES['a map on one line']?.(`      - {id: test, when: !hr, note: ${secret}}`) ?? '',
    );
    assert.ok(problems.length > 0);
    for (const { hint } of problems) assert.ok(!hint?.includes(secret), String(hint));
  });
});

interface Wiki {
  readonly rules?: readonly { readonly when: string }[];
}
