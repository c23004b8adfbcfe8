import type { Seconds } from '../../core/time.ts';
import { BEARER, NS } from '../../saml/names.ts';
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
  textOf,
} from '../../saml/xml.ts';

/** What an assertion has to fit. */
export interface Asked {
  readonly issuer: string;
  /** Our entityID: the audience. */
  readonly audience: string;
  readonly acs: string;
  readonly inResponseTo: string;
  readonly now: Seconds;
  readonly clockTolerance: Seconds;
}

/** The name of a person, by all that makes it one (Core 2.2.2). */
export interface NameId {
  readonly value: string;
  readonly format: string | null;
  readonly nameQualifier: string | null;
  readonly spNameQualifier: string | null;
}

/** What a signed assertion says, once everything about it fits. */
export interface AssertionFacts {
  readonly id: string;
  /** When it may be forgotten: nobody takes it any more. */
  readonly notOnOrAfter: Seconds;
  readonly nameId: NameId | null;
  /** Name -> values; null where one of them is no text, and nobody could say what was left out. */
  readonly attributes: ReadonlyMap<string, readonly string[] | null>;
  readonly classRef: string | null;
  readonly issueInstant: Seconds;
  readonly authnInstant: Seconds;
  readonly sessionIndex: string | null;
  /** When the session must be over; null where the provider does not say. */
  readonly sessionNotOnOrAfter: Seconds | null;
}

/**
 * Reads a signed assertion (Core 2.3.3) and checks it as the web browser profile wants it checked (Profiles 4.1.4.3). The
 * library has verified who signed it, and next to nothing of what is said here.
 *
 * @returns the facts, or the check that failed
 */
export function readAssertion(root: Element, asked: Asked): AssertionFacts | string {
  const { issuer } = asked;
  if (!isNamed(root, NS.assertion, 'Assertion')) return 'not an Assertion';
  if (attribute(root, 'Version') !== '2.0') return 'Version';
  const id = attribute(root, 'ID');
  if (!isId(id)) return 'ID';
  const issueInstant = readInstant(attribute(root, 'IssueInstant'));
  if (issueInstant === null) return 'IssueInstant';
  if (!isEntity(onlyChild(root, NS.assertion, 'Issuer'), issuer)) return 'Issuer of the assertion';
  const confirmed = readSubject(root, asked);
  if (typeof confirmed === 'string') return confirmed;
  const conditions = checkConditions(root, asked, issueInstant);
  if (conditions !== null) return conditions;
  const statement = readStatement(root, asked, issueInstant);
  if (typeof statement === 'string') return statement;
  return { id, issueInstant, ...confirmed, ...statement, attributes: readAttributes(root) };
}

function readSubject(root: Element, asked: Asked): Pick<AssertionFacts, 'nameId' | 'notOnOrAfter'> | string {
  const subject = onlyChild(root, NS.assertion, 'Subject');
  if (subject === null) return 'Subject';
  const [confirmation, ...confirmations] = childrenOf(subject, NS.assertion, 'SubjectConfirmation');
  const [name = null, ...names] = elementsIn(subject).filter((one) => one !== confirmation);
  // One confirmation, so that nobody has to ask which of them it is that holds; and no other name than a plain one.
  if (confirmation === undefined || confirmations.length > 0) return 'SubjectConfirmation';
  if (names.length > 0 || (name !== null && !isNamed(name, NS.assertion, 'NameID'))) return 'NameID';
  const value = exactTextOf(name);
  if (name !== null && (value === null || value.trim() === '')) return 'NameID';
  if (attribute(confirmation, 'Method') !== BEARER) return 'Method';
  const [data, ...others] = elementsIn(confirmation);
  if (data === undefined || others.length > 0 || !isNamed(data, NS.assertion, 'SubjectConfirmationData')) {
    return 'SubjectConfirmationData';
  }
  const notOnOrAfter = confirmedUntil(data, asked);
  if (typeof notOnOrAfter === 'string') return notOnOrAfter;
  const nameId =
    name === null || value === null
      ? null
      : {
          value,
          format: attribute(name, 'Format'),
          nameQualifier: attribute(name, 'NameQualifier'),
          spNameQualifier: attribute(name, 'SPNameQualifier'),
        };
  return { nameId, notOnOrAfter };
}

