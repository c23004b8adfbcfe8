import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Whether a request opens a WebSocket (RFC 6455 4.2.1): GET, HTTP/1.1, one `Upgrade: websocket`, version 13, a key of 16
 * bytes and no body. Everything else that asks for an upgrade is none of ours: h2c, POST, other protocols.
 */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    request.method === 'GET' &&
    request.httpVersion === '1.1' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /(?:^|,)[\t ]*upgrade[\t ]*(?:,|$)/i.test(headers.connection ?? '') &&
    headers['sec-websocket-version'] === '13' &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}

/**
 * Whether the page that opens a WebSocket is of this origin (RFC 6455 10.2): cookies come with it from any site. A
 * missing `Origin` is refused, and so are two, which Node joins.
 *
 * @param origin - the public one, as a browser writes it
 */
export function originAllowed(request: IncomingMessage, origin: string): boolean {
  return request.headers.origin === origin;
}

/** Headers as one value or, for `Set-Cookie`, several. */
export type RefusalHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * Answers a request for an upgrade in plain HTTP and closes the connection.
 *
 * @param socket - what Node's `upgrade` event gave; nothing has been written to it
 * @throws TypeError for a header that would be more than one line
 */
export function refuseUpgrade(socket: Duplex, status: number, headers: RefusalHeaders, body: string): void {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) lines.push(headerLine(name, value));
  }
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', '');
  // The client may be gone by now; there is nobody to tell.
  socket.on('error', () => {});
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), Buffer.from(body)]), () => socket.destroy());
}

/** One line of a header section, checked (RFC 9110 5.5). */
export function headerLine(name: string, value: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new TypeError(`invalid value for header ${JSON.stringify(name)}`);
  }
  return `${name}: ${value}`;
}
