import { METHODS } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { ambiguousFraming } from './framing.ts';

export type ProxyRefusal = 'ambiguous_request' | 'method_not_allowed';

export interface ProxyOptions {
  /**
   * Judges every request before anything of its body is read. When it does not allow, it answers (or hijacks) itself and
   * the handler is not reached. When it allows, it calls `done` without an error.
   */
  readonly gate: onRequestHookHandler;
  /** Forwards an allowed request. The reply is hijacked: the handler owns `reply.raw`. */
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => void;
  /**
   * Answers what never comes to the gate: a request that can be read in two ways, and TRACE, which would show a client
   * what we tell the application.
   */
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, code: ProxyRefusal) => void;
}

/** Every method that Node reads. CONNECT never becomes a request there. */
const PROXIED_METHODS = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Registers the one catch-all route of all applications: the gate, then the handler in the place of
 * @fastify/http-proxy's own engine. Bodies stay unparsed whatever their type says.
 */
export async function registerProxy(fastify: FastifyInstance, options: ProxyOptions): Promise<void> {
  await fastify.register(async (scope) => {
    for (const method of PROXIED_METHODS) {
      if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method, { hasBody: true });
    }
    scope.removeAllContentTypeParsers();
    scope.addHook('onRequest', (request, reply, done) => {
      if (ambiguousFraming(request.raw)) options.refuse(request, reply, 'ambiguous_request');
      else if (request.method === 'TRACE') options.refuse(request, reply, 'method_not_allowed');
      else done();
    });
    scope.addHook('onRequest', options.gate);
    scope.addHook('onRequest', hideFromFastify);
    await scope.register(httpProxy, {
      upstream: '',
      httpMethods: PROXIED_METHODS,
      // Upgrades never come here; and the destination is in the plan.
      websocket: false,
      internalRewriteLocationHeader: false,
      replyOptions: { getUpstream: () => '' },
      handler: (request, reply) => {
        // In this order, so that what it throws becomes an answer.
        options.handler(request, reply);
        reply.hijack();
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
