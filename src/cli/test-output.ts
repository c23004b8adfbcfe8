import type { UnservableWorld } from '../config/load.ts';
import type { Coverage, Uncovered } from '../config/policy-tests/coverage.ts';
import {
  answerText,
  expectationText,
  failureOf,
  LONG_AFTER,
  type TestResult,
} from '../config/policy-tests/run-tests.ts';
import type { Problem } from '../config/problems.ts';
import type { CommandIo } from './command.ts';
import { placeText, safe, titled } from './explain/columns.ts';
import { printableJson } from './explain/json.ts';
import { sceneOf } from './explain/scene.ts';
import { explainText } from './explain/text.ts';

/** Prints a line for each test, by app, and below one that fails what came out and why. */
export function printResults(world: UnservableWorld, results: readonly TestResult[], io: CommandIo): void {
  for (const app of new Set(results.map(({ test }) => test.app))) {
    io.out(`${app}\n`);
    for (const result of results) {
      if (result.test.app !== app) continue;
      const name = safe(result.test.name);
      io.out(result.passed ? `  ok    ${name}\n` : `  FAIL  ${name}  ${placeText(result.test.place)}\n`);
      if (!result.passed) io.out(indented([...sentences(result), '', ...explained(world, result)]));
    }
    io.out('\n');
  }
  const failed = results.filter(({ passed }) => !passed).length;
  io.out(`${results.length} test${results.length === 1 ? '' : 's'}${failed === 0 ? '' : `, ${failed} failed`}\n`);
}

function sentences(result: TestResult): readonly string[] {
  const { message, hint } = failureOf(result);
  return [message, ...(hint === undefined ? [] : [hint])];
}

/** What `stepgate explain` says of the request. A fact that is not given is taken as the test takes it. */
function explained(world: UnservableWorld, { test }: TestResult): readonly string[] {
  const app = world.apps.get(test.app);
  if (app === undefined) return [];
  const scene = sceneOf({ world, app, scenario: test.scenario, now: LONG_AFTER, missing: 'fails' });
  return explainText(scene).trimEnd().split('\n');
}

const indented = (lines: readonly string[]): string =>
  lines.map((line) => (line === '' ? '\n' : `        ${safe(line)}\n`)).join('');

/** What is said of something that no test would miss. */
function missing(leftOut: Uncovered['leftOut']): string {
  if (leftOut === 'nothing') return 'no test hits it';
  return `all tests pass without ${leftOut === 'all' ? 'it' : `its ${leftOut}`}`;
}

/** Prints what the policies say and no test would miss. */
export function printCoverage({ covered, of, uncovered }: Coverage, io: CommandIo): void {
  const rows = uncovered.map(({ id, leftOut, place }) => [placeText(place), id, missing(leftOut)]);
  const lines = titled('Not covered:', rows).map(safe);
  io.out(
    `\n${lines.map((line) => `${line}\n`).join('')}${lines.length === 0 ? '' : '\n'}Coverage: ${covered} of ${of}\n`,
  );
}

/** The same as one JSON document. */
export const resultsJson = (ok: boolean, results: readonly TestResult[], coverage: Coverage | null): string =>
  printableJson({
    ok,
    tests: results.map(({ test: { name, app, expect, place }, passed, answer, notGiven }) => ({
      name,
      app,
      ...place,
      passed,
      expected: expectationText(expect),
      answer: answerText(answer, app),
      not_given: notGiven,
    })),
    coverage: coverage && {
      covered: coverage.covered,
      of: coverage.of,
      uncovered: coverage.uncovered.map(({ id, leftOut, place }) => ({ id, left_out: leftOut, ...place })),
    },
  });

export const problemsJson = (problems: readonly Problem[]): string => printableJson({ ok: false, problems });
