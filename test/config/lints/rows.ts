import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Example } from '../../../src/config/lints/lint.ts';
import type { LintId } from '../../../src/config/problems.ts';
import { loadParts } from './whole-files.ts';

/** What a row is about, the rules of the app `wiki`, and what stands beside them in the files. */
export type Row = readonly [name: string, rules: readonly string[], beside?: Example & { readonly app?: string }];

/** The files of a row. */
export function partOf(rules: readonly string[], beside: Row[2] = {}): Example {
  const list = rules.length === 0 ? '' : `\n    rules:\n${rules.map((rule) => `      - {${rule}}\n`).join('')}`;
  const own = beside.app === undefined ? '' : `\n    ${beside.app}`;
  const wiki = own + list === '' ? ' {}' : own + list;
  const apps = `apps:\n  wiki:${wiki}\n`;
  return { ...beside, policies: `${beside.policies ?? ''}\n${beside.policies?.includes('apps:') ? '' : apps}` };
}

/** Where a lint is found: the severity, and the text that its column points to. */
export function foundOf(id: LintId, part: Example): readonly string[] {
  const loaded = loadParts(part);
  const problems = loaded.ok ? [] : loaded.problems;
  for (const problem of problems) assert.equal(problem.id, id, problem.message);
  const of = (severity: string, found: typeof problems): readonly string[] =>
    found.filter((one) => one.id === id).map(() => severity);
  return [...of('error', problems), ...of('warning', loaded.notices)];
}

/** Rows where a lint is found, and rows so like them that somebody might expect it, where it is not. */
export function lintRows(
  id: LintId,
  {
    found,
    silent,
    severity = 'warning',
  }: { found: readonly Row[]; silent: readonly Row[]; severity?: 'error' | 'warning' },
): void {
  describe(`the lint ${id}`, () => {
    for (const [name, rules, beside] of found) {
      it(`is found: ${name}`, () => assert.deepEqual(foundOf(id, partOf(rules, beside)), [severity]));
    }
    for (const [name, rules, beside] of silent) {
      it(`is not found: ${name}`, () => assert.deepEqual(foundOf(id, partOf(rules, beside)), []));
    }
  });
}
