/** The whole gateway with everything on: a session in its cookie, a thousand rules, identity headers, access log. */

import { randomBytes } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { loadWorld } from '../src/config/load.ts';
import { createGateway } from '../src/gateway.ts';
import { createMemoryLedger } from '../src/ledger/memory.ts';
import { createLineWriter } from '../src/observe/line-writer.ts';
import { REQUEST, type Start } from './contenders.ts';

const RULES = 1_000;
const clock = { now: () => Math.floor(Date.now() / 1000) };

export const start: Start = async (upstream) => {
  const world = benchWorld(upstream);
  const ledger = createMemoryLedger({ clock, random: (bytes) => randomBytes(bytes).toString('base64url') });
  const log = openSync('/dev/null', 'w');
  const lines = createLineWriter((text) => writeSync(log, text), setImmediate);
  const gateway = createGateway({ world, ledger, clock, randomBytes, write: lines.write });
  await gateway.listen({ host: '127.0.0.1', port: 0 });

  const now = clock.now();
  const host = world.hosts.get('payroll.example.com');
  if (host === undefined) throw new Error('the host of the benchmark is not in its world');
  const written = gateway.live.current.sessions.write(
    host,
    {
      birth: ledger.birth,
      family: randomBytes(16).toString('base64url'),
      generation: 2,
      provider: 'corp',
      issuer: 'http://127.0.0.1:1',
      subject: '248289761001',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      groups: ['staff', 'hr'],
      claims: new Map(),
      namedGroupsOnly: false,
      sought: '',
      providerSession: null,
      loginHint: null,
      proofs: [
        { at: now - 600, freshAt: now - 600, acr: 'pwd', amr: ['pwd'], facts: [] },
        { at: now - 60, freshAt: now - 60, acr: 'mfa', amr: ['pwd', 'otp'], facts: [] },
      ],
      createdAt: now - 600,
      expiresAt: now + 40_000,
    },
    { cookies: new Map(), namesGroup: () => true },
    now,
  );
  if (!written.ok) throw new Error('the session of the benchmark is too large');
  const kept = written.cookies.filter((cookie) => !cookie.includes('; Max-Age=0'));
  const pairs = kept.map((cookie) => cookie.split(';')[0]).join('; ');
  return {
    port: (gateway.fastify.server.address() as AddressInfo).port,
    request: REQUEST.replace('Cookie: ', `Cookie: ${pairs}; `),
  };
};

function benchWorld(upstream: URL) {
  const rules = Array.from({ length: RULES }, (_, n) => `      - {id: r${n}, path: /area${n}/**, require: mfa}`).join(
    '\n',
  );
  const policies = `version: 1
levels: [{name: password, validity: 8h}, {name: mfa, validity: 1h}]
default: {require: password}
apps:
  payroll:
    rules:
${rules}
      - {id: reports, path: /reports/**, require: mfa}
`;
  const gateway = `version: 1
listen: {host: 127.0.0.1, port: 0}
secrets: ["\${env:SECRET}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: http://127.0.0.1:1
    client_id: bench
    client_secret: "\${env:CLIENT_SECRET}"
    levels: {password: {acr: pwd}, mfa: {acr: mfa}}
apps:
  payroll:
    origins: ["https://payroll.example.com"]
    upstream: ${upstream.origin}
    provider: corp
    groups: ["*"]
`;
  const secrets: Record<string, string> = { SECRET: randomBytes(32).toString('base64'), CLIENT_SECRET: 'bench' };
  const loaded = loadWorld({
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => secrets[name],
    readFile: () => '',
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.world;
}
