import type { ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Decision } from '../../core/decide.ts';
import { countingLevels } from '../../core/demand.ts';
import { identityFacts } from '../../core/identity-facts.ts';
import { identityHeaders } from '../../core/identity-headers.ts';
import type { Ladder } from '../../core/ladder.ts';
import type { Seconds } from '../../core/time.ts';
import { hardestLevel } from '../../http/allowed.ts';
import type { Forwarded } from './explanation.ts';

type Header = Forwarded['headers'][number];

/** What the upstream of an allowed request would be told of the person. */
export function forwardedOf(
  app: App,
  { levels }: Ladder,
  decision: Extract<Decision, { kind: 'allow' }>,
  person: ScenarioPerson | null,
  now: Seconds,
): Forwarded {
  const { standing } = decision;
  const upstream = app.upstream.origin;
  if (standing === null || person === null) return { upstream, headers: [] };
  const counting = countingLevels(standing, levels, now);
  const facts = identityFacts(standing, levels, counting, hardestLevel(decision), app, now);
  const told = new Map(identityHeaders(facts, 'signed'));
  // What nobody said is not known to be absent.
  const unsaid: readonly (readonly [string, boolean])[] = [
    ['X-Auth-Subject', person.subject === null],
    ['X-Auth-Email', person.email === null],
    ['X-Auth-Name', person.name === null],
    ['X-Auth-Groups', person.groups === null],
    ['X-Auth-Acr', facts.level !== null],
    ['X-Auth-Amr', facts.level !== null],
    ['X-Auth-Assertion', true],
  ];
  const headers = new Map<string, string | null>(told);
  for (const [name, isUnsaid] of unsaid) if (isUnsaid) headers.set(name, null);
  return { upstream, headers: [...headers].map(([name, value]): Header => ({ name, value })) };
}
