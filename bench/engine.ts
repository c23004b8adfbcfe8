/** Our engine in the same place, behind a gate that allows everything: what forwarding costs before any duty. */

import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { createForwarder } from '../src/proxy/forward.ts';
import { registerProxy } from '../src/proxy/plugin.ts';
import { createUpstreams } from '../src/proxy/upstreams.ts';
import type { Start } from './contenders.ts';

export const start: Start = async (upstream) => {
  const own = { withoutOwnCookies: (header: string) => header, setsOwnCookie: () => false };
  const forwarder = createForwarder(createUpstreams(), own);
  const app = fastify();
  await registerProxy(app, {
    gate: (request, reply, done) => {
      paths.set(request.raw, request.url);
      if (reply.sent) return;
      done();
    },
    handler: ({ raw }, reply) =>
      forwarder.forward(raw, reply.raw, {
        upstream,
        timeouts: { connect: 5, headers: 60, idle: 60 },
        path: paths.get(raw) ?? '/',
        identity: IDENTITY,
        clientIp: raw.socket.remoteAddress ?? '',
        trustedPeer: false,
        host: raw.headers.host ?? '',
        scheme: 'https',
        ownSetCookies: [],
        protectedResponse: true,
        expectContinue: false,
        onError: (code) => reply.raw.writeHead(502).end(code),
      }),
    refuse: (_request, reply, code) => reply.code(400).send(code),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port };
};

const paths = new WeakMap<object, string>();
const IDENTITY = [
  ['X-Auth-Subject', '248289761001'],
  ['X-Auth-Email', 'ada@example.com'],
  ['X-Auth-Name', 'Ada Lovelace'],
  ['X-Auth-Level', 'mfa'],
  ['X-Auth-Time', '1763856000'],
] as const;
