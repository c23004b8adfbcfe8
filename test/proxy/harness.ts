import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { createForwarder, type Forwarder } from '../../src/proxy/forward.ts';
import type { ForwardPlan, OwnCookies, UpstreamFailure } from '../../src/proxy/plan.ts';
import { registerProxy } from '../../src/proxy/plugin.ts';
import { createUpstreams, type UpstreamOptions, type Upstreams } from '../../src/proxy/upstreams.ts';
import { setsOwnCookie, withoutOwnCookies } from '../../src/sessions/cookies.ts';

/** Our cookies, for these tests: everything called stepgate. */
export const OWN: OwnCookies = {
  setsOwnCookie: (setCookie) => setsOwnCookie(setCookie, 'stepgate'),
  withoutOwnCookies: (header) => withoutOwnCookies(header, 'stepgate'),
};

type Closing = () => Promise<unknown> | unknown;

/** What a test has opened, closed in reverse order. */
export interface Scope {
  readonly defer: (closing: Closing) => void;
  readonly end: () => Promise<void>;
}

export function newScope(): Scope {
  const closings: Closing[] = [];
  return {
    defer: (closing) => closings.push(closing),
    end: async () => {
      for (const closing of closings.reverse()) await closing();
    },
  };
}

/** Runs a test with a scope that is closed whatever happens. */
export const scoped =
  (test: (scope: Scope) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const scope = newScope();
    try {
      await test(scope);
    } finally {
      await scope.end();
    }
  };

export const portOf = (server: TcpServer | Server): number => (server.address() as AddressInfo).port;

async function listening(server: TcpServer | Server, scope: Scope): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${portOf(server)}`);
}

/** An application on Node's HTTP server. */
export const startApp = (scope: Scope, listener: RequestListener): Promise<URL> =>
  listening(createServer(listener), scope);

/** An application that is only a socket. */
export const startRaw = (scope: Scope, listener: (socket: Socket) => void): Promise<URL> =>
  listening(createTcpServer({ allowHalfOpen: true }, listener), scope);

/** A server that answers each request head it sees with the same bytes. */
export const startScripted = (scope: Scope, answer: string, seen: string[] = []): Promise<URL> =>
  startRaw(scope, (socket) => {
    socket.on('data', (chunk) => {
      seen.push(chunk.toString('latin1'));
      socket.write(answer, 'latin1');
    });
  });

export interface Failure {
  readonly code: UpstreamFailure;
  readonly error: Error;
}

export interface Gateway {
  readonly port: number;
  readonly app: FastifyInstance;
  readonly upstream: URL;
  readonly upstreams: Upstreams;
  readonly forwarder: Forwarder;
  readonly failures: Failure[];
  readonly finished: { status: number; bytes: number; complete: boolean }[];
  readonly planFor: (request: IncomingMessage, response: ServerResponse) => ForwardPlan;
}

/** A plan that allows everything to one upstream. */
export function planOf(upstream: URL, over: Partial<ForwardPlan> = {}): ForwardPlan {
  return {
    upstream,
    timeouts: { connect: 2, headers: 5, idle: 5 },
    path: '/',
    identity: [['X-Auth-Subject', 'ada']],
    clientIp: '127.0.0.1',
    trustedPeer: false,
    host: 'payroll.example.com',
    scheme: 'https',
    ownSetCookies: [],
    protectedResponse: false,
    expectContinue: false,
    onError: () => {},
    ...over,
  };
}

/** The engine behind Fastify and a gate that allows everything. */
export async function startGateway(
  scope: Scope,
  upstream: URL,
  over: Partial<ForwardPlan> = {},
  options: UpstreamOptions & { readonly deny?: (path: string) => boolean } = {},
): Promise<Gateway> {
  const upstreams = createUpstreams(options);
  const forwarder = createForwarder(upstreams, OWN);
  const failures: Failure[] = [];
  const finished: Gateway['finished'] = [];
  const paths = new WeakMap<IncomingMessage, string>();
  const planFor = (request: IncomingMessage, response: ServerResponse): ForwardPlan =>
    planOf(upstream, {
      path: paths.get(request) ?? request.url ?? '/',
      host: request.headers.host ?? 'payroll.example.com',
      onError: (code, error) => {
        failures.push({ code, error });
        if (!response.destroyed) response.writeHead(502, { 'content-type': 'text/plain' }).end(code);
      },
      onFinished: (status, bytes, complete) => finished.push({ status, bytes, complete }),
      ...over,
    });
  const app = fastify();
  await registerProxy(app, {
    gate: (request, reply, done) => {
      if (options.deny?.(request.url) === true) {
        reply.code(403).send('denied');
        return;
      }
      paths.set(request.raw, request.url);
      done();
    },
    handler: (request, reply) => forwarder.forward(request.raw, reply.raw, planFor(request.raw, reply.raw)),
    refuse: (_request, reply, code) => reply.code(code === 'ambiguous_request' ? 400 : 405).send(code),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    forwarder.forward(request, response, { ...planFor(request, response), expectContinue: true });
  });
  scope.defer(async () => {
    app.server.closeAllConnections();
    await upstreams.destroy();
    await app.close();
  });
  return { port: portOf(app.server), app, upstream, upstreams, forwarder, failures, finished, planFor };
}

/** A client that is only a socket. */
export async function dial(scope: Scope, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  scope.defer(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything a connection gives until it ends or breaks. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

/** Waits until a connection has given `text`. */
export async function readUntil(socket: Socket, text: string): Promise<string> {
  let all = '';
  while (!all.includes(text)) {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) all += chunk.toString('latin1');
    else if (socket.readableEnded || socket.destroyed) throw new Error(`ended after ${JSON.stringify(all)}`);
    else await Promise.race([once(socket, 'readable'), once(socket, 'close'), once(socket, 'end')]);
  }
  return all;
}

/** One request on a connection of its own; the whole answer as text. */
export async function ask(scope: Scope, port: number, text: string): Promise<string> {
  const socket = await dial(scope, port);
  socket.write(text, 'latin1');
  return readAll(socket);
}

/** A GET that asks for the connection to be closed. */
export const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: payroll.example.com\r\nConnection: close\r\n${headers}\r\n`;

/** Waits for a condition that some event will make true, looking once each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A body, read whole. */
export async function bodyOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
