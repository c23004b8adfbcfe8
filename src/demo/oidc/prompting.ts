import { canReach, isStronger } from '../acr.ts';
import { type DemoPerson, personNamed } from '../people.ts';
import { askedAcr } from './asked.ts';
import type { Engine, EngineContext, PromptList } from './engine.ts';

/**
 * When a person is interrupted: oidc-provider's own reasons (no session, prompt=login, max_age, essential acr, another
 * person wanted), one that it lacks, and never to consent, since the only clients are ours.
 */
export function promptPolicy({ interactionPolicy }: Engine, people: readonly DemoPerson[]): PromptList {
  const { Check, base } = interactionPolicy;
  const policy = base();
  policy.get('consent').checks.clear();
  const { checks } = policy.get('login');
  checks.add(new Check('voluntary_acr', 'a stronger authentication is wished for', (ctx) => wishes(ctx, people)));
  return policy;
}

/** Reasons for which whoever is signed in is the wrong person. */
const ANOTHER_PERSON = ['id_token_hint', 'claims_id_token_sub_value'];
/** Reasons for which a login of before will not do. */
const ANEW = ['login_prompt', 'no_session', 'max_age', ...ANOTHER_PERSON];

/** Whether the password must be given again, as opposed to a second factor on top of the login of before. */
export function demandsPassword(reasons: readonly string[]): boolean {
  return reasons.some((reason) => ANEW.includes(reason));
}

/** Whether somebody else is wanted than who is signed in. */
export function demandsAnotherPerson(reasons: readonly string[]): boolean {
  return reasons.some((reason) => ANOTHER_PERSON.includes(reason));
}

/**
 * Whether a wish for a stronger authentication (`acr_values`, or a claim that is not essential) is worth a question: not
 * if this person cannot fulfil it, nor twice, nor where no page may be shown. Then what was proven is returned.
 */
function wishes({ oidc }: EngineContext, people: readonly DemoPerson[]): boolean {
  const asked = askedAcr(oidc.params);
  const person = personNamed(people, oidc.session.accountId);
  if (asked.essential || person === null || oidc.prompts.has('none') || oidc.result?.login !== undefined) return false;
  const { acr } = oidc.session;
  if (acr !== undefined && asked.values.includes(acr)) return false;
  return asked.values.some((value) => canReach(person, value) && isStronger(value, acr));
}
