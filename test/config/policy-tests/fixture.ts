import assert from 'node:assert/strict';
import { type LoadPurpose, type LoadResult, loadWorld } from '../../../src/config/load.ts';
import type { Problem } from '../../../src/config/problems.ts';
import type { World } from '../../../src/config/world.ts';

const GATEWAY = `version: 1
listen: {host: 127.0.0.1, port: 8080}
secrets: ["\${env:KEY}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels:
      password: {acr: "1"}
      mfa: {acr: "2"}
    claims: {groups: groups}
  partner:
    type: oidc
    issuer: https://partner.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    unmarked: password
apps:
  payroll:
    origins: ["https://apps.example.com"]
    path: /pay
    upstream: http://10.0.0.5:9000
    provider: corp
  archive:
    origins: ["https://apps.example.com"]
    path: /pay/archive
    upstream: http://10.0.0.6:9000
    provider: corp
  wiki:
    origins: ["https://wiki.example.com"]
    upstream: http://10.0.0.7:9000
    provider: partner
`;

const HEAD = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: stars, validity: 1h, message: No provider of this fixture proves it.}
default: {require: password}
`;

const RULES = `      - {id: assets, path: /pay/static/**, public: true}
      - {id: runs, path: /pay/runs/**, methods: write, require: mfa, max_age: 5m}
      - {id: closed, path: /pay/legacy/**, deny: true}
`;

/** What of policies.yaml a test says; YAML. */
export interface Written {
  /** Whole lines before `apps`: conditions, floors, given. */
  readonly head?: string;
  /** Rules of payroll, indented by six. */
  readonly rules?: string;
  /** Further keys of payroll, indented by four. */
  readonly app?: string;
  readonly wiki?: string;
  /** What stands under `tests`. */
  readonly tests?: string;
}

export function policiesOf({
  head = '',
  rules = RULES,
  app = '    require: password\n',
  wiki = '{}',
  tests,
}: Written): string {
  const body = rules === '' ? app : `${app}    rules:\n${rules}`;
  return `${HEAD}${head}apps:\n  payroll:\n${body}  archive: {}\n  wiki: ${wiki}\n${tests === undefined ? '' : `tests:\n${tests}\n`}`;
}

const SECRETS: Readonly<Record<string, string>> = {
  KEY: 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=',
  CLIENT: 'client-secret-of-the-test',
};

/** @param files - files of apps, by name */
export function load(
  policies: string,
  files: Readonly<Record<string, string>> = {},
  purpose: LoadPurpose['purpose'] = 'serve',
): LoadResult {
  return loadWorld({
    purpose,
    gateway: { file: 'gateway.yaml', text: GATEWAY },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => SECRETS[name],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
  });
}

export function problemsOf(policies: string, files: Readonly<Record<string, string>> = {}): readonly Problem[] {
  const result = load(policies, files);
  return result.ok ? [] : result.problems;
}

export function worldOf(written: Written, files: Readonly<Record<string, string>> = {}): World {
  const result = load(policiesOf(written), files);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems, null, 2));
  return result.world;
}

/** What is said of the tests of a configuration: `LINE:COLUMN id: message` in lines of `tests`, from 1. */
export function saidOf(written: Written): readonly string[] {
  const text = policiesOf(written);
  const first = text.split('\n').indexOf('tests:') + 1;
  return problemsOf(text).map(({ line, column, id, message }) => `${line - first}:${column} ${id}: ${message}`);
}
