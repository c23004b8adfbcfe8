import { type Decision, decide, type Recorder } from '../../core/decide.ts';
import type { Seconds } from '../../core/time.ts';
import type { Findings } from '../findings.ts';
import { pose, type RefusedUnjudged } from '../scenario.ts';
import type { App, World } from '../world.ts';
import type { WrittenTest } from './compile-tests.ts';
import type { Expectation } from './expectation.ts';
import type { PolicyTest } from './policy-test.ts';

/**
 * When a test takes place that names no time: the end of the year 9999, after every `since`. No condition gets to see
 * it: one that reads `now` makes such a test fail.
 */
export const LONG_AFTER: Seconds = 253_402_300_799;

/** What came out of a test. */
export interface TestResult {
  readonly test: PolicyTest;
  readonly passed: boolean;
  readonly answer: Decision | { readonly kind: 'refused'; readonly why: RefusedUnjudged };
  /** What was read and is not given, by the names that conditions use: then nothing is known of the answer. */
  readonly notGiven: readonly string[];
}

/** Runs one test. @param app - the app that it is about, or one that differs from it in something */
export function runTest(test: PolicyTest, app: App, recorder: Recorder | null = null): TestResult {
  const posed = pose(test.scenario, app, LONG_AFTER, 'fails');
  if ('refused' in posed) {
    const answer = { kind: 'refused', why: posed.refused } as const;
    return { test, passed: meets(test.expect, answer), answer, notGiven: [] };
  }
  const answer = decide(app, posed.question, recorder);
  const notGiven = [...posed.notGiven];
  return { test, passed: notGiven.length === 0 && meets(test.expect, answer), answer, notGiven };
}

function meets({ kind, level, why }: Expectation, answer: TestResult['answer']): boolean {
  switch (answer.kind) {
    case 'refused':
      return kind === 'deny' && (why === null || why === 'ambiguous_request');
    case 'allow':
      return kind === (isPublic(answer) ? 'public' : 'allow');
    case 'challenge':
      return (
        kind === 'challenge' &&
        (level ?? answer.missing.level) === answer.missing.level &&
        (why ?? answer.why) === answer.why
      );
    case 'deny':
      return kind === 'deny' && (why ?? answer.why) === answer.why;
  }
}

const isPublic = ({ requirement }: Extract<Decision, { kind: 'allow' }>): boolean => requirement.demands.length === 0;

/** An answer in the words of `expect`, and what gave it. */
export function answerText(answer: TestResult['answer'], app: string): string {
  switch (answer.kind) {
    case 'refused':
      return `deny ambiguous_request by ${answer.why}`;
    case 'allow':
      return `${isPublic(answer) ? 'public' : 'allow'} by ${answer.rule?.id ?? app}`;
    case 'challenge':
      return `challenge ${answer.missing.level.name} ${answer.why} by ${answer.missing.source}`;
    case 'deny':
      return `deny ${answer.why} by ${answer.by}`;
  }
}

export const expectationText = ({ kind, level, why }: Expectation): string =>
  [kind, level?.name, why].filter((word) => word != null).join(' ');

/** What a failed test says: a sentence, and what to write where it does not give what was read. */
export function failureOf({ test, answer, notGiven }: TestResult): { message: string; hint: string | undefined } {
  const expected = `expected ${expectationText(test.expect)}`;
  if (notGiven.length === 0) return { message: `${expected}, but ${answerText(answer, test.app)}`, hint: undefined };
  const message = `${expected}, but a condition reads what is not given: ${notGiven.join(', ')}`;
  const ways = [...new Set(notGiven.map(howToGive))];
  return { message, hint: `write here or under "given": ${ways.join('; ')}` };
}

const WAYS: Readonly<Record<string, string>> = {
  now: 'at: "2026-11-22T10:00:00Z"',
  'client.ip': 'client: {ip: 192.0.2.9}',
  'client.user_agent': 'client: {user_agent: Browser/1.0}',
  'request.headers': 'headers: {name: value}, or {} for none',
  'session.created': 'signed_in: 1h',
  'user.subject': 'user: {subject: alice}',
  'user.email': 'user: {email: alice@corp.example}, or "" for none that is verified',
  'user.name': 'user: {name: Alice}, or "" for none',
  'user.groups': 'user: {groups: [staff]}, or [] for none',
  'user.claims': 'user: {claims: {name: value}}, or {} for none',
};

const howToGive = (name: string): string => WAYS[name] ?? name;

/** Runs every test. One that fails is a problem at its place, so that nothing is served that somebody did not expect. */
export function reportFailing({ apps }: Pick<World, 'apps'>, tests: readonly WrittenTest[], findings: Findings): void {
  for (const { test, where } of tests) {
    const app = apps.get(test.app);
    if (app === undefined) continue;
    const result = runTest(test, app);
    if (result.passed) continue;
    const { message, hint } = failureOf(result);
    findings.failedTest(where, message, hint);
  }
}
