import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type DemoProtocol, gatewayFileOf, makeDemoSecrets } from '../../src/cli/demo-files.ts';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { ProviderConfig, World } from '../../src/config/world.ts';
import { startPayroll } from '../../src/demo/payroll.ts';
import { startProviderFor } from '../../src/demo/provider-for.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';

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

/**
 * Starts the shipped policies.yaml, and gateway.yaml or gateway-saml.yaml. All of it takes its time from `Date`.
 *
 * @param protocol - what gateway and provider speak; the policies are the same
 */
export async function startDemoStage(protocol: DemoProtocol = 'oidc'): Promise<DemoStage> {
  const lines: Record<string, unknown>[] = [];
  const clock = { now: () => Math.floor(Date.now() / 1000) };
  const ledger = createMemoryLedger({ clock, random: (bytes) => randomBytes(bytes).toString('base64url') });
  // The port is in the configuration, so it is taken before the gateway exists; connections wait at the door.
  const door = createServer((socket) => gateway.fastify.server.emit('connection', socket));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const load = await shippedLoader(protocol, origin);
  const provider = await startProviderFor(corpOf(load(shipped('policies.yaml'), {})), origin, { port: 0 });
  const payroll = await startPayroll({ port: 0, links: [{ text: 'Sign out', href: '/.stepgate/sign-out' }] });
  const places = { issuer: provider.issuer, upstream: payroll.url };
  const world = worldOf(load(shipped('policies.yaml'), places));
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
      assert.ok(await gateway.reload(load(rewrite(policies), places)));
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

function worldOf(loaded: LoadResult): World {
  assert.ok(loaded.ok, JSON.stringify(loaded.ok ? [] : loaded.problems, null, 2));
  return loaded.world;
}

function corpOf(loaded: LoadResult): ProviderConfig {
  const corp = worldOf(loaded).providers.get('corp');
  assert.ok(corp !== undefined);
  return corp;
}

/** Where those are that the files name; as they are shipped unless given. */
interface Places {
  readonly issuer?: string;
  readonly upstream?: string;
}

async function shippedLoader(protocol: DemoProtocol, origin: string) {
  const secrets = await makeDemoSecrets(protocol, Date.now());
  return (policies: string, { issuer, upstream }: Places): LoadResult => {
    const gateway = shipped(gatewayFileOf(protocol))
      .replace('http://localhost:8080', origin)
      .replace('http://localhost:8081', issuer ?? '$&')
      .replace('http://127.0.0.1:8082', upstream ?? '$&');
    return loadWorld({
      gateway: { file: gatewayFileOf(protocol), text: gateway },
      policies: { file: 'policies.yaml', text: policies },
      env: (name) => secrets[name],
      readFile: () => assert.fail('the shipped files name no others'),
    });
  };
}
