import type { Seconds } from '../../core/time.ts';
import { escaped } from '../../saml/escaped.ts';
import { NS, STATUS } from '../../saml/names.ts';
import type { NameId } from './assertion.ts';
import { LOGOUT_WINDOW } from './logout-read.ts';

/** What every message of ours says of itself. */
export interface About {
  readonly id: string;
  /** Our entityID. */
  readonly issuer: string;
  /** Where it goes. */
  readonly destination: string;
  readonly now: Seconds;
}

/** A LogoutRequest (Core 3.7.1) for one session of the provider, by the very name and index that it gave us. */
export function logoutRequest(about: About, nameId: NameId, sessionIndex: string | null): string {
  const { value, format, nameQualifier, spNameQualifier } = nameId;
  const qualifiers = { Format: format, NameQualifier: nameQualifier, SPNameQualifier: spNameQualifier };
  const session = sessionIndex === null ? '' : `<samlp:SessionIndex>${escaped(sessionIndex)}</samlp:SessionIndex>`;
  return message(
    'LogoutRequest',
    about,
    { NotOnOrAfter: instant(about.now + LOGOUT_WINDOW), Reason: 'urn:oasis:names:tc:SAML:2.0:logout:user' },
    `<saml:NameID${attributes(qualifiers)}>${escaped(value)}</saml:NameID>${session}`,
  );
}

/** A LogoutResponse (Core 3.7.2). */
export function logoutResponse(about: About, inResponseTo: string, ended: boolean): string {
  const status = escaped(ended ? STATUS.success : STATUS.responder);
  return message(
    'LogoutResponse',
    about,
    { InResponseTo: inResponseTo },
    `<samlp:Status><samlp:StatusCode Value="${status}"/></samlp:Status>`,
  );
}

function message(
  name: 'LogoutRequest' | 'LogoutResponse',
  { id, issuer, destination, now }: About,
  more: Readonly<Record<string, string>>,
  content: string,
): string {
  const head = { ID: id, Version: '2.0', IssueInstant: instant(now), Destination: destination, ...more };
  return `<samlp:${name} xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}"${attributes(head)}><saml:Issuer>${escaped(issuer)}</saml:Issuer>${content}</samlp:${name}>`;
}

const attributes = (of: Readonly<Record<string, string | null>>): string =>
  Object.entries(of)
    .map(([name, value]) => (value === null ? '' : ` ${name}="${escaped(value)}"`))
    .join('');

const instant = (seconds: Seconds): string => new Date(seconds * 1000).toISOString();
