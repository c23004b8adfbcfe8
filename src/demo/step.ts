import { ACR_MFA, ACR_PASSKEY, ACR_PASSWORD, type AskedAcr, canReach, SUPPORTED_ACRS } from './acr.ts';
import type { DemoPerson } from './people.ts';

/** What a person has to do next at the demo's identity provider. */
export type Step =
  | { readonly kind: 'password' }
  | { readonly kind: 'second_factor'; readonly person: DemoPerson; readonly toRegister: boolean }
  | { readonly kind: 'register_passkey'; readonly person: DemoPerson }
  | { readonly kind: 'passkey'; readonly person: DemoPerson }
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
  /** Who gave the second factor on this trip, in order to register a passkey. */
  readonly confirmed: DemoPerson | null;
  /** Whether a passkey of this person is registered and, as far as they said, at hand. */
  readonly hasPasskey: (person: DemoPerson) => boolean;
}

/**
 * Decides the next step. Whoever is already signed in is asked for the second factor alone. What an essential `acr`
 * demands and the person does not have ends the trip at once, without a page: it is the gateway that explains.
 */
export function nextStep(standing: Standing): Step {
  const { asked, anew, entered, remembered, hasPasskey } = standing;
  if (asked.essential && !asked.values.some((value) => SUPPORTED_ACRS.includes(value))) return { kind: 'unmet' };
  const here = entered ?? remembered;
  // A passkey is an authentication of its own, two factors of this moment: no password is asked for on top of it.
  if (here !== null && reachable(asked, here) === ACR_PASSKEY && hasPasskey(here)) {
    return { kind: 'passkey', person: here };
  }
  const person = entered ?? (anew ? null : remembered);
  if (person === null) return { kind: 'password' };
  const acr = reachable(asked, person);
  if (acr === undefined && asked.essential) return { kind: 'unmet' };
  if (acr === ACR_MFA) return { kind: 'second_factor', person, toRegister: false };
  // Whoever may add a passkey must be known as well as can be without one, and on this very trip.
  if (acr === ACR_PASSKEY) {
    return standing.confirmed === person
      ? { kind: 'register_passkey', person }
      : { kind: 'second_factor', person, toRegister: true };
  }
  // No more than a password is wanted: one of before would have been enough, so this one is asked for anew.
  return entered === null ? { kind: 'password' } : { kind: 'done', person, acr: ACR_PASSWORD };
}

const reachable = (asked: AskedAcr, person: DemoPerson): string | undefined =>
  asked.values.find((value) => canReach(person, value));
