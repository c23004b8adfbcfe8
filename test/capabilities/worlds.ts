import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadWorld } from '../../src/config/load.ts';
import type { Problem } from '../../src/config/problems.ts';
import type { World } from '../../src/config/world.ts';
import { judgeLine } from '../docs/decisions.ts';

/** The ladder of most tables: `pwd` below `mfa` below `hw`. */
export const LEVELS = `levels:
  - {name: pwd, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: hw, validity: 15m}
`;

const KEY = 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=';

/** gateway.yaml for these apps, whose provider proves these levels, each by an acr of its name. */
const gatewayFor = (apps: readonly string[], levels: readonly string[]): string => `version: 1
secrets: ["\${env:KEY}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels: {${levels.map((level) => `${level}: {acr: ${level}}`).join(', ')}}
apps:
${apps.map((app) => `  ${app}: {origins: ["https://${app}.example.com"], upstream: "http://127.0.0.1:9000", provider: corp}`).join('\n')}
`;

const named = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** Loads what follows `version: 1` of a policies.yaml. Its tests are there to be looked at, so `one_time` may be said. */
function load(policies: string, provable?: readonly string[]) {
  const body = policies.includes('levels:') ? policies : `${LEVELS}${policies}`;
  const apps = named(body.slice(body.indexOf('\napps:')), /^ {2}([a-z]+):/gm);
  const levels = provable ?? named(body, /^ {2}- \{name: (\w+), validity/gm);
  return loadWorld({
    gateway: { file: 'gateway.yaml', text: gatewayFor(apps, levels) },
    policies: { file: 'policies.yaml', text: `version: 1\n${body}` },
    env: (name) => (name === 'KEY' ? KEY : 'a client secret'),
    readFile: () => assert.fail('no files here'),
    purpose: 'inspect',
  });
}

export function worldFor(policies: string): World {
  const loaded = load(policies);
  assert.ok(loaded.ok, JSON.stringify(loaded.ok ? null : loaded.problems, null, 2));
  return loaded.world;
}

/** What is wrong with policies, at a provider that proves all levels, or these. */
export function problemsOf(policies: string, provable?: readonly string[]): readonly Problem[] {
  const loaded = load(policies, provable);
  return loaded.ok ? [] : loaded.problems;
}

/**
 * Tests what requests come to under some policies, a line each: `METHOD [app] /target  who  outcome`.
 *
 * @param says - the capability's id, and what it says
 */
export function decides(says: string, policies: string, lines: string): void {
  for (const line of lines.trim().split('\n')) {
    it(`${says}: ${line.trim().replace(/\s+/g, ' ')}`, () => {
      const { said, is } = judgeLine(worldFor(policies), line.trim());
      assert.equal(is, said);
    });
  }
}
