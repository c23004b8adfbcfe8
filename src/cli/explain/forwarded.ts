import type { ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Decision } from '../../core/decide.ts';
import { countingLevels } from '../../core/demand.ts';
import type { Standing } from '../../core/evidence.ts';
import { identityFacts } from '../../core/identity-facts.ts';
import { IDENTITY_HEADERS, identityHeaders } from '../../core/identity-headers.ts';
import type { Ladder } from '../../core/ladder.ts';
import type { Seconds } from '../../core/time.ts';
import { hardestLevel } from '../../http/allowed.ts';
import type { Forwarded, ForwardedHeader } from './explanation.ts';

/**
 * What the upstream of an allowed request would be told of the person.
 *
 * @param standing - that of the decision, or null for nobody; what is not given is absent from its session
 */
export function forwardedOf(
  app: App,
  { levels }: Ladder,
  decision: Extract<Decision, { kind: 'allow' }>,
  standing: Standing | null,
  person: ScenarioPerson | null,
  now: Seconds,
): Forwarded {
  const upstream = app.upstream.origin;
  if (standing === null || person === null) return { upstream, headers: [] };
  const counting = countingLevels(standing, levels, now);
  const facts = identityFacts(standing, levels, counting, hardestLevel(decision), app, now);
  const told = new Map(identityHeaders(facts, ''));
  const unknown = unknownOf(person, facts.level !== null);
  const headers = IDENTITY_HEADERS.flatMap((name): ForwardedHeader[] => {
    const why = unknown.get(name);
    if (why !== undefined) return [{ name, value: null, unknown: why }];
    const value = told.get(name);
    return value === undefined ? [] : [{ name, value, unknown: null }];
  });
  return { upstream, headers };
}

/** What is not known here: that nobody said it does not mean that it is absent. */
function unknownOf(
  { subject, email, name, groups }: ScenarioPerson,
  counts: boolean,
): ReadonlyMap<string, NonNullable<ForwardedHeader['unknown']>> {
  const unknown = new Map<string, NonNullable<ForwardedHeader['unknown']>>([['X-Auth-Assertion', 'signed']]);
  if (subject === null) unknown.set('X-Auth-Subject', 'not_given');
  if (email === null) unknown.set('X-Auth-Email', 'not_given');
  if (name === null) unknown.set('X-Auth-Name', 'not_given');
  if (groups === null) unknown.set('X-Auth-Groups', 'not_given');
  if (counts) unknown.set('X-Auth-Acr', 'provider').set('X-Auth-Amr', 'provider');
  return unknown;
}
