import type { IncomingMessage } from 'node:http';

/**
 * Whether a request that Node's parser took can still be read in two ways: another transfer coding than chunked, which
 * would be lost on the way (RFC 9112 6.1), one in HTTP/1.0, or not exactly one Host (RFC 9112 3.2).
 */
export function ambiguousFraming(request: IncomingMessage): boolean {
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || request.httpVersion !== '1.1')) return true;
  let hosts = 0;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts !== 1;
}
