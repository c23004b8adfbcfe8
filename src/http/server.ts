import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { ErrorCode } from '../errors.ts';
import { frameworkLog } from '../observe/framework-log.ts';
import type { Forwarder } from '../proxy/forward.ts';
import { isWebSocketUpgrade } from '../proxy/upgrade.ts';
import type { AccessRecorder } from './access.ts';
import { recordAmbiguous } from './answer.ts';
import { type Context, send } from './context.ts';
import { proxiedRoutes } from './proxied.ts';
import { refusalAnswer } from './refusals.ts';
import { ownRoutes, passageOf } from './routes.ts';

/** Bytes of all headers of a request. What is larger never reaches the gate: a plain 431, which changes no cookie. */
const MAX_HEADER_BYTES = 32 * 1024;
/** Milliseconds that an idle keep-alive connection stays open: longer than the usual balancer in front keeps it. */
const KEEP_ALIVE_MS = 75_000;

export interface ServerOptions {
  readonly context: Context;
  readonly forwarder: Forwarder;
  readonly access: AccessRecorder;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, requestId: string) => void;
}

/** The HTTP server: our own routes, and everything else through the gate. The route table never changes. */
export function createServer({ context, forwarder, access, onUpgrade }: ServerOptions): FastifyInstance {
  const nextId = requestIds(context.random(6));
  const fastify = Fastify({
    serverFactory: (handler) =>
      httpServer(handler, (request, socket, head) => onUpgrade(request, socket, head, nextId())),
    loggerInstance: frameworkLog(context.log),
    exposeHeadRoutes: false,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: nextId,
    rewriteUrl: originForm,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => answerBroken(error.code, socket),
    frameworkErrors: (_error, request, reply) => {
      // The router read the target before we did, and could not.
      recordAmbiguous(passageOf(context, request), 'bad_encoding');
      return refuse(context, 'ambiguous_request', request, reply);
    },
  });
  fastify.decorateRequest('gate', null);
  fastify.setErrorHandler((error: FastifyError, request, reply) => {
    const code = codeOf(error);
    if (code === 'internal')
      context.log.error('request_failed', { request_id: request.id, error: error.code ?? error.name });
    return refuse(context, code, request, reply);
  });
  fastify.setNotFoundHandler((request, reply) => refuse(context, 'not_found', request, reply));
  fastify.addHook('onResponse', (request, reply, done) => {
    access.answered(request, reply);
    done();
  });
  fastify.register(async (scope) => ownRoutes(scope, context));
  fastify.register(async (scope) => proxiedRoutes(scope, context, forwarder, access));
  return fastify;
}

function httpServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Server {
  const server = createHttpServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Bodies may take as long as their app allows; headers may not.
      requestTimeout: 0,
      headersTimeout: 60_000,
      // h2c, POST and malformed upgrades stay ordinary requests, and are judged as such.
      shouldUpgradeCallback: isWebSocketUpgrade,
    },
    handler,
  );
  // Node would answer "100 Continue" before anybody has decided whether the body is wanted.
  server.on('checkContinue', handler);
  server.on('upgrade', onUpgrade);
  return server;
}

/** Ids of one process: unpredictable enough not to collide with another's, cheap enough for every request. */
function requestIds(prefix: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

/**
 * Absolute-form targets of this very host are read as origin-form (RFC 9112 3.2.2); those of another are left as they
 * are, which the gate refuses.
 */
function originForm(request: {
  readonly url?: string | undefined;
  readonly headers: IncomingMessage['headers'];
}): string {
  const target = request.url ?? '';
  const parts = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(target);
  if (parts === null || parts[1]?.toLowerCase() !== request.headers.host?.toLowerCase()) return target;
  const rest = parts[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function refuse(context: Context, code: ErrorCode, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { arrival, requestId } = passageOf(context, request);
  return send(reply, refusalAnswer(code, arrival, { requestId }));
}

/** Which row of the error table an error of the framework is. */
function codeOf(error: FastifyError): ErrorCode {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'body_too_large';
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return 'ambiguous_request';
  return 'internal';
}

/**
 * Bytes that are not an HTTP request: answered and closed, since nobody knows where the next request would start. Where an
 * answer is under way nothing is written into it: it goes out if it is whole, and is cut off if it is not.
 */
function answerBroken(code: string | undefined, socket: AnsweringSocket): void {
  const answer = socket._httpMessage;
  if (!socket.writable || (answer?.headersSent === true && !answer.writableEnded)) {
    socket.destroy();
    return;
  }
  const status = BROKEN.get(code ?? '') ?? '400 Bad Request';
  const whole =
    answer?.writableEnded === true ? '' : `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(whole, () => socket.destroy());
}

/** Node keeps the answer that is under way on a socket here, and asks the same when nobody handles these errors. */
type AnsweringSocket = Duplex & { readonly _httpMessage?: ServerResponse | null };

/** Node's codes for requests that are not merely malformed. */
const BROKEN: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
]);
