import { SignedXml } from 'xml-crypto';
import { ENVELOPED, EXCLUSIVE } from '../../saml/algorithms.ts';
import { BEARER, NS, STATUS } from '../../saml/names.ts';
import { type Html, html } from '../html.ts';
import type { DemoPerson } from '../people.ts';
import type { AuthnRequest } from './authn-request.ts';
import type { KeyPair } from './certificate.ts';
import { classOf } from './classes.ts';
import { instant, newId } from './message.ts';
import type { IdpSession } from './sessions.ts';

/** Who answers. */
export interface Answerer {
  readonly origin: string;
  readonly entityId: string;
  readonly pair: KeyPair;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long a browser may take from here to the service. */
const VALID_MS = 2 * 60_000;
/** How far the service's clock may be behind. */
const SKEW_MS = 30_000;

export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

/** The answer that somebody is signed in (Profiles 4.1.4.2): a signed Response around a signed Assertion. */
export function successResponse(idp: Answerer, request: AuthnRequest, session: IdpSession): string {
  const status = html`<samlp:StatusCode Value="${STATUS.success}"/>`;
  const assertion = signed('Assertion', assertionOf(idp, request, session).markup, idp.pair);
  return responseWith(idp, request, status, { markup: assertion });
}

/**
 * The answer that nobody is.
 *
 * @param why - a status of the second level (Core 3.2.2.2)
 */
export function failureResponse(idp: Answerer, request: AuthnRequest, why: string): string {
  const status = html`<samlp:StatusCode Value="${STATUS.responder}"><samlp:StatusCode Value="${why}"/></samlp:StatusCode>`;
  return responseWith(idp, request, status, null);
}

function responseWith({ entityId, pair, now }: Answerer, request: AuthnRequest, status: Html, assertion: Html | null) {
  const { id, acs } = request;
  const response = html`<samlp:Response xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${newId()}" Version="2.0" IssueInstant="${instant(now())}" Destination="${acs}" InResponseTo="${id}">
<saml:Issuer>${entityId}</saml:Issuer>
<samlp:Status>${status}</samlp:Status>
${assertion}
</samlp:Response>`;
  return signed('Response', response.markup, pair);
}

function assertionOf({ entityId, now }: Answerer, { id, acs, service }: AuthnRequest, session: IdpSession): Html {
  const { person, acr, at, index, expires } = session;
  const until = instant(now() + VALID_MS);
  return html`<saml:Assertion xmlns:saml="${NS.assertion}" ID="${newId()}" Version="2.0" IssueInstant="${instant(now())}">
<saml:Issuer>${entityId}</saml:Issuer>
<saml:Subject>
<saml:NameID Format="${PERSISTENT}">${person.username}</saml:NameID>
<saml:SubjectConfirmation Method="${BEARER}">
<saml:SubjectConfirmationData Recipient="${acs}" InResponseTo="${id}" NotOnOrAfter="${until}"/>
</saml:SubjectConfirmation>
</saml:Subject>
<saml:Conditions NotBefore="${instant(now() - SKEW_MS)}" NotOnOrAfter="${until}">
<saml:AudienceRestriction><saml:Audience>${service.entityId}</saml:Audience></saml:AudienceRestriction>
</saml:Conditions>
<saml:AuthnStatement AuthnInstant="${instant(at)}" SessionIndex="${index}" SessionNotOnOrAfter="${instant(expires)}">
<saml:AuthnContext><saml:AuthnContextClassRef>${classOf(acr)}</saml:AuthnContextClassRef></saml:AuthnContext>
</saml:AuthnStatement>
<saml:AttributeStatement>
${attributesOf(person)}</saml:AttributeStatement>
</saml:Assertion>`;
}

/** What services are told of a person beside the name. */
const ATTRIBUTES = ['displayName', 'mail', 'groups'] as const;

function attributesOf(person: DemoPerson): readonly Html[] {
  const values: Readonly<Record<(typeof ATTRIBUTES)[number], readonly string[]>> = {
    displayName: [person.name],
    mail: [person.email],
    groups: person.groups,
  };
  return ATTRIBUTES.map((name) => {
    const each = values[name].map((value) => html`<saml:AttributeValue>${value}</saml:AttributeValue>`);
    return html`<saml:Attribute Name="${name}">${each}</saml:Attribute>\n`;
  });
}

/** Signs the outermost element, right behind its Issuer, where the schema wants the signature (Core 5.4). */
function signed(name: 'Assertion' | 'Response', xml: string, { key, certificate }: KeyPair): string {
  const root = `/*[local-name(.)='${name}']`;
  const signature = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  const digestAlgorithm = `${NS.encryption}sha256`;
  signature.addReference({ xpath: root, transforms: [ENVELOPED, EXCLUSIVE], digestAlgorithm });
  signature.computeSignature(xml, {
    location: { reference: `${root}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}
