import { formatDuration } from '../../config/durations.ts';
import type { Decision } from '../../core/decide.ts';
import type { Demand } from '../../core/demand.ts';
import type { Effect } from '../../core/policy.ts';
import type { Seconds } from '../../core/time.ts';

/** RFC 3339, UTC, whole seconds. */
export const momentText = (at: Seconds): string => new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** A span for people; of a fraction nobody wants to read. */
export const spanText = (span: Seconds): string => formatDuration(Math.max(0, Math.floor(span)));

/** A demand as it would be written: `mfa, max_age 5m`. */
export function demandText({ level, comparison, maxAge, since }: Demand): string {
  const words: string[] = [level.name];
  if (comparison !== 'minimum') words.push(`comparison ${comparison}`);
  if (maxAge !== null) words.push(`max_age ${formatDuration(maxAge)}`);
  if (since !== null) words.push(`since ${momentText(since)}`);
  return words.join(', ');
}

/** What a rule or floor says, in a few words. */
export function effectText(effect: Effect, oneTime = false): string {
  switch (effect.kind) {
    case 'public':
      return effect.known ? 'public: known' : 'public';
    case 'deny':
      return 'deny';
    case 'require': {
      const demands = effect.demands.map(demandText).join('; ');
      return `${demands === '' ? 'what the app requires' : `require ${demands}`}${oneTime ? ', one_time' : ''}`;
    }
  }
}

/** A decision in the words that tests of policies expect it in. */
export function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case 'allow':
      return decision.requirement.demands.length === 0 ? 'public' : 'allow';
    case 'challenge':
      return `challenge ${decision.missing.level.name} ${decision.why}`;
    case 'deny':
      return `deny ${decision.why}`;
  }
}
