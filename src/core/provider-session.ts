/**
 * Of a provider's session, named as a JSON list whose last item is its index there (`["alice",null,null,null,"s-1"]`), the
 * name of the person: all but the index. Null where it is named otherwise, as in OpenID Connect. Parses nothing: it is
 * asked on every request.
 */
export function personOfProviderSession(session: string): string | null {
  if (!session.startsWith('[') || !session.endsWith(']')) return null;
  // Within a text of JSON there is no bare quote, so the last one behind a comma begins the last item.
  const end = session.endsWith(',null]') ? session.length - ',null]'.length : session.lastIndexOf(',"');
  return end < 0 ? null : `${session.slice(0, end)}]`;
}
