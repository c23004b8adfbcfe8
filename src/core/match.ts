import type { Facts, RequestFacts } from './facts.ts';
import { type Criteria, coversMethod, type Floor, type ParameterCriterion, type Rule } from './policy.ts';
import { foldValue, type Parameter } from './query.ts';

/** What of a rule or floor a request does not fit. */
export type Missed = 'methods' | 'query' | 'param' | 'when' | 'except';

/**
 * How a request fits a rule or floor whose path it matches. `undetermined`: that cannot be told, so both outcomes are
 * followed. `person`: that cannot be told before somebody is signed in.
 */
export type Match = 'hit' | 'undetermined' | 'person' | Missed;

/** Tells how a request fits criteria. One that is certainly missed outweighs all doubt about the others. */
export function matchOf(criteria: Criteria, facts: Facts): Match {
  const { methods, query, param, when } = criteria;
  const { request } = facts;
  if (methods !== null && !coversMethod(methods, request.method)) return 'methods';
  let doubt = false;
  for (const criterion of query) {
    const fits = queryFits(criterion, request);
    if (fits === false) return 'query';
    doubt ||= fits === null;
  }
  for (const criterion of param) {
    const fits = paramFits(criterion, request);
    if (fits === false) return 'param';
    doubt ||= fits === null;
  }
  if (when !== null) {
    const outcome = when.test(facts);
    if (outcome === false) return 'when';
    if (outcome === 'person') return 'person';
    doubt ||= outcome === 'failed';
  }
  return doubt ? 'undetermined' : 'hit';
}

/** The same for a rule. What lets everybody in wants its parameters exactly once, and a body may have them again. */
export function ruleMatch(rule: Rule, facts: Facts): Match {
  const match = matchOf(rule, facts);
  const again = rule.effect.kind === 'public' && rule.param.length > 0 && facts.request.hasBody;
  return again && match === 'hit' ? 'undetermined' : match;
}

/** The same for a floor, which may leave out parts of an app. */
export function floorMatch(floor: Floor, facts: Facts): Match {
  const { except } = floor;
  if (except !== null) {
    for (const { methods } of except.find(facts.segments)) {
      if (methods === null || coversMethod(methods, facts.request.method)) return 'except';
    }
  }
  return matchOf(floor, facts);
}

/** Whether the query has the parameter with one of these values; null where readers differ. */
export function queryFits(
  { name, values }: ParameterCriterion,
  { query }: Pick<RequestFacts, 'query'>,
): boolean | null {
  const found: Parameter = query.parameter(name);
  if (found.kind !== 'one') return found.kind === 'absent' ? false : null;
  if (values.includes(found.value)) return true;
  // An upstream may fold case and trim; then a value that is none of these is one of them all the same.
  const folded = foldValue(found.value);
  return values.some((value) => foldValue(value) === folded) ? null : false;
}

/** The same for the query and the body together. What stands in a body is not read here, so it may be there. */
export function paramFits(
  criterion: ParameterCriterion,
  request: Pick<RequestFacts, 'query' | 'hasBody'>,
): boolean | null {
  const inQuery = queryFits(criterion, request);
  return inQuery === false && request.hasBody ? null : inQuery;
}
