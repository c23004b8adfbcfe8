/** Configurations of many rules, as texts. */

import type { LoadInput } from '../src/config/load.ts';

export interface Size {
  /** Of all apps together. */
  readonly rules: number;
  readonly apps: number;
  /** Distinct conditions, one beside each rule; 0 = rules without `when`. */
  readonly conditions: number;
  /** Floors over every app, every other one with a condition. */
  readonly floors: number;
  /** Of all apps together. Then rules and tests stand in a file of each app. */
  readonly tests: number;
}

const METHODS = ['read', 'write', 'POST', '[GET, PUT]'];
const LEVELS = ['password', 'mfa', 'passkey'];

/** The path of the rule that has this number, without what its `**` stands for. */
export const pathOf = (rule: number): string => `/a${rule % 17}/i${rule}`;

/** The app of the rule that has this number. */
export const appOf = (rule: number, { apps }: Pick<Size, 'apps'>): string => `app${rule % apps}`;

export function policyFiles(size: Size): LoadInput {
  const names = Array.from({ length: size.apps }, (_, i) => `app${i}`);
  const files = new Map<string, string>();
  const bodies = names.map((name, app) => {
    const body = bodyOf(app, size);
    if (size.tests === 0) return `  ${name}:\n   require: password\n${indented(body, '   ')}`;
    files.set(`${name}.yaml`, body);
    return `  ${name}: {file: ${name}.yaml, require: password}\n`;
  });
  const policies = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 15m}
networks: {office: [192.0.2.0/24, "2001:db8::/32"]}
conditions:
  inside: network.office && client.ip != "192.0.2.1"
${size.floors === 0 ? '' : `floors:\n${floorsOf(size)}`}apps:
${bodies.join('')}given: {client: {ip: 192.0.2.9}, user: {groups: []}}
`;
  const gateway = `version: 1
secrets: ["\${env:KEY}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:KEY}"
    levels: {password: {acr: "1"}, mfa: {acr: "2"}, passkey: {acr: "3"}}
apps:
${names.map((name) => `  ${name}: {origins: ["https://${name}.example.com"], upstream: "http://10.0.0.5:9000", provider: corp}\n`).join('')}`;
  return {
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: () => 'q0tJ3n8rB7mVxP5cZyK2wLhT9dFgE1sUaN4oRjXi6MQ=',
    readFile: (path) => files.get(path) ?? missing(path),
    purpose: 'inspect',
  };
}

function missing(path: string): never {
  throw new Error(`no file ${path}`);
}

/** The rules and tests of one app. */
function bodyOf(app: number, { rules, apps, conditions, tests }: Size): string {
  const lines: string[] = [];
  const numbers = Array.from({ length: Math.ceil((rules - app) / apps) }, (_, i) => app + i * apps);
  if (numbers.length > 0) lines.push('rules:');
  for (const rule of numbers) {
    const when = conditions === 0 ? '' : `, when: '"g${rule % conditions}" in user.groups'`;
    const says = `methods: ${METHODS[rule % 4]}, require: ${LEVELS[rule % 3]}`;
    lines.push(` - {id: r${rule}, path: ${pathOf(rule)}/**, ${says}${when}}`);
  }
  if (tests > 0) lines.push('tests:');
  for (const rule of numbers.slice(0, tests / apps)) {
    lines.push(` - {request: GET ${pathOf(rule)}/x, expect: challenge}`);
  }
  return `${lines.join('\n')}\n`;
}

function floorsOf({ floors }: Size): string {
  const one = (i: number): string =>
    `  - {id: f${i}, path: /a${i}/**, require: mfa${i % 2 === 0 ? '' : ', when: inside'}, except: [{path: /a${i}/static/**, methods: read}]}\n`;
  return Array.from({ length: floors }, (_, i) => one(i)).join('');
}

const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);
