import { parse, stringify } from 'yaml';
import type { Example } from '../../../src/config/lints/lint.ts';
import { type LoadResult, loadWorld } from '../../../src/config/load.ts';
import { KEY } from '../fixture.ts';

/** The rest of both files, for parts of them that show something. */
const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 15m}
default: {require: password}
apps:
  wiki: {}
`;

const GATEWAY = `version: 1
secrets: ["\${env:KEY}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels: {password: {acr: "1"}, mfa: {acr: "2"}, passkey: {acr: "3"}}
    claims: {groups: groups}
  partner:
    type: oidc
    issuer: https://partner.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels: {password: {acr: "1"}}
apps: {}
`;

type Entry = Record<string, unknown>;

const isMap = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps are laid over each other; anything else is replaced. */
function over(base: unknown, part: unknown): unknown {
  if (!isMap(base) || !isMap(part)) return part === undefined ? base : part;
  const keys = new Set([...Object.keys(base), ...Object.keys(part)]);
  return Object.fromEntries([...keys].map((key) => [key, over(base[key], part[key])]));
}

/**
 * Both files, whole, for parts of them. Every app is served on a host of its own, by the provider `corp`, and has a test,
 * unless the parts say otherwise.
 */
export function wholeFiles(part: Example, tested: boolean): { readonly gateway: string; readonly policies: string } {
  const written = parse(part.policies ?? '{}') as Entry;
  const policies = over(parse(POLICIES), written) as Entry;
  if (isMap(written.apps)) policies.apps = written.apps;
  const names = Object.keys(policies.apps as Entry);
  const served = names.map((name) => [
    name,
    { origins: [`https://${name}.example.com`], upstream: 'http://127.0.0.1:9000', provider: 'corp' },
  ]);
  const base = { ...(parse(GATEWAY) as Entry), apps: Object.fromEntries(served) };
  const gateway = over(base, parse(part.gateway ?? '{}')) as Entry;
  if (tested) {
    const mountOf = (app: string): string => (gateway.apps as Record<string, { path?: string }>)[app]?.path ?? '';
    policies.given ??= { at: '2026-11-22T14:05:00Z' };
    policies.tests ??= names.map((app) => ({ app, request: `GET ${mountOf(app)}/nothing-there`, expect: 'challenge' }));
  }
  return { gateway: stringify(gateway), policies: stringify(policies) };
}

/** Loads what has a part of it in a test. Whether the policies' own tests pass is not asked. */
export function loadParts(part: Example, tested = true): LoadResult {
  const { gateway, policies } = wholeFiles(part, tested);
  return loadWorld({
    purpose: 'test',
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => ({ KEY, CLIENT: 'client-secret-of-the-test' })[name],
    readFile: () => Buffer.from('client-secret-of-the-test'),
  });
}

/** The ids of everything that is said of parts of the files, each once. */
export function idsFor(part: Example, tested = true): readonly string[] {
  const loaded = loadParts(part, tested);
  const found = loaded.ok ? loaded.notices : [...loaded.problems, ...loaded.notices];
  return [...new Set(found.map(({ id }) => id))];
}
