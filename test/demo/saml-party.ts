import assert from 'node:assert/strict';
import { randomBytes, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type Profile, SAML, type SamlConfig } from '@node-saml/node-saml';
import type { DemoProvider } from '../../src/demo/idp-server.ts';
import { type KeyPair, makeKeyPair } from '../../src/demo/saml/certificate.ts';
import { startDemoSamlProvider } from '../../src/demo/saml/provider.ts';
import type { DemoService } from '../../src/demo/saml/service.ts';
import { readMetadata } from '../../src/saml/metadata.ts';
import type { Seen } from './visitor.ts';

export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
export const MFA = 'https://refeds.org/profile/mfa';
export const PASSKEY = 'urn:stepgate:demo:passkey';

const ENTITY_ID = 'urn:test:service';
const ACS = 'http://127.0.0.1:1/acs';
const SLO = 'http://127.0.0.1:1/slo';
/** Without spaces: node-saml signs them as `%20` and sends them as `+`. */
const RELAY_STATE = 'the-person&their-place';

/** What a request asks for. */
export interface Ask {
  readonly classes?: readonly string[];
  readonly comparison?: 'exact' | 'minimum' | 'better' | 'maximum';
  readonly force?: boolean;
  readonly passive?: boolean;
}

/** What an answer says, once it is verified. */
export interface Told {
  readonly profile: Profile;
  readonly classRef: string;
  /** Milliseconds since 1970. */
  readonly authnInstant: number;
  readonly sessionIndex: string;
}

/** A service provider that the demo's identity provider knows: node-saml, and keys to forge by. */
export interface Party {
  readonly provider: DemoProvider;
  readonly pair: KeyPair;
  readonly acs: string;
  readonly slo: string;
  /** The address that asks. */
  ask(ask?: Ask): Promise<string>;
  /** The same in a form that posts itself. */
  askByPost(ask?: Ask): Promise<Readonly<Record<string, string>>>;
  /** Verifies the answer that a page posts. */
  told(page: Seen): Promise<Told>;
  /** The second-level status of an answer that nobody is signed in. */
  refusal(page: Seen): Promise<string>;
  /** An address with a request of any kind, signed by this key, or by none for null. */
  send(path: string, xml: string, by?: string | null): string;
  /** The same with an answer about signing out. */
  answer(xml: string, by?: string): string;
  /** The text of an AuthnRequest, as it is before it is signed. */
  request(): string;
  logoutRequest(username: string, index: string): string;
}

/** Starts the identity provider, with a service provider that it knows. */
export async function startParty(): Promise<Party> {
  const pair = await makeKeyPair('test service', Date.now());
  const service: DemoService = { entityId: ENTITY_ID, acs: [ACS], slo: SLO, certificates: [pair.certificate] };
  const provider = await startDemoSamlProvider({ port: 0, host: '127.0.0.1', service });
  const metadata = await fetch(`${provider.issuer}/metadata`).then((answer) => answer.text());
  const idp = readMetadata(metadata, { issuer: null, certificate: null, plainLoopback: () => true });
  assert.ok(!('problem' in idp), JSON.stringify(idp));

  const saml = ({ classes, comparison = 'exact', force = false, passive = false }: Ask = {}, more = {}): SAML =>
    new SAML({
      issuer: ENTITY_ID,
      audience: ENTITY_ID,
      callbackUrl: ACS,
      entryPoint: idp.singleSignOn.redirect ?? '',
      idpCert: [...idp.signingCertificates],
      idpIssuer: idp.entityId,
      privateKey: pair.key,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      forceAuthn: force,
      passive,
      disableRequestedAuthnContext: classes === undefined,
      authnContext: [...(classes ?? [])],
      racComparison: comparison,
      ...more,
    } satisfies SamlConfig);

  const head = (name: string, place: string): string =>
    `<samlp:${name} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomBytes(16).toString('hex')}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${provider.issuer}${place}"`;
  const issuer = `<saml:Issuer>${ENTITY_ID}</saml:Issuer>`;

  return {
    provider,
    pair,
    acs: ACS,
    slo: SLO,
    ask: (ask) => saml(ask).getAuthorizeUrlAsync(RELAY_STATE, undefined, {}),
    async askByPost(ask) {
      const byPost = { skipRequestCompression: true, authnRequestBinding: 'HTTP-POST' };
      const message = await saml(ask, byPost).getAuthorizeMessageAsync(RELAY_STATE);
      return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, String(value)]));
    },
    async told(page) {
      const { profile } = await saml().validatePostResponseAsync({ SAMLResponse: posted(page) });
      assert.ok(profile, page.text);
      const xml = profile.getAssertionXml?.() ?? '';
      const of = (pattern: RegExp): string => pattern.exec(xml)?.[1] ?? assert.fail(`${pattern} in ${xml}`);
      return {
        profile,
        classRef: of(/AuthnContextClassRef>([^<]+)</),
        authnInstant: Date.parse(of(/AuthnInstant="([^"]+)"/)),
        sessionIndex: of(/SessionIndex="([^"]+)"/),
      };
    },
    async refusal(page) {
      const SAMLResponse = posted(page);
      const verdict = await saml()
        .validatePostResponseAsync({ SAMLResponse })
        .catch(() => null);
      assert.ok(!verdict?.profile, 'nobody is signed in');
      const codes = [
        ...Buffer.from(SAMLResponse, 'base64')
          .toString()
          .matchAll(/StatusCode Value="[^"]*:(\w+)"/g),
      ];
      assert.equal(codes[0]?.[1], 'Responder');
      return codes[1]?.[1] ?? assert.fail('a status of the second level');
    },
    send: (path, xml, by = pair.key) => `${provider.issuer}${path}?${query('SAMLRequest', xml, by)}`,
    answer: (xml, by = pair.key) => `${provider.issuer}/slo?${query('SAMLResponse', xml, by)}`,
    request: () =>
      `${head('AuthnRequest', '/sso')} AssertionConsumerServiceURL="${ACS}">${issuer}</samlp:AuthnRequest>`,
    logoutRequest: (username, index) =>
      `${head('LogoutRequest', '/slo')}>${issuer}<saml:NameID>${username}</saml:NameID><samlp:SessionIndex>${index}</samlp:SessionIndex></samlp:LogoutRequest>`,
  };
}

function query(field: 'SAMLRequest' | 'SAMLResponse', xml: string, by: string | null): string {
  const sent = `${field}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}&RelayState=here`;
  if (by === null) return sent;
  const text = `${sent}&SigAlg=${encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')}`;
  return `${text}&Signature=${encodeURIComponent(sign('sha256', Buffer.from(text), by).toString('base64'))}`;
}

/** The response in the page that posts itself, at the right place and with what the request brought. */
function posted({ text }: Seen): string {
  assert.ok(text.includes(`<form method="post" action="${ACS}">`), text);
  const field = (name: string): string | undefined => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1];
  assert.equal(field('RelayState'), RELAY_STATE.replace('&', '&amp;'));
  return field('SAMLResponse') ?? assert.fail('a response');
}
