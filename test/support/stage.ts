import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { World } from '../../src/config/world.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import type { Ledger } from '../../src/ports.ts';
import { type Echo, startEcho } from './echo.ts';
import { type FakeOp, type FakeOpOptions, startFakeOp } from './fake-op.ts';
import { createVisitor, type Reply, type Visitor } from './visitor.ts';

/** What the tests' gateway is asked to protect, unless they say otherwise. */
export const POLICIES = `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h}
default: {require: password}
apps:
  payroll:
    rules:
      - {id: front, path: /, public: true}
      - {id: assets, path: /static/**, public: true}
      - {id: open-form, path: /open, methods: [GET, POST], public: true}
      - {id: admin, path: /admin/**, require: mfa}
      - {id: fresh, path: /fresh/**, require: mfa, max_age: 2m}
      - {id: closed, path: /legacy/**, deny: true, note: switched off}
`;

export interface StageOptions {
  readonly policies?: string;
  /** Changes the text of gateway.yaml. */
  readonly gateway?: (text: string) => string;
  readonly op?: FakeOpOptions;
  /** Text of the files that gateway.yaml names, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly ledger?: Ledger;
  /** Host name that the gateway is public under: `127.0.0.1` unless given. */
  readonly hostname?: 'localhost' | '127.0.0.1';
  /** Milliseconds that running requests get when the gateway stops. */
  readonly stopLimitMs?: number;
  /** Text of the providers block's entry for `corp`, added to it. */
  readonly provider?: string;
}

/** What of the configuration is written anew; the rest stays as it was at the start. */
export type Rewritten = Pick<StageOptions, 'policies' | 'gateway' | 'provider'>;

/** A whole gateway on a loopback port, with a scriptable provider before it and an echoing upstream behind it. */
export interface Stage {
  readonly origin: string;
  readonly port: number;
  readonly op: FakeOp;
  readonly upstream: Echo;
  readonly gateway: Gateway;
  readonly ledger: Ledger;
  readonly world: World;
  /** Environment variables that the configuration reads: `SECRET`, `CLIENT_SECRET`, and what a test adds. */
  readonly env: Record<string, string>;
  /** Loads the configuration once more, with what is rewritten, and hands it in. Whether it was taken. */
  reload(rewritten?: Rewritten): Promise<boolean>;
  /** Every line that was logged, parsed. */
  readonly lines: readonly Record<string, unknown>[];
  /** The audit events among them, newest last. */
  events(name?: string): readonly Record<string, unknown>[];
  visitor(): Visitor;
  /** From the redirect to the provider to the page behind it: the callback's answer. */
  passProvider(visitor: Visitor, redirect: Reply): Promise<Reply>;
  /** Opens a page and signs in as the provider's script says. */
  signIn(visitor: Visitor, target?: string): Promise<Reply>;
  stop(): Promise<void>;
}

/** Starts a stage. Its time is `Date`, so that a test which moves `Date` moves all of it. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const op = await startFakeOp(options.op);
  const upstream = await startEcho();
  const lines: Record<string, unknown>[] = [];
  const clock = { now: () => Math.floor(Date.now() / 1000) };
  const ledger =
    options.ledger ?? createMemoryLedger({ clock, random: (bytes) => randomBytes(bytes).toString('base64url') });
  // The port must be in the configuration before the gateway exists: connections are handed to it once it does.
  const door = createServer((socket) => gateway.fastify.server.emit('connection', socket));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as AddressInfo;
  const origin = `http://${options.hostname ?? '127.0.0.1'}:${port}`;
  const env: Record<string, string> = { SECRET: randomBytes(32).toString('base64'), CLIENT_SECRET: op.clientSecret };
  const load = (rewritten: Rewritten): LoadResult =>
    loadStageWorld({ ...options, ...rewritten }, origin, op, upstream, env);
  const world = worldOf(load({}));
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const limit = options.stopLimitMs === undefined ? {} : { stopLimitMs: options.stopLimitMs };
  const gateway = createGateway({ world, ledger, clock, randomBytes, write, ...limit });
  await gateway.fastify.ready();

  const events = (name?: string) =>
    lines.filter((line) => 'event' in line && (name === undefined || line.event === name));
  const passProvider = async (visitor: Visitor, redirect: Reply): Promise<Reply> => {
    assert.equal(redirect.status, 303, redirect.text);
    const back = await op.visit(redirect.location ?? '');
    return visitor.open(`${back.pathname}${back.search}`);
  };
  return {
    origin,
    port,
    op,
    upstream,
    gateway,
    ledger,
    world,
    env,
    reload: (rewritten = {}) => gateway.reload(load(rewritten)),
    lines,
    events,
    visitor: () => createVisitor(origin),
    passProvider,
    signIn: async (visitor, target = '/home') => passProvider(visitor, await visitor.open(target)),
    async stop() {
      door.close();
      gateway.fastify.server.closeAllConnections();
      await gateway.close();
      await Promise.all([op.stop(), upstream.stop()]);
    },
  };
}

function worldOf(loaded: LoadResult): World {
  assert.ok(loaded.ok, JSON.stringify(loaded.ok ? [] : loaded.problems, null, 2));
  return loaded.world;
}

function loadStageWorld(
  options: StageOptions,
  origin: string,
  op: FakeOp,
  upstream: Echo,
  env: Readonly<Record<string, string>>,
): LoadResult {
  const text = `version: 1
listen: {host: 127.0.0.1, port: 8080}
secrets: ["\${env:SECRET}"]
ledger: memory
attempts: {starts: 1000, failures: 1000}   # the tests are more impatient than people are
providers:
  corp:
    type: oidc
    issuer: ${op.issuer}
    client_id: ${op.clientId}
    client_secret: "\${env:CLIENT_SECRET}"
    levels:
      password: {acr: pwd}
      mfa: {acr: mfa}
${options.provider ?? ''}
apps:
  payroll:
    origins: ["${origin}"]
    upstream: ${upstream.origin}
    provider: corp
    groups: ["*"]
    timeouts: {connect: 2s, headers: 2s, idle: 5s}
`;
  return loadWorld({
    gateway: { file: 'gateway.yaml', text: (options.gateway ?? ((same) => same))(text) },
    policies: { file: 'policies.yaml', text: options.policies ?? POLICIES },
    env: (name) => env[name],
    readFile: (path) => {
      const file = options.files?.[path];
      if (file === undefined) throw new Error('no such file here');
      return file;
    },
  });
}
