import assert from 'node:assert/strict';
import { type LoadInput, type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { Problem } from '../../src/config/problems.ts';
import type { OidcProviderConfig, World } from '../../src/config/world.ts';

/** 32 bytes that were random once. */
export const KEY = 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=';

/** A small configuration without anything wrong. Every table of mistakes changes one thing in it. */
export const GATEWAY = `version: 1
listen: {host: 127.0.0.1, port: 8080}
trusted_proxies: []
secrets: ["\${env:KEY}"]
session: {lifetime: 12h, idle: 1h}
ledger: memory
policies: policies.yaml
cookie: {prefix: stepgate}
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels:
      password: {acr: "1"}
      mfa: {acr: "2"}
  partner:
    type: oidc
    issuer: https://partner.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    unmarked: password
apps:
  payroll:
    origins: ["https://payroll.example.com"]
    path: /pay
    upstream: http://10.0.0.5:9000
    provider: corp
  wiki:
    origins: ["https://wiki.example.com"]
    upstream: http://10.0.0.6:9000
    provider: partner
`;

export const POLICIES = `version: 1
levels:
  - name: password
    validity: 8h
  - name: mfa
    label: Two steps
    validity: 1h
    message: Please confirm it is you.
default: {require: password}
apps:
  payroll:
    require: password
    rules:
      - {id: assets, path: /pay/static/**, public: true}
      - {id: runs, path: [/pay/runs/*, /pay/runs/*/approve], methods: write, require: mfa, max_age: 5m}
      - {id: closed, path: /pay/legacy/**, deny: true, note: switched off}
  wiki: {}
`;

export const ENV: Readonly<Record<string, string>> = { KEY, CLIENT: 'client-secret-of-the-test' };

type Files = Readonly<Record<string, string>>;

/**
 * Loads two texts as gateway.yaml and policies.yaml.
 *
 * @param files - what other files there are, by name
 */
export function load(gateway = GATEWAY, policies = POLICIES, env = ENV, files: Files = {}): LoadResult {
  return loadWorld(inputOf(gateway, policies, env, files));
}

/** The same, to be looked at only. */
export const inspect = (gateway = GATEWAY, policies = POLICIES): LoadResult =>
  loadWorld({ ...inputOf(gateway, policies, ENV, {}), purpose: 'inspect' });

function inputOf(gateway: string, policies: string, env: Files, files: Files): LoadInput {
  return {
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => env[name],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
  };
}

/** Loads what must be fine. */
export function worldOf(gateway = GATEWAY, policies = POLICIES): World {
  const result = load(gateway, policies);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems, null, 2));
  return result.world;
}

/** A provider of a world that speaks OpenID Connect. */
export function oidcOf(world: World, name = 'corp'): OidcProviderConfig {
  const config = world.providers.get(name);
  assert.ok(config?.type === 'oidc');
  return config;
}

export function problemsOf(gateway = GATEWAY, policies = POLICIES, env = ENV, files: Files = {}): readonly Problem[] {
  const result = load(gateway, policies, env, files);
  return result.ok ? [] : result.problems;
}

/** One mistake: what is replaced by what, and what is said about it. `‸` stands where the problem must point to. */
export interface Mistake {
  readonly name: string;
  readonly replace: string;
  readonly by: string;
  readonly id: Problem['id'];
  readonly hint?: RegExp;
  readonly message?: RegExp;
}

/** The files that mistakes are made in, where they are others than {@link GATEWAY} and {@link POLICIES}. */
export interface Base {
  readonly gateway?: string;
  readonly policies?: string;
  /** Of the app file `app.yaml`. */
  readonly app?: string;
}

/** Asserts that a mistake in one of the files is found, alone, and exactly where it is. */
export function assertFound(file: 'gateway' | 'policies' | 'app', mistake: Mistake, base: Base = {}): void {
  const texts: Required<Base> = { gateway: GATEWAY, policies: POLICIES, app: '', ...base };
  assert.ok(texts[file].includes(mistake.replace), `the fixture has no ${mistake.replace}`);
  const marked = texts[file].replace(mistake.replace, () => mistake.by);
  const text = marked.replace('‸', '');
  const { gateway, policies, app }: Required<Base> = { ...texts, [file]: text };
  const found = problemsOf(gateway, policies, ENV, { 'app.yaml': app });
  const before = marked.slice(0, marked.indexOf('‸')).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  assert.deepEqual(
    found.map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.id}`),
    [`${file}.yaml:${line}:${column} ${mistake.id}`],
    JSON.stringify(found),
  );
  const [problem] = found;
  assert.ok(problem);
  assert.equal(problem.source.length, (text.split('\n')[line - 1] ?? '').length);
  if (mistake.hint) assert.match(problem.hint ?? '', mistake.hint);
  if (mistake.message) assert.match(problem.message, mistake.message);
}
