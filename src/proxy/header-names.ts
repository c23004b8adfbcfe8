/** A header name in lower case, and what becomes of headers of that name. */
export interface Known<Fate> {
  readonly name: string;
  readonly fate: Fate;
}

/** Names are chosen by the other side: beyond this many the answer is worked out anew each time. */
const MAX_KNOWN = 2_000;

/**
 * Looks up what becomes of a header, by its name as received. Names recur, so the answer is kept by their spelling.
 *
 * @param fateOf - decides about a name in lower case
 */
export function headerNames<Fate>(fateOf: (name: string) => Fate): (received: string) => Known<Fate> {
  const known = new Map<string, Known<Fate>>();
  return (received) => {
    const found = known.get(received);
    if (found !== undefined) return found;
    const name = received.toLowerCase();
    const entry = { name, fate: fateOf(name) };
    if (known.size < MAX_KNOWN) known.set(received, entry);
    return entry;
  };
}

/**
 * Headers without those that a `Connection` field names (RFC 9110 7.6.1).
 *
 * @param headers - name, value, name, value, …
 * @param connection - value of the `Connection` field, several joined by commas
 */
export function withoutNamed(headers: readonly string[], connection: ReadonlySet<string>): string[] {
  const left: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!connection.has(name.toLowerCase())) left.push(name, headers[index + 1] ?? '');
  }
  return left;
}

/**
 * The fields that a `Connection` field names, in lower case, with those of an earlier one. Null where it names none.
 */
export function namedBy(value: string, earlier: Set<string> | null): Set<string> | null {
  if (value === 'keep-alive' || value === 'close') return earlier;
  const names = earlier ?? new Set<string>();
  for (const option of value.split(',')) names.add(option.trim().toLowerCase());
  return names;
}