/** That whoever brings the assertion is the person it is about: here, now, and in answer to our request. */
function confirmedUntil(data: Element, { acs, inResponseTo, now, clockTolerance }: Asked): Seconds | string {
  if (attribute(data, 'Recipient') !== acs) return 'Recipient';
  if (attribute(data, 'InResponseTo') !== inResponseTo) return 'InResponseTo of the confirmation';
  if (attribute(data, 'NotBefore') !== null) return 'NotBefore of the confirmation';
  const notOnOrAfter = readInstant(attribute(data, 'NotOnOrAfter'));
  if (notOnOrAfter === null || now >= notOnOrAfter + clockTolerance) return 'NotOnOrAfter';
  return notOnOrAfter + clockTolerance;
}

/** Conditions that are known (Core 2.5.1). Who sets another one does not want the assertion to be used without it. */
const KNOWN_CONDITIONS: ReadonlySet<string> = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);

/** Conditions (Core 2.5): a window in time, and each audience one that we are of. */
function checkConditions(
  root: Element,
  { audience, now, clockTolerance }: Asked,
  issueInstant: Seconds,
): string | null {
  const conditions = onlyChild(root, NS.assertion, 'Conditions');
  if (conditions === null) return 'Conditions';
  const notBefore = attribute(conditions, 'NotBefore');
  // Where nobody says from when on it holds, it is from when on it is there.
  const from = notBefore === null ? issueInstant : readInstant(notBefore);
  if (from === null || from > now + clockTolerance) return 'NotBefore';
  const notOnOrAfter = attribute(conditions, 'NotOnOrAfter');
  const until = readInstant(notOnOrAfter);
  if (notOnOrAfter !== null && (until === null || now >= until + clockTolerance)) return 'NotOnOrAfter of Conditions';
  const isKnown = (one: Element): boolean =>
    one.namespaceURI === NS.assertion && KNOWN_CONDITIONS.has(one.localName ?? '');
  if (!elementsIn(conditions).every(isKnown)) return 'Condition';
  const restrictions = childrenOf(conditions, NS.assertion, 'AudienceRestriction');
  const isOurs = (restriction: Element): boolean =>
    childrenOf(restriction, NS.assertion, 'Audience').some((one) => textOf(one) === audience);
  return restrictions.length > 0 && restrictions.every(isOurs) ? null : 'Audience';
}

type Statement = Pick<AssertionFacts, 'classRef' | 'authnInstant' | 'sessionIndex' | 'sessionNotOnOrAfter'>;

/** Exactly one authentication (Core 2.7.2): of two, nobody could say which of them the person did just now. */
function readStatement(root: Element, { now, clockTolerance }: Asked, issueInstant: Seconds): Statement | string {
  const statement = onlyChild(root, NS.assertion, 'AuthnStatement');
  if (statement === null) return 'AuthnStatement';
  const authnInstant = readInstant(attribute(statement, 'AuthnInstant'));
  if (authnInstant === null) return 'AuthnInstant';
  if (authnInstant > issueInstant + clockTolerance) return 'AuthnInstant in the future';
  const ends = attribute(statement, 'SessionNotOnOrAfter');
  const sessionNotOnOrAfter = readInstant(ends);
  if (ends !== null && (sessionNotOnOrAfter === null || sessionNotOnOrAfter <= now)) return 'SessionNotOnOrAfter';
  const context = onlyChild(statement, NS.assertion, 'AuthnContext');
  if (context === null) return 'AuthnContext';
  const [ref = null, ...refs] = childrenOf(context, NS.assertion, 'AuthnContextClassRef');
  const text = textOf(ref);
  if (refs.length > 0 || (ref !== null && text === null)) return 'AuthnContextClassRef';
  // A context that is declared instead of named is none that anybody here knows.
  const classRef = text || null;
  return { classRef, authnInstant, sessionIndex: attribute(statement, 'SessionIndex') || null, sessionNotOnOrAfter };
}

function readAttributes(root: Element): AssertionFacts['attributes'] {
  const attributes = new Map<string, readonly string[] | null>();
  for (const statement of childrenOf(root, NS.assertion, 'AttributeStatement')) {
    for (const element of childrenOf(statement, NS.assertion, 'Attribute')) {
      const name = attribute(element, 'Name');
      if (name === null) continue;
      const before = attributes.get(name);
      const values = childrenOf(element, NS.assertion, 'AttributeValue').map(exactTextOf);
      const all = before === null ? [null] : [...(before ?? []), ...values];
      attributes.set(name, all.every((value) => value !== null) ? all : null);
    }
  }
  return attributes;
}
