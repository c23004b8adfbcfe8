import type { Facts } from '../../core/facts.ts';
import { paramFits, queryFits } from '../../core/match.ts';
import {
  type Criteria,
  coversMethod,
  type Floor,
  type MethodSet,
  type ParameterCriterion,
  type Rule,
} from '../../core/policy.ts';
import type { ExplainedCriterion } from './explanation.ts';

/** How each criterion of a rule or floor fits: in the gate's order, and like the gate not beyond the first that is missed. */
export function criteriaOf(item: Rule | Floor, facts: Facts): readonly ExplainedCriterion[] {
  const { methods, query, param, when }: Criteria = item;
  const found: ExplainedCriterion[] = [];
  const { request } = facts;
  const goesOn = (criterion: ExplainedCriterion): boolean => {
    found.push(criterion);
    return criterion.outcome !== false;
  };
  if (methods !== null) {
    const outcome = coversMethod(methods, request.method);
    if (!goesOn({ criterion: 'methods', text: methodsText(methods), outcome })) return found;
  }
  for (const criterion of query) {
    const outcome = queryFits(criterion, request) ?? 'ambiguous';
    if (!goesOn({ criterion: 'query', text: parameterText(criterion), outcome })) return found;
  }
  for (const criterion of param) {
    const doubt = queryFits(criterion, request) === false ? 'body' : 'ambiguous';
    const fits = paramFits(criterion, request) ?? doubt;
    // What lets everybody in wants it once, and the body may have it again.
    const outcome = fits === true && item.effect.kind === 'public' && request.hasBody ? 'body' : fits;
    if (!goesOn({ criterion: 'param', text: parameterText(criterion), outcome })) return found;
  }
  if (when !== null) goesOn({ criterion: 'when', text: when.text, outcome: when.test(facts) });
  return found;
}

const methodsText = ({ names, inverted }: MethodSet): string => {
  const list = [...names].join(', ');
  if (!inverted) return list;
  return list === '' ? 'every method' : `all but ${list}`;
};

const parameterText = ({ name, values }: ParameterCriterion): string => `${name}=${values.join(' or ')}`;
