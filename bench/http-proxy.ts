/** @fastify/http-proxy with nothing on: what one would write first. */

import type { AddressInfo } from 'node:net';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import type { Start } from './contenders.ts';

export const start: Start = async (upstream) => {
  const app = fastify();
  await app.register(httpProxy, { upstream: upstream.origin });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port };
};
