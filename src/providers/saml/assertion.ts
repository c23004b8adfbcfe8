import type { Seconds } from '../../core/time.ts';
import { BEARER, NS } from './names.ts';
import { attribute, childrenOf, type Element, onlyChild, readInstant, textOf } from './xml.ts';

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
  /** Name -> values that are text. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
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
  const { issuer, now, clockTolerance } = asked;
  if (root.namespaceURI !== NS.assertion || root.localName !== 'Assertion') return 'not an Assertion';
  if (attribute(root, 'Version') !== '2.0') return 'Version';
  const id = attribute(root, 'ID');
  if (id === null || id === '') return 'ID';
  const issueInstant = readInstant(attribute(root, 'IssueInstant'));
  if (issueInstant === null || issueInstant > now + clockTolerance) return 'IssueInstant';
  if (textOf(onlyChild(root, NS.assertion, 'Issuer')) !== issuer) return 'Issuer';
  const confirmed = readSubject(root, asked);
  if (typeof confirmed === 'string') return confirmed;
  const conditions = checkConditions(root, asked);
  if (conditions !== null) return conditions;
  const statement = readStatement(root, asked, issueInstant);
  if (typeof statement === 'string') return statement;
  return { id, issueInstant, ...confirmed, ...statement, attributes: readAttributes(root) };
}

function readSubject(root: Element, asked: Asked): Pick<AssertionFacts, 'nameId' | 'notOnOrAfter'> | string {
  const subject = onlyChild(root, NS.assertion, 'Subject');
  if (subject === null) return 'Subject';
  const name = onlyChild(subject, NS.assertion, 'NameID');
  const value = textOf(name);
  if (childrenOf(subject, NS.assertion, 'NameID').length > 1 || (name !== null && !value)) return 'NameID';
  // One confirmation, so that nobody has to ask which of them it is that holds.
  const confirmation = onlyChild(subject, NS.assertion, 'SubjectConfirmation');
  if (confirmation === null || attribute(confirmation, 'Method') !== BEARER) return 'SubjectConfirmation Method';
  const data = onlyChild(confirmation, NS.assertion, 'SubjectConfirmationData');
  if (data === null) return 'SubjectConfirmationData';
  if (attribute(data, 'Recipient') !== asked.acs) return 'Recipient';
  if (attribute(data, 'InResponseTo') !== asked.inResponseTo) return 'InResponseTo of the confirmation';
  if (attribute(data, 'NotBefore') !== null) return 'NotBefore of the confirmation';
  const notOnOrAfter = readInstant(attribute(data, 'NotOnOrAfter'));
  if (notOnOrAfter === null || asked.now >= notOnOrAfter + asked.clockTolerance) return 'NotOnOrAfter';
  const nameId =
    name === null || value === null
      ? null
      : {
          value,
          format: attribute(name, 'Format'),
          nameQualifier: attribute(name, 'NameQualifier'),
          spNameQualifier: attribute(name, 'SPNameQualifier'),
        };
  return { nameId, notOnOrAfter: notOnOrAfter + asked.clockTolerance };
}

/** Conditions (Core 2.5): one window in time, and an audience that is us. What it says beyond that nobody here can keep. */
function checkConditions(root: Element, { audience, now, clockTolerance }: Asked): string | null {
  const conditions = onlyChild(root, NS.assertion, 'Conditions');
  if (conditions === null) return 'Conditions';
  const notBefore = attribute(conditions, 'NotBefore');
  const from = readInstant(notBefore);
  if (notBefore !== null && (from === null || from > now + clockTolerance)) return 'NotBefore';
  const notOnOrAfter = attribute(conditions, 'NotOnOrAfter');
  const until = readInstant(notOnOrAfter);
  if (notOnOrAfter !== null && (until === null || now >= until + clockTolerance)) return 'NotOnOrAfter of Conditions';
  const restrictions = childrenOf(conditions, NS.assertion, 'AudienceRestriction');
  const isOurs = (restriction: Element): boolean =>
    childrenOf(restriction, NS.assertion, 'Audience').some((one) => textOf(one) === audience);
  if (restrictions.length === 0 || !restrictions.every(isOurs)) return 'Audience';
  const known = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);
  for (let child = conditions.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 1 && !known.has((child as Element).localName ?? '')) return 'Condition';
  }
  return null;
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
  const refs = childrenOf(context, NS.assertion, 'AuthnContextClassRef');
  if (refs.length > 1) return 'AuthnContextClassRef';
  const classRef = textOf(refs[0] ?? null) || null;
  return { classRef, authnInstant, sessionIndex: attribute(statement, 'SessionIndex') || null, sessionNotOnOrAfter };
}

function readAttributes(root: Element): ReadonlyMap<string, readonly string[]> {
  const attributes = new Map<string, readonly string[]>();
  for (const statement of childrenOf(root, NS.assertion, 'AttributeStatement')) {
    for (const element of childrenOf(statement, NS.assertion, 'Attribute')) {
      const name = attribute(element, 'Name');
      if (name === null) continue;
      const values = childrenOf(element, NS.assertion, 'AttributeValue').flatMap((value) => textOf(value) ?? []);
      attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  }
  return attributes;
}
