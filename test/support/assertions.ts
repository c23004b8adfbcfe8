import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { type Stage, startStage } from './stage.ts';

/** A new private key on P-256. */
export const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

export const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A stage with two apps behind it, whose assertions are signed with a key that the test knows. */
export async function startAssertedStage(key: KeyObject, options: { readonly next?: KeyObject } = {}): Promise<Stage> {
  const files = { 'key.pem': pemOf(key), 'next.pem': options.next === undefined ? '' : pemOf(options.next) };
  const names = options.next === undefined ? '{key: key.pem}' : '{key: key.pem, next_key: next.pem}';
  return startStage({
    files,
    provider: '    claims: {groups: groups}',
    policies: `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h}
default: {require: password}
apps:
  wiki: {}
  payroll:
    rules:
      - {id: open, path: /open/**, public: true}
      - {id: admin, path: /admin/**, require: mfa}
`,
    gateway: (text) => {
      const shared = /origins: .*\n {4}upstream: .*\n/.exec(text)?.[0] ?? '';
      const wiki = `  wiki:\n    ${shared}    provider: corp\n    path: /wiki\n`;
      return `${text.replace('ledger: memory', `ledger: memory\nassertion: ${names}`)}${wiki}`;
    },
  });
}

/** What the upstream got with the newest request. */
export function newestAssertion(stage: Stage): string {
  const assertion = stage.upstream.received.at(-1)?.headers['x-auth-assertion'];
  assert.ok(typeof assertion === 'string', 'no assertion reached the upstream');
  return assertion;
}

/** Header and claims, as they are read by whoever does not look at the signature. */
export const unverified = (assertion: string): { readonly header: object; readonly claims: JWTPayload } => ({
  header: decodeProtectedHeader(assertion),
  claims: decodeJwt(assertion),
});

/** A token of these parts, signed by whatever is given. */
export function tokenOf(header: object, claims: object, signed: (input: Buffer) => Buffer): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${signed(Buffer.from(input)).toString('base64url')}`;
}

/** ES256 (RFC 7518 3.4). */
export const es256 =
  (key: KeyObject) =>
  (input: Buffer): Buffer =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
