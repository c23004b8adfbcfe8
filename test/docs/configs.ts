import { randomBytes } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { makeAssertionKey } from '../../src/config/assertion-key.ts';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import { makePair, type Pair } from '../support/fake-idp.ts';
import type { Fence } from './markdown.ts';

const LEVELS = ['password', 'mfa'];

const levelsYaml = (names: readonly string[]): string =>
  names.map((name) => `  - {name: ${name}, label: ${name}, validity: ${name === 'password' ? '8h' : '1h'}}`).join('\n');

/** A gateway.yaml that serves these apps, with a provider that proves all of these levels. */
function gatewayFor(apps: readonly string[], levels: readonly string[], provider = '', app = ''): string {
  const proofs = provider.includes('levels:')
    ? ''
    : `    levels: {${levels.map((name) => `${name}: {acr: ${name}}`).join(', ')}}\n`;
  const served = apps.map(
    (name) => `  ${name}:
    origins: ["https://${name}.example.com"]
    upstream: http://127.0.0.1:9000
    provider: corp
${indented(app)}`,
  );
  return `version: 1
secrets: ["\${env:SECRET}"]
ledger: memory
providers:
  corp:
    type: oidc
    issuer: https://id.example.com
    client_id: stepgate
    client_secret: "\${env:CLIENT_SECRET}"
${provider.includes('claims:') ? '' : '    claims: {groups: groups}\n'}${proofs}${indented(provider)}apps:
${served.join('')}`;
}

/** The same with a SAML provider, of which the block says what is not usual. */
function gatewayOverSaml(levels: readonly string[], provider: string): string {
  const classes = Object.fromEntries(levels.map((name) => [name, { class_ref: `urn:example:${name}` }]));
  const usual = {
    type: 'saml',
    metadata: 'https://idp.example.com/metadata',
    entity_id: 'urn:example:stepgate',
    levels: classes,
  };
  const gateway: { providers: Record<string, unknown> } = parse(gatewayFor(['app'], levels));
  return stringify({ ...gateway, providers: { corp: { ...usual, ...parse(provider) } } });
}

/** A policies.yaml for these apps and levels. */
const policiesFor = (apps: readonly string[], levels: readonly string[], rules = ''): string =>
  `version: 1
levels:
${levelsYaml(levels)}
default: {require: ${levels[0]}}
apps:
${apps.map((name) => (rules === '' ? `  ${name}: {}\n` : `  ${name}:\n    rules:\n${indented(rules, 6)}`)).join('')}`;

const indented = (text: string, by = 4): string =>
  text === '' ? '' : `${text.trimEnd().replace(/^(?=.)/gm, ' '.repeat(by))}\n`;

interface Policies {
  readonly levels: readonly { readonly name: string }[];
  readonly apps: Readonly<Record<string, unknown>>;
}

interface Gateway {
  readonly providers: Readonly<Record<string, { readonly levels?: Readonly<Record<string, unknown>> }>>;
  readonly apps: Readonly<Record<string, unknown>>;
}

/** Both files for a YAML block: itself, and a smallest one that goes with it. @throws Error when its kind is not known */
export function filesFor({ place, words, text }: Fence): { readonly gateway: string; readonly policies: string } {
  const kind = words.filter((word) => !word.includes('=')).join(' ');
  switch (kind) {
    case 'policies': {
      const { apps, levels }: Policies = parse(text);
      const names = levels.map(({ name }) => name);
      return { policies: text, gateway: gatewayFor(Object.keys(apps), names) };
    }
    case 'policies rules':
      return { policies: policiesFor(['app'], LEVELS, text), gateway: gatewayFor(['app'], LEVELS) };
    case 'gateway': {
      const { apps, providers }: Gateway = parse(text);
      const named = Object.values(providers).flatMap(({ levels = {} }) => Object.keys(levels));
      return { gateway: text, policies: policiesFor(Object.keys(apps), named) };
    }
    case 'gateway settings':
      return { gateway: gatewayFor(['app'], LEVELS) + text, policies: policiesFor(['app'], LEVELS) };
    case 'gateway app':
      return { gateway: gatewayFor(['app'], LEVELS, '', text), policies: policiesFor(['app'], LEVELS) };
    case 'gateway provider':
      return { gateway: gatewayFor(['app'], LEVELS, text), policies: policiesFor(['app'], LEVELS) };
    case 'gateway saml':
      return { gateway: gatewayOverSaml(LEVELS, text), policies: policiesFor(['app'], LEVELS) };
    default:
      throw new Error(
        `${place}: a YAML block says "policies", "policies rules", "gateway", "gateway settings", "gateway app", "gateway provider" or "gateway saml"`,
      );
  }
}

const SECRET = randomBytes(32).toString('base64');

/** Keys of SAML by the name of their two files, `NAME.key` and `NAME.crt`. */
const pairs = new Map<string, Pair>();

function readFile(path: string): string {
  const [, name = '', part] = /^(.*)\.(key|crt)$/.exec(path) ?? [];
  if (part === undefined) return path.endsWith('.pem') ? makeAssertionKey() : 'client secret';
  const pair = pairs.get(name) ?? makePair('documentation');
  pairs.set(name, pair);
  return part === 'key' ? pair.key : pair.certificate;
}

/** Loads a YAML block as the gateway would; every secret that it refers to is there. */
export function loadBlock(fence: Fence): LoadResult {
  const { gateway, policies } = filesFor(fence);
  return loadWorld({
    purpose: 'inspect',
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => (name.includes('CLIENT') ? 'client secret' : SECRET),
    readFile,
  });
}
