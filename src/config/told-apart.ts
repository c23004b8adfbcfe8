import type { Predicate } from '../core/evidence.ts';

/** What of a weaker level's proof is never seen, because it proves the stronger one: one acr, or (null) all of it. */
export interface Shadow {
  readonly acr: string | null;
}

/**
 * Whether some proof of the weaker level can only ever be one of the stronger: the strongest level that holds is the one
 * that is proven. Almost always the two were mixed up, or copied.
 */
export function shadowedBy(stronger: Predicate, weaker: Predicate): Shadow | null {
  if (weaker.acr.length === 0) return implies(weaker, stronger) ? { acr: null } : null;
  for (const acr of weaker.acr) {
    if (implies({ ...weaker, acr: [acr] }, stronger)) return { acr: stronger.acr.length === 0 ? null : acr };
  }
  return null;
}

/** Whether every proof that says what `given` asks for says what `wanted` asks for too. */
function implies(given: Predicate, wanted: Predicate): boolean {
  const someOf = (want: readonly string[], has: readonly string[]): boolean =>
    want.length === 0 || (has.length > 0 && has.every((value) => want.includes(value)));
  // One method to choose from is no choice.
  const methods = given.amrAny.length === 1 ? [...given.amrAll, ...given.amrAny] : given.amrAll;
  return (
    someOf(wanted.acr, given.acr) &&
    someOf(wanted.acrs, given.acrs) &&
    wanted.amrAll.every((method) => methods.includes(method)) &&
    (someOf(wanted.amrAny, given.amrAny) || wanted.amrAny.some((method) => methods.includes(method))) &&
    wanted.claims.every(([claim, value]) => given.claims.some((fact) => fact[0] === claim && fact[1] === value))
  );
}
