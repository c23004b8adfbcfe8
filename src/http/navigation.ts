import type { Arrival } from './arrival.ts';

/** What kind of client waits for the answer, which decides in what form a challenge or refusal is told. */
export type Client =
  /** A person opening a page: can be sent to the provider. */
  | 'navigation'
  /** A page inside a frame: providers refuse frames, so the person gets a link that leaves it. */
  | 'frame'
  /** A person submitting a form: can be shown a page, not redirected without losing what was entered. */
  | 'form'
  /** Anything else: gets a status and a machine-readable body. */
  | 'other';

/**
 * Tells people from programs by Fetch Metadata (W3C Fetch Metadata Request Headers), and by Accept and X-Requested-With
 * where a client sends none. A prefetch is not a navigation: nobody has asked to see the page yet.
 */
export function clientOf(arrival: Pick<Arrival, 'method' | 'headers' | 'contentType'>): Client {
  const { method, headers, contentType } = arrival;
  if (headers['sec-purpose'] !== undefined || headers.purpose !== undefined) return 'other';
  // A handshake is no page, whatever else it says of itself: it is never redirected.
  if (headers['sec-websocket-key'] !== undefined) return 'other';
  const mode = headers['sec-fetch-mode'];
  const destination = headers['sec-fetch-dest'];
  if (mode === undefined && destination === undefined) {
    if (headers['x-requested-with'] !== undefined || !acceptsHtml(headers.accept)) return 'other';
    return isSafe(method) ? 'navigation' : formOr(contentType);
  }
  if (mode !== 'navigate') return 'other';
  if (!isSafe(method)) return formOr(contentType);
  if (destination === 'document') return 'navigation';
  return destination === 'iframe' || destination === 'frame' ? 'frame' : 'other';
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Only forms navigate with another method, and only with these three types (HTML 4.10.21.5). */
function formOr(contentType: string | undefined): Client {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  const forms = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
  return type !== undefined && forms.includes(type) ? 'form' : 'other';
}

/** Whether Accept names text/html. A wildcard alone is what programs send. */
export const acceptsHtml = (accept: string | undefined): boolean =>
  /(?:^|[\s,])text\/html(?:$|[\s,;])/i.test(accept ?? '');

/**
 * Whether this is a person opening one of our own pages in a tab of its own. An app's script shares our origin, so what
 * changes or confirms anything answers to nothing else.
 */
export function isTopLevelNavigation(arrival: Pick<Arrival, 'headers'>): boolean {
  const { headers } = arrival;
  const mode = headers['sec-fetch-mode'];
  if (headers['sec-purpose'] !== undefined) return false;
  if (mode === undefined && headers['sec-fetch-dest'] === undefined) {
    return headers['x-requested-with'] === undefined && acceptsHtml(headers.accept);
  }
  return mode === 'navigate' && headers['sec-fetch-dest'] === 'document';
}
