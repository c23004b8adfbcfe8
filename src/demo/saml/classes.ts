import { ACR_MFA, ACR_PASSKEY, ACR_PASSWORD, type AskedAcr, SUPPORTED_ACRS } from '../acr.ts';

/** The authentication context classes by which the provider says how somebody authenticated, and what each stands for. */
const ACR_OF_CLASS: ReadonlyMap<string, string> = new Map([
  // The standard's own (Authentication Context 3.4.6), the one of research and education, and one of nobody else's.
  ['urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport', ACR_PASSWORD],
  ['https://refeds.org/profile/mfa', ACR_MFA],
  ['urn:stepgate:demo:passkey', ACR_PASSKEY],
]);

/** The class that says `acr`. */
export function classOf(acr: string): string {
  for (const [name, meaning] of ACR_OF_CLASS) if (meaning === acr) return name;
  throw new Error(`no class says ${acr}`);
}

/**
 * What a RequestedAuthnContext asks for (Core 3.3.2.2.1). Of the comparisons, `exact` and `minimum` are known here; what
 * is asked by another one, or of classes that are not known, nobody can do.
 */
export function askedByClasses(comparison: string, classes: readonly string[]): AskedAcr {
  const acrs = classes.flatMap((name) => ACR_OF_CLASS.get(name) ?? []);
  if (comparison === 'exact') return { essential: true, values: acrs };
  const weakest = SUPPORTED_ACRS.findIndex((acr) => acrs.includes(acr));
  const isMet = comparison === 'minimum' && weakest >= 0;
  return { essential: true, values: isMet ? SUPPORTED_ACRS.slice(weakest) : [] };
}
