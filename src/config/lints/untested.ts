import { below, lengthAt, top, valueAt } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import type { LintedApp, Whole } from './whole.ts';

function* find({ policies, apps }: Whole): Iterable<Found> {
  const list = below(top(policies), 'tests');
  const tested = new Set(Array.from({ length: lengthAt(list) }, (_, i) => valueAt(below(list, i, 'app'))));
  for (const app of apps) {
    const { file } = app.policy;
    if (app.rules.length === 0 || tested.has(app.name) || (file !== null && lengthAt(below(top(file), 'tests')) > 0))
      continue;
    if (!hasConditions(app)) continue;
    const message = `"${app.name}" has conditions, and no test that says what they are to do`;
    yield { where: app.where, message, hint: `add one: {app: ${app.name}, request: GET /…, expect: …}` };
  }
}

const hasConditions = ({ policy, rules }: LintedApp): boolean =>
  policy.only !== null || rules.some(({ rule }) => rule.when !== null || rule.only !== null);

export const untested: Lint = {
  id: 'untested',
  severity: 'warning',
  summary: 'An app has rules and conditions, and no tests.',
  why: `What a condition is true of is not seen by reading it. A test is one line; it says what is expected of whom, and from then on every load of
the files holds against it. One for somebody who may and one for somebody who may not is a start; \`stepgate test --coverage\` says what is left.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, only: '"hr" in user.groups', require: mfa}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: salaries, path: /salaries/**, only: '"hr" in user.groups', require: mfa}
tests:
  - {app: wiki, request: GET /salaries, user: {groups: [sales]}, session: {mfa: 1m}, expect: deny forbidden}`,
  },
  meant: acceptAt('app in policies.yaml', 'untested'),
  find,
};
