import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { ask, get, portOf, type Scope, scoped, startGateway } from './harness.ts';

const pem = (name: string): string => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');
const CA = pem('ca');

async function startTlsApp(scope: Scope, certificate: string, seen: string[] = []): Promise<number> {
  const server = createServer({
    cert: pem(certificate),
    key: pem(`${certificate}-key`),
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  server.on('request', (request, response) => {
    const socket = request.socket as TLSSocket;
    seen.push(`${request.headers.host} ${socket.alpnProtocol} ${request.httpVersion}`);
    response.end('over TLS');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

describe('TLS to an application', () => {
  for (const host of ['localhost', '127.0.0.1']) {
    it(
      `is verified against the upstream's own name, ${host}, while Host stays the public one`,
      scoped(async (scope) => {
        const seen: string[] = [];
        const port = await startTlsApp(scope, 'localhost', seen);
        const gateway = await startGateway(scope, new URL(`https://${host}:${port}`), {}, { ca: CA });
        assert.match(await ask(scope, gateway.port, get('/')), /^HTTP\/1\.1 200 [\s\S]*over TLS/);
        assert.deepEqual(seen, ['payroll.example.com http/1.1 1.1']);
      }),
    );

    it(
      `is refused when the certificate is for the public name and not for ${host}`,
      scoped(async (scope) => {
        const seen: string[] = [];
        const port = await startTlsApp(scope, 'elsewhere', seen);
        const gateway = await startGateway(scope, new URL(`https://${host}:${port}`), {}, { ca: CA });
        assert.match(await ask(scope, gateway.port, get('/')), /upstream_refused/);
        assert.deepEqual(seen, []);
      }),
    );
  }

  it(
    'is set up once for all public hosts of an application',
    scoped(async (scope) => {
      const seen: string[] = [];
      const port = await startTlsApp(scope, 'localhost', seen);
      const gateway = await startGateway(scope, new URL(`https://localhost:${port}`), {}, { ca: CA });
      let connections = 0;
      gateway.upstreams.upstreamOf(gateway.upstream, 2).pool.on('connect', () => {
        connections += 1;
      });
      await ask(scope, gateway.port, get('/'));
      await ask(scope, gateway.port, get('/').replace('payroll', 'hr'));
      assert.deepEqual(seen, ['payroll.example.com http/1.1 1.1', 'hr.example.com http/1.1 1.1']);
      assert.equal(connections, 1);
    }),
  );

  it(
    'is refused when nobody we trust has signed',
    scoped(async (scope) => {
      const seen: string[] = [];
      const port = await startTlsApp(scope, 'localhost', seen);
      const gateway = await startGateway(scope, new URL(`https://localhost:${port}`));
      assert.match(await ask(scope, gateway.port, get('/')), /upstream_refused/);
      assert.deepEqual(seen, []);
    }),
  );
});
