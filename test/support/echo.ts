import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the upstream received it. */
export interface Received {
  readonly method: string;
  /** The request target, byte for byte. */
  readonly target: string;
  /** Names as sent, values, in turn. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Echo {
  readonly origin: string;
  /** Everything that reached the upstream, oldest first; upgrades too. */
  readonly received: readonly Received[];
  /** What the next answers carry. */
  readonly answer: { status: number; headers: Record<string, string | string[]>; hang: boolean };
  stop(): Promise<void>;
}

/** An upstream that answers with what it received, as JSON. */
export async function startEcho(): Promise<Echo> {
  const received: Received[] = [];
  const answer: Echo['answer'] = { status: 200, headers: {}, hang: false };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = note(request, Buffer.concat(chunks).toString());
      if (answer.hang) return;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(seen));
    });
  });
  server.on('upgrade', (request, socket) => {
    note(request, '');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
  });
  const note = (request: IncomingMessage, body: string): Received => {
    const seen: Received = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      headers: request.headers,
      body,
    };
    received.push(seen);
    return seen;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
