import { headerNames, namedBy, withoutNamed } from './header-names.ts';
import type { ForwardPlan, OwnCookies } from './plan.ts';

/** What becomes of a request header: handed on, left out, or looked at first. */
type Fate = 'forward' | 'drop' | 'connection' | 'cookie' | 'forwarded-for' | 'content-length' | 'transfer-encoding';

/** Names with a fate of their own, in lower case. */
const FATES: ReadonlyMap<string, Fate> = new Map<string, Fate>([
  ['connection', 'connection'],
  ['cookie', 'cookie'],
  ['x-forwarded-for', 'forwarded-for'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'transfer-encoding'],
  ...[
    // Hop-by-hop (RFC 9110 7.6.1), and what belongs to the connection with us.
    ...['keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'te', 'trailer', 'upgrade'],
    ...['expect', 'http2-settings'],
    // Set by us.
    ...['host', 'forwarded', 'x-real-ip'],
    // Other claims of the client's address.
    ...['client-ip', 'x-client-ip', 'true-client-ip', 'x-cluster-client-ip'],
    // A second method or path beside the ones that were judged.
    ...['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-url', 'x-rewrite-url'],
    // CGI turns it into the proxy that the application uses.
    'proxy',
  ].map((name): [string, Fate] => [name, 'drop']),
]);

/** Families of headers by which this or another gateway tells an application who somebody is. */
const IDENTITY_PREFIXES = [
  ...['x-auth-', 'x-stepgate-', 'x-authenticated-', 'x-forwarded-', 'remote-', 'x-remote-', 'x-webauth-'],
  ...['x-authentik-', 'x-pomerium-', 'x-goog-iap-', 'x-goog-authenticated-', 'x-ms-client-principal', 'x-ms-token-'],
  ...['x-amzn-oidc-', 'cf-access-', 'tailscale-', 'client-cert', 'x-client-cert', 'ssl-client', 'x-ssl-client'],
] as const;

const know = headerNames(fateOf);

/** What is sent upstream in front of the body. */
export interface ForwardedHeaders {
  /** Name, value, name, value, …; names in lower case. */
  readonly headers: string[];
  readonly hasBody: boolean;
}

/** The part of a plan that shows in request headers. */
export type RequestFacts = Pick<ForwardPlan, 'identity' | 'clientIp' | 'trustedPeer' | 'host' | 'scheme'>;

/**
 * The headers that an upstream gets: what the client may say, without what it may not, then ours. Everything that the
 * client's `Connection` names is gone before ours are set, so that no client can take one of ours away.
 *
 * @param rawHeaders - as received: name, value, name, value, …
 * @param peerAddress - address of the other end of the connection
 */
export function requestHeaders(
  rawHeaders: readonly string[],
  peerAddress: string,
  facts: RequestFacts,
  { withoutOwnCookies }: Pick<OwnCookies, 'withoutOwnCookies'>,
): ForwardedHeaders {
  let headers: string[] = [];
  let hasBody = false;
  let cookies = '';
  let chain = '';
  let named: Set<string> | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const { name, fate } = know(rawHeaders[index] ?? '');
    if (fate === 'drop') continue;
    const value = rawHeaders[index + 1] ?? '';
    if (fate === 'forward') headers.push(name, value);
    else if (fate === 'cookie') cookies = cookies === '' ? value : `${cookies}; ${value}`;
    else if (fate === 'connection') named = namedBy(value, named);
    else if (fate === 'forwarded-for') chain = chain === '' ? value : `${chain}, ${value}`;
    else if (fate === 'transfer-encoding') hasBody = true;
    else {
      headers.push(name, value);
      hasBody ||= /[^0]/.test(value);
    }
  }
  if (named !== null) {
    if (named.has('cookie')) cookies = '';
    headers = withoutNamed(headers, named);
  }
  const kept = cookies === '' ? null : withoutOwnCookies(cookies);
  if (kept !== null && kept !== '') headers.push('cookie', kept);
  setOurs(headers, chain, plainAddress(peerAddress), facts);
  return { headers, hasBody };
}

function fateOf(name: string): Fate {
  // CGI, WSGI, PHP and Rack read "_" and other signs as "-": what is not plainly a name could be one of ours.
  if (!/^[a-z0-9-]+$/.test(name)) return 'drop';
  const fate = FATES.get(name);
  if (fate !== undefined) return fate;
  return IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix)) ? 'drop' : 'forward';
}

function setOurs(headers: string[], chain: string, peer: string, facts: RequestFacts): void {
  const { host, scheme, clientIp, identity } = facts;
  const client = plainAddress(clientIp);
  headers.push('host', host);
  headers.push('x-forwarded-for', facts.trustedPeer && chain !== '' ? `${chain}, ${peer}` : peer);
  headers.push('x-forwarded-host', host, 'x-forwarded-proto', scheme, 'x-forwarded-port', portOf(host, scheme));
  headers.push('x-real-ip', client);
  headers.push('forwarded', `for=${client.includes(':') ? `"[${client}]"` : client};host="${host}";proto=${scheme}`);
  for (const [name, value] of identity) headers.push(name.toLowerCase(), value);
}

function portOf(host: string, scheme: 'http' | 'https'): string {
  const colon = host.lastIndexOf(':');
  if (colon > host.lastIndexOf(']')) return host.slice(colon + 1);
  return scheme === 'https' ? '443' : '80';
}

/** IPv4 in its own form, also where the socket is a dual-stack one. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
