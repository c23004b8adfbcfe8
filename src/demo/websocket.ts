import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of one connection. */
export interface Line {
  send(text: string): void;
}

/** What happens on a connection: called once when it opens; what it returns is called for every message. */
export type OnLine = (line: Line, request: IncomingMessage) => (text: string) => void;

/** RFC 6455 section 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** A longer message closes the line. Below it, a length fits into 16 bits. */
const MAX_MESSAGE_BYTES = 4096;
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/**
 * Answers an upgrade request with a WebSocket (RFC 6455) for short text messages: no extensions, no fragments.
 *
 * @param head - the first bytes after the request, as `http.Server` hands them over
 */
export function serveWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, onLine: OnLine): void {
  const key = request.headers['sec-websocket-key'];
  if (request.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
    return void socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
  if (request.headers['sec-websocket-version'] !== '13') {
    const lines = [
      'HTTP/1.1 426 Upgrade Required',
      'Sec-WebSocket-Version: 13',
      'Connection: close',
      'Content-Length: 0',
    ];
    return void socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  }
  const accept = createHash('sha1')
    .update(key + HANDSHAKE_GUID)
    .digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const onText = onLine({ send: (text) => void socket.write(frame(OPCODE.text, Buffer.from(text))) }, request);
  readFrames(socket, head, onText);
}

function readFrames(socket: Duplex, head: Buffer, onText: (text: string) => void): void {
  let pending = Buffer.alloc(0);
  let open = true;
  const take = (opcode: number, payload: Buffer): void => {
    if (opcode === OPCODE.text) onText(payload.toString('utf8'));
    else if (opcode === OPCODE.ping) socket.write(frame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) close(1000);
  };
  const onData = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    for (let next = parseFrame(pending); next !== null && open; next = parseFrame(pending)) {
      if (next.ok) {
        pending = pending.subarray(next.length);
        take(next.opcode, next.payload);
      } else close(next.status);
    }
  };
  const close = (status: number): void => {
    open = false;
    socket.off('data', onData);
    // What still comes is read and dropped, or the end would never be seen.
    socket.resume();
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(status);
    socket.end(frame(OPCODE.close, payload));
  };
  // A peer that goes away without a word is nothing to report.
  socket.on('error', () => socket.destroy());
  socket.on('data', onData);
  if (head.length > 0) onData(head);
}

type Parsed =
  | { readonly ok: true; readonly opcode: number; readonly payload: Buffer; readonly length: number }
  | { readonly ok: false; readonly status: number };

/** The first frame in `bytes`; null while it is not whole (RFC 6455 section 5.2). */
function parseFrame(bytes: Buffer): Parsed | null {
  if (bytes.length < 2) return null;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const opcode = first & 0x0f;
  const known = Object.values<number>(OPCODE).includes(opcode);
  // Whole, of a kind we know, no extension's bits; masked, as every client must.
  if ((first & 0xf0) !== 0x80 || !known) return { ok: false, status: 1003 };
  if ((second & 0x80) === 0) return { ok: false, status: 1002 };
  const short = second & 0x7f;
  if (short === 127) return { ok: false, status: 1009 };
  const start = short === 126 ? 4 : 2;
  if (bytes.length < start + 4) return null;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  if (size > MAX_MESSAGE_BYTES) return { ok: false, status: 1009 };
  const length = start + 4 + size;
  if (bytes.length < length) return null;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, length));
  for (let index = 0; index < size; index++) payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return { ok: true, opcode, payload, length };
}

function frame(opcode: number, payload: Buffer): Buffer {
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 2 : 4);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(short ? payload.length : 126, 1);
  if (!short) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
