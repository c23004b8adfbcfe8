import { createExplain } from '../../src/cli/explain.ts';
import { loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import type { World } from '../../src/config/world.ts';
import { KEY } from '../config/fixture.ts';

/** Twelve o'clock, UTC, on a Sunday in November. */
export const NOON = Date.parse('2026-11-22T12:00:00Z') / 1000;

export const GATEWAY = `version: 1
secrets: ["\${env:KEY}"]
ledger: memory
policies: policies.yaml
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    levels:
      password: {acr: "1"}
      mfa: {acr: ["2", "2b"], amr_any: [otp, hwk]}
      x509: {acr: "3", claim: {via: card}}
    claims: {groups: groups}
  partner:
    type: oidc
    issuer: https://partner.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT}"
    unmarked: password
apps:
  bank:
    origins: ["https://bank.example.com"]
    upstream: http://10.0.0.5:9000
    provider: corp
    groups: [hr, staff]
    paths: {parameters: allow}
  files:
    origins: ["https://bank.example.com"]
    path: /files
    upstream: http://10.0.0.6:9000
    provider: corp
  wiki:
    origins: ["https://wiki.example.com"]
    path: /w
    upstream: http://10.0.0.7:9000
    provider: partner
`;

export const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, label: Two steps, validity: 1h, above: [password]}
  - {name: x509, label: Card, validity: 15m, above: [password]}
networks:
  office: [192.0.2.0/24]
conditions:
  hr: '"hr" in user.groups'
floors:
  - {id: everyone, require: password, except: [{app: bank, path: [/static/**, /welcome]}]}
  - {id: outside, apps: bank, path: /admin/**, when: '!network.office', require: x509}
  - {id: drill, apps: bank, mode: off, require: x509, since: "2026-11-22T11:00:00Z"}
  - {id: raised, apps: files, path: /files/raised, require: mfa, since: "2026-11-22T11:30:00Z"}
  - {id: shut, apps: files, path: /files/list/shut, deny: true, note: INC-7}
apps:
  bank:
    require: password
    rules:
      - {id: assets, path: /static/**, public: true}
      - {id: welcome, path: /welcome, public: known}
      - {id: personnel, path: /hr/**, only: hr, require: mfa}
      - {id: closed, path: /legacy/**, deny: true, note: switched off 2026}
      - {id: delete, path: /records/*, param: {action: delete}, require: mfa}
      - {id: approve, path: /runs/*/approve, methods: write, require: mfa, max_age: 5m, one_time: true}
      - {id: own-kind, path: /cards/**, require: x509, comparison: exact}
      - {id: future, path: /future, require: mfa, since: "2030-01-01T00:00:00Z"}
      - {id: whose, path: /mine/**, when: hr, require: mfa}
      - {id: sales, path: /sales/**, when: 'user.claims["department"].exists(d, d == "sales")', require: mfa}
      - {id: soon, path: /reports/**, require: mfa, mode: report}
      - {id: shelf, path: /shelf/old, deny: true}
      - {id: shelves, path: /shelf*/old, only: hr, require: password}
  files: {file: files.yaml, owner: team-files, only: hr}
  wiki: {}
`;

export const FILES_APP = `rules:
  - {id: raised, path: /files/raised, require: password}
  - {id: listed, path: /files/list/**, methods: read, require: password}
`;

/** What `node:fs` would have in /etc/gw. */
export const FILES: Readonly<Record<string, string>> = {
  '/etc/gw/gateway.yaml': GATEWAY,
  '/etc/gw/policies.yaml': POLICIES,
  '/etc/gw/files.yaml': FILES_APP,
};

/** The world of these files. */
export function worldOf(files: Readonly<Record<string, string>> = FILES): World {
  const env = { KEY, CLIENT: 'x' };
  const result = loadWorldFromDisk('/etc/gw/gateway.yaml', {
    env: (name) => (env as Readonly<Record<string, string>>)[name],
    readFile: (path) => Buffer.from(files[path] ?? ''),
    purpose: 'inspect',
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.world;
}

/** Runs the command in /etc/gw at noon, on files that are not there. */
export async function explain(
  args: readonly string[],
  files: Readonly<Record<string, string>> = FILES,
  env: Readonly<Record<string, string>> = { KEY, CLIENT: 'x' },
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const command = createExplain({ now: () => NOON });
  const code = await command(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: (name) => env[name],
    readFile: (path) => {
      const text = files[path.startsWith('/') ? path : `/etc/gw/${path}`];
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    cwd: '/etc/gw',
  });
  return { code, out, err };
}

/** What is printed of a request that is explained, from its words as they would be typed. */
export async function explained(words: string): Promise<string> {
  const { code, out, err } = await explain(words.split(' '));
  if (code !== 0) throw new Error(`${code}: ${out}${err}`);
  return out;
}
