import { type Decision, decide } from '../core/decide.ts';
import { audit, type Passage } from './answer.ts';
import type { Verdict } from './gate.ts';

/**
 * Records what rules and floors of `mode: report` would have made of a request. They are enforced in a second judgement
 * that nothing follows from: neither the client nor the upstream can tell that they are there.
 */
export function recordReports(passage: Passage, verdict: Verdict): void {
  if (verdict.kind !== 'judged' || verdict.decision.reported.length === 0) return;
  const { app, question, decision, opened } = verdict;
  // What they read of people may be newer than the session, and nobody is asked for it anew for their sake.
  if (opened?.informed === false) return;
  const would = wordsOf(decide(app, { ...question, rehearsal: true }));
  const isChanged = would !== wordsOf(decision);
  for (const { id } of decision.reported) {
    const { seen, changed } = passage.current.reports.count(id, isChanged);
    if (isChanged) audit(passage, verdict, { event: 'report', rule: id, would, seen, changed });
  }
}

/** What became of a request, in a few words; the same words are the same outcome. */
function wordsOf(decision: Decision): string {
  if (decision.kind === 'challenge') return `challenge ${decision.missing.level.name} ${decision.why}`;
  if (decision.kind === 'deny') return `deny ${decision.why}`;
  return decision.requirement.demands.length === 0 ? 'public' : 'allow';
}
