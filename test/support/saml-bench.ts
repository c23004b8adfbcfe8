/**
 * A SAML provider of the gateway's before the fake IdP, without a gateway: for tests of what it believes.
 *
 *   const bench = await startSamlBench({signed: 'assertion'});
 *   bench.idp.script.signs = {response: false, assertion: true};
 *   const answer = await bench.answer((xml) => xml.replace('alice', 'mallory'));
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { SamlProviderConfig } from '../../src/config/world.ts';
import { type Demand, type DemandTerms, demandOn } from '../../src/core/demand.ts';
import { markOf } from '../../src/core/evidence.ts';
import { buildLadder } from '../../src/core/ladder.ts';
import type { Ask, Begun, Received, Refused, SamlProvider } from '../../src/ports.ts';
import { createSamlProvider, type SamlProviderOptions } from '../../src/providers/saml/saml.ts';
import { type Verifier, verifyHere } from '../../src/providers/saml/verifier.ts';
import { type FakeIdp, type FakeIdpScript, startFakeIdp } from './fake-idp.ts';

export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
export const MFA = 'https://refeds.org/profile/mfa';
export const ACS = 'https://payroll.example/.stepgate/saml/corp/acs';
export const SERVICE = 'urn:stepgate';

export const LADDER = buildLadder([
  { name: 'password', validity: 8 * 3600 },
  { name: 'mfa', validity: 3600 },
]);

/** The demand for a level of the bench. */
export function demandFor(name: 'password' | 'mfa', terms: Partial<DemandTerms> = {}): Demand {
  const level = LADDER.named.get(name);
  assert.ok(level);
  return demandOn(LADDER, { level, source: 'test', ...terms });
}

export interface SamlBench {
  readonly idp: FakeIdp;
  readonly provider: SamlProvider;
  readonly config: SamlProviderConfig;
  /** Seconds that our clock is ahead of the provider's. */
  ahead: number;
  /** Where the provider takes requests. */
  endpoints: { redirect: string | null; post: string | null };
  /** Puts the script back to what it was. */
  straighten(): void;
  begin(ask?: Partial<Ask>): Promise<Begun>;
  /** One trip: what the provider posts, after the last word on its XML, is judged. */
  answer(forge?: (xml: string) => string | Promise<string>, ask?: Partial<Ask>): Promise<Received | Refused>;
  /** The same of a form's field that is made of the XML in another way. */
  answerField(field: (xml: string) => string): Promise<Received | Refused>;
  stop(): Promise<void>;
}

export async function startSamlBench(
  change: Partial<SamlProviderConfig> = {},
  verifier: Verifier = verifyHere,
): Promise<SamlBench> {
  const idp = await startFakeIdp();
  const straight: FakeIdpScript = { ...idp.script };
  const [password, mfa] = LADDER.levels;
  assert.ok(password && mfa);
  const config: SamlProviderConfig = {
    type: 'saml',
    name: 'corp',
    metadata: { kind: 'url', url: `${idp.origin}/metadata` },
    issuer: null,
    entityId: SERVICE,
    evidence: { marks: [markOf(mfa, { acr: [MFA] }), markOf(password, { acr: [PASSWORD] })], unmarked: null },
    signed: 'both',
    sign: null,
    decrypt: null,
    subject: null,
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    comparison: 'exact',
    claims: { email: 'mail', name: 'cn', groups: 'groups' },
    claimsKept: [],
    allowLegacyEncryptionCbc: false,
    logout: 'local',
    logoutScope: 'session',
    clockTolerance: 60,
    timeout: 10,
    keepsGroup: () => true,
    namesGroup: () => true,
    ...change,
  } as SamlProviderConfig;
  const known = () => ({ ...knownOf(idp), singleSignOn: bench.endpoints });
  const trust = { known: async () => known(), knownNow: known, close: () => {} };
  const bench: SamlBench = {
    idp,
    config,
    provider: createSamlProvider({
      config,
      clock: { now: () => Math.floor(Date.now() / 1000) + bench.ahead },
      random: (bytes) => randomBytes(bytes).toString('base64url'),
      log: () => {},
      trust: trust as unknown as SamlProviderOptions['trust'],
      verifier,
    }),
    ahead: 0,
    endpoints: { redirect: `${idp.origin}/sso`, post: null },
    straighten: () => {
      Object.assign(idp.script, straight);
      bench.ahead = 0;
    },
    begin: async (ask = {}) => {
      const begun = await bench.provider.begin({
        redirectUri: ACS,
        state: 'state',
        demand: demandFor('password'),
        force: false,
        person: null,
        ...ask,
      });
      assert.ok(begun.ok, 'the trip began');
      return begun;
    },
    answer: async (forge = (xml) => xml, ask = {}) => {
      const posted = await idp.visit((await bench.begin(ask)).url);
      const xml = Buffer.from(posted.form.SAMLResponse, 'base64').toString();
      return bench.provider.receive(Buffer.from(await forge(xml)).toString('base64'), posted.acs);
    },
    answerField: async (field) => {
      const posted = await idp.visit((await bench.begin()).url);
      return bench.provider.receive(field(Buffer.from(posted.form.SAMLResponse, 'base64').toString()), posted.acs);
    },
    stop: () => idp.stop(),
  };
  return bench;
}

/** What metadata say of the fake IdP. */
const knownOf = (idp: FakeIdp) => ({
  entityId: idp.entityId,
  signingCertificates: [idp.pair.certificate],
  singleLogout: { redirect: null, post: null },
  nameIdFormats: [],
  validUntil: null,
  cacheDuration: null,
});

/** That a response was refused, and by which check. */
export function assertRefused(answer: Received | Refused, check: string | RegExp): void {
  assert.equal(answer.ok, false, 'the response was believed');
  if (answer.ok) return;
  assert.equal(answer.failure, 'invalid_response');
  if (typeof check === 'string') assert.equal(answer.detail, `check failed: ${check}`);
  else assert.match(answer.detail, check);
}

/** A change to what the fake IdP does. */
export type Bend = (script: FakeIdpScript) => void;

/** As `replace`; but a test that replaces nothing would prove nothing. */
export function replaced(xml: string, from: string | RegExp, to: string): string {
  const changed = xml.replace(from, to);
  assert.notEqual(changed, xml, `nothing to replace: ${from}`);
  return changed;
}

/** The provider signs an assertion that says something else. */
export const inAssertion =
  (from: string | RegExp, to: string | (() => string)): Bend =>
  (script) => {
    script.beforeSigning = (xml) => replaced(xml, from, typeof to === 'string' ? to : to());
  };

/** The provider signs a response that says something else; its assertion is signed already. */
export const inResponse =
  (from: string | RegExp, to: string): Bend =>
  (script) => {
    script.response = (xml) => replaced(xml, from, to);
  };
