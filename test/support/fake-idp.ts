/**
 * A small SAML 2.0 identity provider on 127.0.0.1 that does as it is told, for tests of attacks and outages.
 *
 *   const idp = await startFakeIdp();
 *   idp.script.person = {nameId: 'bob', attributes: {groups: ['hr']}};
 *   idp.script.beforeSigning = (xml) => xml.replace('Recipient="', 'Recipient="https://evil.example');
 *   …send a browser to the gateway; or, without one:
 *   const {acs, form} = await idp.visit(redirect.location);      // signs in at once; what its page would post
 *
 * `/sso` signs the scripted person in without asking and answers with a page that posts itself. Nothing is verified there,
 * so that a test may ask for nonsense. Times come from `Date`. Everything in `script` may be changed at any time and
 * holds for the requests that follow.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { type Encryption, encrypted } from './fake-idp-encryption.ts';

/** A private key and its certificate, PEM. */
export interface Pair {
  readonly key: string;
  readonly certificate: string;
}

export interface FakeIdpScript {
  person: { nameId: string; format?: string | null; attributes?: Readonly<Record<string, readonly string[]>> };
  /** `asked` = the first class asked for, unspecified where none was. */
  classRef: string;
  /** Seconds since the epoch; null = the moment of the request. */
  authnInstant: number | null;
  sessionIndex: string | null;
  /** A second-level status instead of an assertion. */
  status: string | null;
  /** To whom the assertion is encrypted, after it was signed; null = it is not. */
  encrypts: Encryption | null;
  /** What is signed. */
  signs: { response: boolean; assertion: boolean };
  signer: Pair;
  /** `prefixes`: namespaces that are signed though nothing visible uses them (Exclusive XML Canonicalization, 2.1). */
  algorithms: { signature: string; digest: string; prefixes?: readonly string[] };
  /** The last word on the assertion before it is signed; it has no signature yet. */
  beforeSigning: (assertion: string) => string;
  /** The last word on the response before it is signed; its assertion is signed already. */
  response: (xml: string) => string;
  /** The last word on the whole, after everything is signed. */
  afterSigning: (xml: string) => string;
}

/** What the page of the provider posts. */
export interface Posted {
  readonly acs: string;
  readonly form: { readonly SAMLResponse: string; readonly RelayState: string };
  /** The request as it came. */
  readonly request: string;
}

