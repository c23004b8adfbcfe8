import type { IncomingMessage } from 'node:http';

/** One identity header as it arrived, and what it says. */
export interface ReceivedHeader {
  readonly name: string;
  readonly raw: string;
  readonly decoded: string;
}

/** The `X-Auth-*` headers of a request, in the order of arrival. */
export function receivedIdentity(request: IncomingMessage): readonly ReceivedHeader[] {
  const found: ReceivedHeader[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const raw = request.rawHeaders[index + 1] ?? '';
    if (/^x-auth-/i.test(name)) found.push({ name, raw, decoded: decode(name, raw) });
  }
  return found;
}

/** The decoded value of one of them, or null. */
export function identityValue(headers: readonly ReceivedHeader[], name: string): string | null {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.decoded ?? null;
}

const LISTS: ReadonlySet<string> = new Set(['x-auth-groups', 'x-auth-levels', 'x-auth-amr']);

function decode(name: string, raw: string): string {
  const lower = name.toLowerCase();
  if (lower === 'x-auth-assertion') return assertionPayload(raw) ?? raw;
  if (LISTS.has(lower)) return raw.split(',').map(percentDecode).join(', ');
  if (lower === 'x-auth-time' && /^[0-9]{1,11}$/.test(raw)) return new Date(Number(raw) * 1000).toISOString();
  return percentDecode(raw);
}

/** The claims of a JWT, one a line, unverified: this application shows them and believes the other headers. */
function assertionPayload(raw: string): string | null {
  try {
    const [, payload = ''] = raw.split('.');
    const claims: object = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return Object.entries(claims)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
      .join('\n');
  } catch {
    return null;
  }
}

/** Values come percent-encoded always, so decoding needs no condition; what is not is shown as it is. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
