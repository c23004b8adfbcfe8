import { privateCacheControl, SHARED_CACHE_HEADERS } from './cache-control.ts';
import { headerNames, namedBy, withoutNamed } from './header-names.ts';
import type { ForwardPlan, OwnCookies } from './plan.ts';

type Fate = 'forward' | 'drop' | 'connection' | 'set-cookie' | 'cache-control' | 'shared-cache' | 'content-length';

/** Names with a fate of their own, in lower case. */
const FATES: ReadonlyMap<string, Fate> = new Map<string, Fate>([
  ['connection', 'connection'],
  ['set-cookie', 'set-cookie'],
  ['cache-control', 'cache-control'],
  ['content-length', 'content-length'],
  ...[...SHARED_CACHE_HEADERS].map((name): [string, Fate] => [name, 'shared-cache']),
  ...[
    ...['keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
    // It would sign the person out of the gateway.
    'clear-site-data',
  ].map((name): [string, Fate] => [name, 'drop']),
]);

const know = headerNames(fateOf);

/** The part of a plan that shows in response headers. */
export type ResponseFacts = Pick<ForwardPlan, 'ownSetCookies' | 'protectedResponse'>;

/**
 * The headers that a client gets: the upstream's, without those of its connection and those that only we may set, then
 * our cookies. `Set-Cookie` stays one header for each cookie.
 *
 * @param raw - as received: name, value, name, value, …
 * @param status - of the answer
 * @returns name, value, name, value, …; names as the upstream wrote them
 */
export function responseHeaders(
  raw: readonly (Buffer | string)[],
  status: number,
  { ownSetCookies, protectedResponse }: ResponseFacts,
  { setsOwnCookie }: Pick<OwnCookies, 'setsOwnCookie'>,
): string[] {
  const confined = protectedResponse || ownSetCookies.length > 0;
  let headers: string[] = [];
  let cacheControl: string | null = null;
  let named: Set<string> | null = null;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const received = latin1(raw[index]);
    const { fate } = know(received);
    if (fate === 'drop') continue;
    const value = latin1(raw[index + 1]);
    if (fate === 'forward') headers.push(received, value);
    else if (fate === 'connection') named = namedBy(value, named);
    else if (fate === 'set-cookie') {
      if (!setsOwnCookie(value)) headers.push(received, value);
    } else if (fate === 'content-length') {
      // RFC 9110 8.6: none with 204.
      if (status !== 204) headers.push(received, value);
    } else if (!confined) headers.push(received, value);
    else if (fate === 'cache-control') cacheControl = cacheControl === null ? value : `${cacheControl}, ${value}`;
  }
  if (named !== null) headers = withoutNamed(headers, named);
  if (confined) headers.push('Cache-Control', privateCacheControl(cacheControl));
  for (const cookie of ownSetCookies) headers.push('Set-Cookie', cookie);
  return headers;
}

function fateOf(name: string): Fate {
  const plain = name.replaceAll('_', '-');
  if (plain.startsWith('x-auth-') || plain.startsWith('x-stepgate-')) return 'drop';
  return FATES.get(name) ?? 'forward';
}

/** Header bytes as Node writes them out again: one character for each. */
const latin1 = (part: Buffer | string | undefined): string => part?.toString('latin1') ?? '';