export interface FakeIdp {
  readonly origin: string;
  readonly entityId: string;
  readonly pair: Pair;
  readonly metadata: string;
  readonly script: FakeIdpScript;
  /** AuthnRequests so far, as XML. */
  readonly requests: readonly string[];
  /** What a browser that opens this address would post, and where to. */
  visit(url: string): Promise<Posted>;
  stop(): Promise<void>;
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified';

/** A key and a certificate of its own, by openssl. */
export function makePair(name: string): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-idp-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '30', '-subj', `/CN=${name}`];
    execFileSync('openssl', [...options, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function startFakeIdp(script: Partial<FakeIdpScript> = {}): Promise<FakeIdp> {
  const pair = makePair('fake-idp');
  const requests: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    if (!incoming.url?.startsWith('/sso')) {
      outgoing.writeHead(200, { 'content-type': 'application/samlmetadata+xml' });
      outgoing.end(idp.metadata);
      return;
    }
    const { acs, form } = answer(await fieldsOf(incoming));
    const inputs = Object.entries(form).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    outgoing.writeHead(200, { 'content-type': 'text/html' });
    outgoing.end(`<form method="post" action="${acs}">${inputs.join('')}<button id="go">Sign in</button></form>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entityId = `${origin}/idp`;

  function answer(fields: URLSearchParams): Posted {
    const deflated = Buffer.from(fields.get('SAMLRequest') ?? '', 'base64');
    const request = fields.has('posted') ? deflated.toString() : inflateRawSync(deflated).toString();
    requests.push(request);
    const acs = attributeOf(request, 'AssertionConsumerServiceURL');
    const xml = responseTo(request, acs, entityId, idp.script);
    const form = { SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: fields.get('RelayState') ?? '' };
    return { acs, form, request };
  }

  const idp: FakeIdp = {
    origin,
    entityId,
    pair,
    metadata: metadataOf(entityId, origin, [pair.certificate]),
    script: {
      person: { nameId: 'alice' },
      classRef: 'asked',
      authnInstant: null,
      sessionIndex: '_session-1',
      status: null,
      encrypts: null,
      signs: { response: true, assertion: true },
      signer: pair,
      algorithms: { signature: RSA_SHA256, digest: SHA256 },
      beforeSigning: (xml) => xml,
      response: (xml) => xml,
      afterSigning: (xml) => xml,
      ...script,
    },
    requests,
    visit: async (url) => answer(new URL(url).searchParams),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return idp;
}

/** Metadata of an identity provider with these signing certificates. */
export function metadataOf(entityId: string, origin: string, certificates: readonly string[], more = ''): string {
  const keys = certificates.map(
    (certificate) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"${more}><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${origin}/slo"/><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${origin}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
}

async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== 'POST') return new URL(request.url ?? '', 'http://idp').searchParams;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const fields = new URLSearchParams(Buffer.concat(chunks).toString());
  fields.set('posted', 'yes');
  return fields;
}

const attributeOf = (xml: string, name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(xml)?.[1] ?? '';

const newId = (): string => `_${randomBytes(16).toString('hex')}`;
/** A moment as SAML writes it. */
export const instant = (seconds: number): string => new Date(seconds * 1000).toISOString();

function responseTo(request: string, acs: string, entityId: string, script: FakeIdpScript): string {
  const now = Date.now() / 1000;
  const inResponseTo = attributeOf(request, 'ID');
  const assertion = script.status === null ? assertionFor(request, { acs, inResponseTo, entityId, now }, script) : '';
  const status =
    script.status === null
      ? '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
      : `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="${script.status}"/></samlp:StatusCode>`;
  const xml = script.response(
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" Version="2.0" IssueInstant="${instant(now)}" Destination="${acs}" InResponseTo="${inResponseTo}"><saml:Issuer>${entityId}</saml:Issuer><samlp:Status>${status}</samlp:Status>${assertion}</samlp:Response>`,
  );
  return script.afterSigning(script.signs.response ? signed(xml, 'Response', script) : xml);
}

interface About {
  readonly acs: string;
  readonly inResponseTo: string;
  readonly entityId: string;
  readonly now: number;
}

function assertionFor(request: string, { acs, inResponseTo, entityId, now }: About, script: FakeIdpScript): string {
  const { nameId, format = PERSISTENT, attributes = {} } = script.person;
  const audience = /Issuer[^>]*>([^<]*)</.exec(request)?.[1] ?? '';
  const asked = /AuthnContextClassRef[^>]*>([^<]*)</.exec(request)?.[1] ?? UNSPECIFIED;
  const classRef = script.classRef === 'asked' ? asked : script.classRef;
  const until = instant(now + 300);
  const session = script.sessionIndex === null ? '' : ` SessionIndex="${script.sessionIndex}"`;
  const statement = Object.entries(attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
  );
  const xml = script.beforeSigning(
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" Version="2.0" IssueInstant="${instant(now)}"><saml:Issuer>${entityId}</saml:Issuer><saml:Subject><saml:NameID${format === null ? '' : ` Format="${format}"`}>${nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${acs}" InResponseTo="${inResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${instant(now - 30)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${instant(script.authnInstant ?? now)}"${session}><saml:AuthnContext><saml:AuthnContextClassRef>${classRef}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${statement.length === 0 ? '' : `<saml:AttributeStatement>${statement.join('')}</saml:AttributeStatement>`}</saml:Assertion>`,
  );
  const assertion = script.signs.assertion ? signed(xml, 'Assertion', script) : xml;
  return script.encrypts === null ? assertion : encrypted(assertion, script.encrypts);
}

/** Signs the outermost element of that name, as the schema wants it: behind its Issuer. */
export function signed(
  xml: string,
  name: 'Response' | 'Assertion' | 'LogoutRequest' | 'LogoutResponse',
  script: Pick<FakeIdpScript, 'signer' | 'algorithms'>,
): string {
  const signature = new SignedXml({
    privateKey: script.signer.key,
    publicCert: script.signer.certificate,
    signatureAlgorithm: script.algorithms.signature,
    canonicalizationAlgorithm: EXC_C14N,
  });
  signature.addReference({
    xpath: `/*[local-name(.)='${name}']`,
    transforms: [ENVELOPED, EXC_C14N],
    digestAlgorithm: script.algorithms.digest,
    inclusiveNamespacesPrefixList: [...(script.algorithms.prefixes ?? [])],
  });
  signature.computeSignature(xml, {
    location: { reference: `/*[local-name(.)='${name}']/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}
