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
  /** Answers what hung, and no longer hangs. */
  release(): void;
  stop(): Promise<void>;
}

/** An upstream that answers with what it received, as JSON. */
export async function startEcho(): Promise<Echo> {
  const received: Received[] = [];
  const hung: (() => void)[] = [];
  const answer: Echo['answer'] = { status: 200, headers: {}, hang: false };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = note(request, Buffer.concat(chunks).toString());
      const respond = (): void => {
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(JSON.stringify(seen));
      };
      if (answer.hang) hung.push(respond);
      else respond();
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
    release() {
      answer.hang = false;
      for (const respond of hung.splice(0)) respond();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
