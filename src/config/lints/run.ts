import type { Findings } from '../findings.ts';
import type { LintErrorId, LintWarningId } from '../problems.ts';
import { below, valueAt } from '../source-file.ts';
import { acceptedAt, acceptingIn, whyUnused } from './accept.ts';
import { LINTS, lintOf } from './table.ts';
import { type Compiled, wholeOf } from './whole.ts';

/** Looks for everything in the table, in a configuration without problems. */
export function lint(compiled: Compiled, findings: Findings): void {
  const whole = wholeOf(compiled);
  for (const { id, severity, find } of LINTS) {
    if (find === null) continue;
    for (const found of find(whole)) {
      if ((found.severity ?? severity) === 'error')
        findings.problem(found.where, id as LintErrorId, found.message, found.hint);
      else findings.notice(found.where, id as LintWarningId, found.message, found.hint);
    }
  }
  const files = [...compiled.demanded.values()].flatMap(({ file }) => file ?? []);
  for (const source of [compiled.gateway, compiled.policies, ...files]) {
    for (const owner of acceptingIn(source)) {
      if (valueAt(below(owner, 'note')) === undefined) {
        findings.problemAtKey(
          below(owner, 'accept'),
          'accept-without-note',
          'a lint is accepted, and nothing says why',
          'add a note',
        );
      }
      for (const { id, where } of acceptedAt(owner)) {
        if (findings.wasAccepted(owner, id)) continue;
        const { message, hint } = whyUnused(
          id,
          lintOf(id)?.severity ?? null,
          LINTS.map((one) => one.id),
        );
        findings.notice(where, 'accept-unused', message, hint);
      }
    }
  }
}
