import { ACR_MFA, ACR_PASSWORD, type AskedAcr, canReach, SUPPORTED_ACRS } from './acr.ts';
import type { DemoPerson } from './people.ts';

/** What a person has to do next at the demo's identity provider. */
export type Step =
  | { readonly kind: 'password' }
  | { readonly kind: 'second_factor'; readonly person: DemoPerson }
  | { readonly kind: 'done'; readonly person: DemoPerson; readonly acr: string }
  | { readonly kind: 'unmet' };

/** Where one trip to the provider stands. */
export interface Standing {
  readonly asked: AskedAcr;
  /** A login of before will not do: `prompt=login`, `max_age` exceeded, another person wanted. */
  readonly anew: boolean;
  /** Who gave the password on this trip. */
  readonly entered: DemoPerson | null;
  /** Who is signed in at the provider from before. */
  readonly remembered: DemoPerson | null;
}

/**
 * Decides the next step. Whoever is already signed in is asked for the second factor alone. What an essential `acr`
 * demands and the person does not have ends the trip at once, without a page: it is the gateway that explains.
 */
export function nextStep({ asked, anew, entered, remembered }: Standing): Step {
  if (asked.essential && !asked.values.some((value) => SUPPORTED_ACRS.includes(value))) return { kind: 'unmet' };
  const person = entered ?? (anew ? null : remembered);
  if (person === null) return { kind: 'password' };
  const reachable = asked.values.find((value) => canReach(person, value));
  if (reachable === undefined && asked.essential) return { kind: 'unmet' };
  if (reachable === ACR_MFA) return { kind: 'second_factor', person };
  // No more than a password is wanted: one of before would have been enough, so this one is asked for anew.
  return entered === null ? { kind: 'password' } : { kind: 'done', person, acr: ACR_PASSWORD };
}
