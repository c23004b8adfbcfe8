import { METHODS } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';

export interface ProxyOptions {
  /**
   * Judges every request before anything of its body is read. When it does not allow, it answers (or hijacks) itself and
   * the handler is not reached. When it allows, it calls `done` without an error.
   */
  readonly gate: onRequestHookHandler;
  /** Forwards an allowed request. The reply is hijacked: the handler owns `reply.raw`. */
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => void;
  /** Answers what HTTP knows but no application here is asked: TRACE, which would show our own headers to the client. */
  readonly methodNotAllowed: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** Every method of HTTP that Node reads, but those that are about the proxy itself. */
const PROXIED_METHODS = METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE');

/**
 * Registers the one catch-all route of all applications: the gate, then the handler in the place of
 * @fastify/http-proxy's own engine. Bodies stay unparsed whatever their type says.
 */
export async function registerProxy(fastify: FastifyInstance, options: ProxyOptions): Promise<void> {
  await fastify.register(async (scope) => {
    for (const method of [...PROXIED_METHODS, 'TRACE']) {
      if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method, { hasBody: true });
    }
    scope.removeAllContentTypeParsers();
    scope.addHook('onRequest', options.gate);
    scope.addHook('onRequest', hideFromFastify);
    scope.route({ method: 'TRACE', url: '/*', handler: options.methodNotAllowed });
    await scope.register(httpProxy, {
      upstream: '',
      httpMethods: PROXIED_METHODS,
      // Upgrades never come here; and the destination is in the plan.
      websocket: false,
      internalRewriteLocationHeader: false,
      replyOptions: { getUpstream: () => '' },
      handler: (request, reply) => {
        reply.hijack();
        options.handler(request, reply);
      },
    });
  });
}

/**
 * Runs after the gate has allowed. From here on Fastify and http-proxy would read the target and the body once more, in
 * their own way: a malformed Content-Type would be 415, an odd path 400. What is forwarded is in the plan and in
 * `rawHeaders`, which stay as they are.
 */
const hideFromFastify: onRequestHookHandler = (request, _reply, done) => {
  const { raw } = request;
  raw.url = '/';
  const { headers } = raw;
  delete headers['content-length'];
  delete headers['transfer-encoding'];
  // Fastify insists on a type with QUERY (RFC 10008 2); the application may judge that itself.
  if (raw.method === 'QUERY') headers['content-type'] = 'application/octet-stream';
  else delete headers['content-type'];
  done();
};
