const FIELDS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/**
 * Whether a request asks its upstream to take it for one of another method than the one that is judged.
 *
 * @param has - whether a field came, by its name in lower case
 * @param query - as received
 */
export function overridesMethod(has: (name: string) => boolean, query: string): boolean {
  if (FIELDS.some(has)) return true;
  return query !== '' && /[?&;]_method(?:[=&;[]|$)/i.test(decodeQueryNames(query));
}

/** Escapes of a query undone as far as they go, so that an escaped name is found too. Used to refuse, never to grant. */
function decodeQueryNames(query: string): string {
  return query.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
