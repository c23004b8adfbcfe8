import assert from 'node:assert/strict';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import { type LintErrorId, PROBLEMS, type Problem } from '../../src/config/problems.ts';

/** Files that use every word of the language, none of them wrong. */

/** 32 bytes that were random once. */
export const KEY = 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=';
export const CLIENT_SECRET = 'client-secret-that-nobody-may-see';

const app = (name: string, port: number): string =>
  `  ${name}: {origins: ["https://${name}.example.com"], upstream: "http://10.0.0.5:${port}", provider: corp}\n`;

export const FULL_GATEWAY = `version: 1
listen: {host: 127.0.0.1, port: 8080}
trusted_proxies: [10.0.0.0/8]
secrets: ["\${env:KEY}"]
session: {lifetime: 12h, idle: 1h}
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels: {password: {acr: "1"}, mfa: {acr: "2"}, passkey: {acr: "3", amr_any: [hwk]}, x509: {acr: "4"}}
    claims: {groups: groups}
apps:
${app('payroll', 9000)}${app('wiki', 9001)}${app('bank', 9002)}`;

export const FULL_POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, label: Two steps, validity: 1h, above: [password], message: {en: Please confirm., de: Bitte bestätigen.}}
  - {name: passkey, validity: 15m, above: [mfa]}
  - {name: x509, validity: 15m, above: [password]}
networks:
  office: {ranges: [192.0.2.0/24, "2001:db8::/32"]}
  home: [198.51.100.0/24]
conditions:
  inside: network.office || network.home
  hr: '"hr" in user.groups'
  late: inside && now.getHours("Europe/Zurich") >= 19
default: {require: password}
floors:
  - id: everyone
    require: password
    except: &open [{app: payroll, path: /static/**, methods: read}]
  - {id: outside, when: "!inside", require: mfa, except: *open, mode: report}
  - {id: money, apps: [payroll, bank], path: /transfers/**, methods: write, require: passkey, max_age: 5m, note: audited}
  - {id: embargo, path: /embargo/**, deny: true, mode: off}
apps:
  payroll:
    only: hr
    rules:
      - {id: assets, path: /static/**, public: known}
      - id: delete
        path: /records/*
        query: {action: [delete, drop]}
        require: mfa
        message: {en: Why, de: Warum}
      - {id: late, path: /late/**, when: late, require: passkey, since: "2026-11-22T14:05:00Z"}
      - {id: signing, path: /signing/**, require: passkey, comparison: exact, only: inside}
      - {id: closed, path: [/old/**, /legacy/*.jsp], deny: true}
  wiki: {}
  bank: {file: apps/bank.yaml, owner: team-bank, require: mfa}
given: {client: {ip: 192.0.2.9}, user: {groups: [hr]}, at: "2026-11-23T12:00:00Z"}
tests:
  - {name: people of hr may, app: payroll, request: GET /x, session: {mfa: 1m}, expect: allow}
  - {app: wiki, request: GET /x, expect: challenge password no_session}
`;

export const BANK = `conditions:
  rich: '"rich" in user.groups'
rules:
  - {id: vault, path: /vault/**, when: rich, require: passkey, max_age: 2m}
tests:
  - {request: GET /vault, session: {mfa: 10m}, user: {groups: [rich]}, expect: challenge passkey}
`;

/** What a configuration consists of; what is left out is as it is above. */
export interface Files {
  readonly policies?: string;
  readonly gateway?: string;
  readonly bank?: string;
  /** Others, by their names. */
  readonly others?: Readonly<Record<string, string | Buffer>>;
}

export function loadFull({
  policies = FULL_POLICIES,
  gateway = FULL_GATEWAY,
  bank = BANK,
  others = {},
}: Files): LoadResult {
  const files: Readonly<Record<string, string | Buffer>> = { 'apps/bank.yaml': bank, ...others };
  return loadWorld({
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => ({ KEY, CLIENT: CLIENT_SECRET })[name],
    readFile: (path) => {
      const file = Object.hasOwn(files, path) ? files[path] : undefined;
      if (file === undefined) throw new Error(`no file ${path}`);
      return file;
    },
  });
}

/** The text with one thing put in the place of another, which must be there. */
export function put(text: string, from: string, to: string): string {
  assert.ok(text.includes(from), `there is no ${from}`);
  return text.replace(from, () => to);
}

/** Asserts what must hold of everything that is said of whatever files, and returns it as `file:line:column id`. */
export function placesOf(result: LoadResult, files: Files = {}): readonly string[] {
  const { policies = FULL_POLICIES, gateway = FULL_GATEWAY, bank = BANK, others = {} } = files;
  const texts: Readonly<Record<string, string | Buffer>> = {
    'policies.yaml': policies,
    'gateway.yaml': gateway,
    'apps/bank.yaml': bank,
    ...others,
  };
  if (result.ok) return [];
  const said = result.problems;
  assert.notEqual(said.length, 0, 'it is refused without a word');
  for (const problem of said) assertPlaced(problem, texts);
  const all = JSON.stringify(said);
  for (const secret of [KEY, CLIENT_SECRET]) assert.ok(!all.includes(secret), 'a secret is quoted');
  return said.map(({ file, line, column, id }) => `${file}:${line}:${column} ${id}`);
}

const LINT_ERRORS: readonly LintErrorId[] = ['level-unprovable', 'public-under-floor', 'shadowed'];

/** Its place lies in its file, its word is known, and its sentence can be read. */
function assertPlaced(problem: Problem, texts: Readonly<Record<string, string | Buffer>>): void {
  const { file, line, column, id, message } = problem;
  const told = JSON.stringify(problem).slice(0, 500);
  const text = texts[file];
  assert.ok(text !== undefined, told);
  const lines = text
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  assert.ok(line >= 1 && line <= lines.length, told);
  assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, told);
  assert.ok(Object.hasOwn(PROBLEMS, id) || LINT_ERRORS.some((known) => known === id), told);
  assert.ok(message.length > 5 && message.length <= 1002, told);
}
