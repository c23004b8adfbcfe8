import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import { startPayroll } from '../../src/demo/payroll.ts';
import { startDemoProvider } from '../../src/demo/provider.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { callbackUrl } from '../../src/http/own-routes.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';

const CLIENT_SECRET = 'only-of-this-stage';

/** The demo as it is shipped, in this process, on free ports: what a person meets in a browser. */
export interface DemoStage {
  /** The gateway, on 127.0.0.1: another site than the provider. */
  readonly origin: string;
  /** The identity provider, on localhost. */
  readonly issuer: string;
  readonly gateway: Gateway;
  readonly ledger: Ledger;
  /** Audit events so far. */
  events(name: string): readonly Record<string, unknown>[];
  /** Loads the shipped files once more, with the policies rewritten. */
  reload(rewrite: (policies: string) => string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the shipped gateway.yaml and policies.yaml. All of it takes its time from `Date`. */
export async function startDemoStage(): Promise<DemoStage> {
  const lines: Record<string, unknown>[] = [];
  const clock = { now: () => Math.floor(Date.now() / 1000) };
  const ledger = createMemoryLedger({ clock, random: (bytes) => randomBytes(bytes).toString('base64url') });
  // The port is in the configuration, so it is taken before the gateway exists; connections wait at the door.
  const door = createServer((socket) => gateway.fastify.server.emit('connection', socket));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const provider = await startDemoProvider({
    port: 0,
    clients: [
      {
        client_id: 'stepgate',
        client_secret: CLIENT_SECRET,
        redirect_uris: [callbackUrl(origin, 'corp')],
        post_logout_redirect_uris: [`${origin}/.stepgate/signed-out`],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
  });
  const payroll = await startPayroll({ port: 0, links: [{ text: 'Sign out', href: '/.stepgate/sign-out' }] });
  const load = shippedLoader(origin, provider.issuer, payroll.url);
  const loaded = load(shipped('policies.yaml'));
  assert.ok(loaded.ok, JSON.stringify(loaded.ok ? [] : loaded.problems, null, 2));
  const { world } = loaded;
  const gateway = createGateway({ world, ledger, clock, randomBytes, write: (line) => lines.push(JSON.parse(line)) });
  await gateway.fastify.ready();
  return {
    origin,
    issuer: provider.issuer,
    gateway,
    ledger,
    events: (name) => lines.filter((line) => line.event === name),
    async reload(rewrite) {
      // The tests in the file are about the policies as they are shipped.
      const [policies = ''] = shipped('policies.yaml').split(/^tests:$/m);
      assert.ok(await gateway.reload(load(rewrite(policies))));
    },
    async stop() {
      door.close();
      gateway.fastify.server.closeAllConnections();
      await gateway.close();
      await provider.close();
      await payroll.close();
    },
  };
}

const shipped = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

function shippedLoader(origin: string, issuer: string, upstream: string): (policies: string) => LoadResult {
  const gateway = shipped('gateway.yaml')
    .replace('http://localhost:8080', origin)
    .replace('http://localhost:8081', issuer)
    .replace('http://127.0.0.1:8082', upstream);
  const secrets: Record<string, string> = {
    STEPGATE_SECRET: randomBytes(32).toString('base64'),
    STEPGATE_DEMO_CLIENT_SECRET: CLIENT_SECRET,
  };
  return (policies) =>
    loadWorld({
      gateway: { file: 'gateway.yaml', text: gateway },
      policies: { file: 'policies.yaml', text: policies },
      env: (name) => secrets[name],
      readFile: () => assert.fail('the shipped files name no others'),
    });
}
