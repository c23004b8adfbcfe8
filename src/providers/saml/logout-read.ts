import type { SamlProviderConfig } from '../../config/world.ts';
import type { LogoutOutcome } from '../../core/single-logout.ts';
import type { Seconds } from '../../core/time.ts';
import { NS, STATUS } from '../../saml/names.ts';
import { isId } from '../../saml/signature.ts';
import {
  attribute,
  childrenOf,
  type Element,
  elementsIn,
  exactTextOf,
  isEntity,
  isNamed,
  onlyChild,
  readInstant,
  readXml,
  textOf,
} from '../../saml/xml.ts';
import type { NameId } from './assertion.ts';
import { openSealed, readSealed } from './decrypt.ts';
import type { Signed } from './logout-signed.ts';

/** What a message about signing out has to fit. */
export interface ExpectedLogout {
  /** entityID of the provider. */
  readonly issuer: string;
  /** Our single logout service that it came to. */
  readonly slo: string;
  readonly now: Seconds;
  readonly config: Pick<SamlProviderConfig, 'clockTolerance' | 'decrypt' | 'allowLegacyEncryptionCbc'>;
}

/** How long a message is taken after it was made: people are on their way with it, for no longer than that. */
export const LOGOUT_WINDOW: Seconds = 300;

/** What a LogoutRequest (Core 3.7.1) says. */
export interface RequestFacts {
  readonly id: string;
  readonly nameId: NameId;
  /** None: all sessions of that name. */
  readonly sessionIndexes: readonly string[];
  /** From then on nobody takes it. */
  readonly expires: Seconds;
}

/** Reads a LogoutRequest whose sender is known, or says which check failed. */
export function readLogoutRequest({ root }: Signed, expected: ExpectedLogout): RequestFacts | string {
  const envelope = readEnvelope(root, 'LogoutRequest', expected);
  if (typeof envelope === 'string') return envelope;
  const { now, config } = expected;
  const until = attribute(root, 'NotOnOrAfter');
  const notOnOrAfter = until === null ? null : readInstant(until);
  if (until !== null && (notOnOrAfter === null || notOnOrAfter + config.clockTolerance <= now)) return 'NotOnOrAfter';
  const nameId = readName(root, config);
  if (nameId === null) return 'NameID';
  const indexes = childrenOf(root, NS.protocol, 'SessionIndex').map(textOf);
  const sessionIndexes = indexes.flatMap((index) => index || []);
  if (sessionIndexes.length < indexes.length) return 'SessionIndex';
  return { ...envelope, nameId, sessionIndexes };
}

/** What a LogoutResponse (Core 3.7.2) says. */
export interface ResponseFacts {
  readonly inResponseTo: string;
  readonly outcome: LogoutOutcome;
}

/** Reads a LogoutResponse whose sender is known, or says which check failed. */
export function readLogoutResponse({ root }: Signed, expected: ExpectedLogout): ResponseFacts | string {
  const envelope = readEnvelope(root, 'LogoutResponse', expected);
  if (typeof envelope === 'string') return envelope;
  const inResponseTo = attribute(root, 'InResponseTo');
  if (!isId(inResponseTo)) return 'InResponseTo';
  const status = onlyChild(root, NS.protocol, 'Status');
  const code = status && onlyChild(status, NS.protocol, 'StatusCode');
  const second = code && elementsIn(code)[0];
  if (code === null || attribute(code, 'Value') !== STATUS.success) return { inResponseTo, outcome: 'unknown' };
  return { inResponseTo, outcome: second ? 'partly' : 'everywhere' };
}

/** What both kinds have in common (Core 3.2.1, 3.2.2): from whom, to whom, and when. */
function readEnvelope(
  root: Element,
  name: 'LogoutRequest' | 'LogoutResponse',
  { issuer, slo, now, config }: ExpectedLogout,
): { readonly id: string; readonly expires: Seconds } | string {
  if (!isNamed(root, NS.protocol, name)) return `not a ${name}`;
  if (attribute(root, 'Version') !== '2.0') return 'Version';
  const id = attribute(root, 'ID');
  if (!isId(id)) return 'ID';
  if (!isEntity(onlyChild(root, NS.assertion, 'Issuer'), issuer)) return 'Issuer';
  // A message that is signed and travels through a browser says whom it is for (Bindings 3.4.5.2, 3.5.5.2).
  if (attribute(root, 'Destination') !== slo) return 'Destination';
  const issued = readInstant(attribute(root, 'IssueInstant'));
  if (issued === null || issued > now + config.clockTolerance) return 'IssueInstant';
  const expires = issued + LOGOUT_WINDOW + config.clockTolerance;
  return expires <= now ? 'IssueInstant' : { id, expires };
}

/** The one name that a request is about, opened where it is encrypted (Core 2.2.4); null for anything else. */
function readName(root: Element, config: ExpectedLogout['config']): NameId | null {
  const names = elementsIn(root).filter(
    (one) => one.namespaceURI === NS.assertion && ['NameID', 'EncryptedID', 'BaseID'].includes(one.localName ?? ''),
  );
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) return null;
  const plain = name.localName === 'EncryptedID' ? decrypted(name, config) : name;
  if (plain === null || !isNamed(plain, NS.assertion, 'NameID')) return null;
  const value = exactTextOf(plain);
  if (value === null || value.trim() === '') return null;
  return {
    value,
    format: attribute(plain, 'Format'),
    nameQualifier: attribute(plain, 'NameQualifier'),
    spNameQualifier: attribute(plain, 'SPNameQualifier'),
  };
}

/** It is known by now who encrypted it, so what fails here tells nobody anything. */
function decrypted(element: Element, { decrypt, allowLegacyEncryptionCbc }: ExpectedLogout['config']): Element | null {
  const sealed = decrypt === null ? null : readSealed(element);
  if (decrypt === null || sealed === null || !(sealed.cipher.authenticates || allowLegacyEncryptionCbc)) return null;
  const keys = [decrypt.current, decrypt.next].flatMap((pair) => pair?.key ?? []);
  const xml = openSealed(sealed, keys);
  return xml === null ? null : readXml(xml.replace(/\r\n?/g, '\n'));
}
