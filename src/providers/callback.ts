/** Parameters that only other flows than the code flow answer with: tokens, or a whole answer as one (JARM). */
const FOREIGN = ['id_token', 'access_token', 'token', 'response'] as const;

/**
 * Why the parameters of an authentication response cannot be this flow's, or null. `state` is compared by the library; it
 * takes an empty `iss` for none and an error beside a code for whichever it looks at first, so both are settled here.
 *
 * @param issuer - the provider that was asked; RFC 9207 2.4: simple string comparison
 */
export function callbackProblem(parameters: URLSearchParams, issuer: string): string | null {
  const names = [...parameters.keys()];
  if (new Set(names).size !== names.length) return 'a parameter occurs twice';
  if (FOREIGN.some((name) => parameters.has(name))) return 'an answer of another flow';
  if (parameters.has('iss') && parameters.get('iss') !== issuer) return 'iss of another provider';
  if (parameters.has('code') === parameters.has('error')) return 'neither code nor error, or both';
  if (parameters.get('code') === '' || parameters.get('error') === '') return 'empty code or error';
  return null;
}
