import type { Browser, BrowserContext, Page } from 'playwright-core';
import { makePair, type Pair } from '../support/fake-idp.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { ServiceProvider, SimpleSamlPhp } from './simplesamlphp.ts';

export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
export const MFA = 'https://refeds.org/profile/mfa';
export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

export const POLICIES = `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h}
default: {require: password}
apps:
  payroll:
    rules:
      - {id: front, path: /, public: true}
      - {id: admin, path: /admin/**, require: mfa}
      - {id: hr, path: /hr/**, only: '"hr" in user.groups'}
`;

export interface SamlStageOptions {
  /** The class of a sign-in with a password. */
  readonly password?: string;
  /** Keys of the provider's entry in gateway.yaml, added to what every test has. */
  readonly provider?: string;
  readonly policies?: string;
  /** How SimpleSAMLphp answers this gateway. */
  readonly service?: Readonly<Record<string, unknown>>;
  /** What the gateway reads under other names than \`idp.xml\`. */
  readonly files?: Readonly<Record<string, string>>;
}

let services = 0;

/** A whole gateway on localhost, another site than the identity provider on 127.0.0.1, which knows it. */
export async function startSamlStage(idp: SimpleSamlPhp, options: SamlStageOptions = {}): Promise<Stage> {
  services += 1;
  const entityId = `urn:stepgate:interop:${services}`;
  const stage = await startStage({
    hostname: 'localhost',
    policies: options.policies ?? POLICIES,
    files: { 'idp.xml': await idp.metadata(), ...options.files },
    gateway: (text) =>
      text.replace(
        /^ {2}corp:\n(?: {4}.*\n|\n)*/m,
        `  corp:
    type: saml
    metadata: idp.xml
    entity_id: ${entityId}
    levels: {password: {class_ref: "${options.password ?? PASSWORD}"}, mfa: {class_ref: "${MFA}"}}
    claims: {email: mail, groups: groups}
${options.provider ?? ''}
`,
      ),
  });
  const service: ServiceProvider = {
    entityid: entityId,
    AssertionConsumerService: `${stage.origin}/.stepgate/saml/corp/acs`,
    SingleLogoutService: `${stage.origin}/.stepgate/saml/corp/slo`,
    NameIDFormat: PERSISTENT,
    'saml20.sign.response': true,
    'saml20.sign.assertion': true,
    ...options.service,
  };
  idp.add(service);
  return stage;
}

/** Our key for requests and encrypted assertions, as files of a stage. */
export function ownKeys(): { readonly pair: Pair; readonly files: Readonly<Record<string, string>> } {
  const pair = makePair('stepgate');
  return { pair, files: { 'own.pem': pair.key, 'own.crt': pair.certificate } };
}

/** Somebody in front of a browser of their own. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Gives name and password on the page of SimpleSAMLphp. */
  givePassword(name: 'alice' | 'bob'): Promise<void>;
  giveCode(): Promise<void>;
}

export async function arrive(browser: Browser): Promise<Visitor> {
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  return {
    context,
    page,
    async givePassword(name) {
      await page.fill('input[name=username]', name);
      await page.fill('input[name=password]', `${name}-pw`);
      await page.click('button[type=submit], input[type=submit]');
    },
    async giveCode() {
      await page.fill('input[name=code]', '123456');
      await page.click('button');
    },
  };
}
