import { isUtf8 } from 'node:buffer';
import type { StepUpFailure } from '../../errors.ts';
import type { Refused } from '../../ports.ts';
import { NS, STATUS } from '../../saml/names.ts';
import { isId } from '../../saml/signature.ts';
import {
  attribute,
  childrenOf,
  type Element,
  elementsIn,
  everyElement,
  isEntity,
  isNamed,
  onlyChild,
  readXml,
} from '../../saml/xml.ts';

/** Characters of a SAMLResponse, at most: no identity provider writes more about a person. */
export const LONGEST_RESPONSE = 256 * 1024;

/** A document that came over the wire. */
export interface Document {
  readonly xml: string;
  readonly root: Element;
}

/**
 * Reads the field of a form (Bindings 3.5.4): base64, lines of it maybe, of XML in UTF-8.
 *
 * @returns the check that failed, where it is anything else
 */
export function decodeField(field: string): Document | string {
  if (field.length > LONGEST_RESPONSE) return 'size';
  const base64 = field.replace(/[\r\n\t ]/g, '');
  const bytes = Buffer.from(base64, 'base64');
  // What is not written as it would be written again could be read in two ways.
  if (bytes.length === 0 || bytes.toString('base64') !== base64) return 'base64';
  if (!isUtf8(bytes)) return 'UTF-8';
  // As every reader of XML has to (XML 1.0, 2.11); the library that verifies leaves it to us.
  const xml = bytes.toString('utf8').replace(/\r\n?/g, '\n');
  const root = readXml(xml);
  return root === null ? 'XML' : { xml, root };
}

/** What a response has to fit, known before it came. */
export interface Expected {
  /** entityID of the provider. */
  readonly issuer: string;
  /** The assertion consumer service that it was posted to. */
  readonly acs: string;
}

/** What a response says of itself, whoever signed it. */
export interface Envelope {
  readonly ok: true;
  /** The request it answers. */
  readonly inResponseTo: string;
  /** The one Assertion or EncryptedAssertion. */
  readonly assertion: Element;
  readonly isEncrypted: boolean;
}

/**
 * Reads a Response (Core 3.3.3) as far as no signature is needed: strictly, so that what is verified has exactly one
 * assertion, at the one place where it may be.
 */
export function readResponse(root: Element, expected: Expected): Envelope | Refused {
  if (!isNamed(root, NS.protocol, 'Response')) return refuse('not a Response');
  if (attribute(root, 'Version') !== '2.0') return refuse('Version');
  if (!isId(attribute(root, 'ID'))) return refuse('ID');
  const inResponseTo = attribute(root, 'InResponseTo');
  // Unsolicited: nobody here asked for it, so it says nothing about a trip of anybody's.
  if (inResponseTo === null || inResponseTo === '') return refuse('InResponseTo');
  if (!isEntity(onlyChild(root, NS.assertion, 'Issuer'), expected.issuer)) return refuse('Issuer', inResponseTo);
  if (attribute(root, 'Destination') !== expected.acs) return refuse('Destination', inResponseTo);
  const status = statusOf(root);
  if (status !== null) return { ...status, inResponseTo };
  const anywhere = everyElement(root).filter(isAssertion);
  const [assertion, ...more] = elementsIn(root).filter(isAssertion);
  if (assertion === undefined || more.length > 0 || anywhere.length !== 1) return refuse('assertions', inResponseTo);
  return { ok: true, inResponseTo, assertion, isEncrypted: assertion.localName === 'EncryptedAssertion' };
}

/** An assertion, encrypted or not. */
export const isAssertion = (element: Element): boolean =>
  isNamed(element, NS.assertion, 'Assertion') || isNamed(element, NS.assertion, 'EncryptedAssertion');

/** What a status means to the person (Core 3.2.2.2); of the rest the provider has a problem. */
const REFUSED: ReadonlyMap<string, StepUpFailure> = new Map([
  [STATUS.noAuthnContext, 'level_not_met'],
  [STATUS.authnFailed, 'access_denied'],
  [STATUS.requestDenied, 'access_denied'],
]);

/** Why there is no assertion; null where the status is Success. Nobody has verified it, and it proves nothing. */
function statusOf(root: Element): Omit<Refused, 'inResponseTo'> | null {
  const status = onlyChild(root, NS.protocol, 'Status');
  const codes = status === null ? [] : statusCodes(status);
  const [first, ...below] = codes;
  if (first === undefined) return { ok: false, failure: 'invalid_response', detail: 'check failed: Status' };
  if (first === STATUS.success) {
    // A success that a second code takes back is none.
    return below.length === 0 ? null : { ok: false, failure: 'invalid_response', detail: 'check failed: Status' };
  }
  // The word stands below a code that says whose fault it was; some write it right there.
  const known = codes.find((code) => REFUSED.has(code));
  const [word = 'another status'] = Object.entries(STATUS).find(([, uri]) => uri === known) ?? [];
  return { ok: false, failure: REFUSED.get(known ?? '') ?? 'provider_error', detail: `provider answered ${word}` };
}

/** The codes of a status, each below the one before it. */
function statusCodes(status: Element): readonly string[] {
  const codes: string[] = [];
  for (let at: Element | null = status; at !== null; ) {
    const within: readonly Element[] = childrenOf(at, NS.protocol, 'StatusCode');
    at = within.length === 1 ? (within[0] ?? null) : null;
    const value = at === null ? null : attribute(at, 'Value');
    if (value !== null) codes.push(value);
  }
  return codes;
}

/** A response that is no good. `check` is ours, and says nothing that came over the wire. */
export const refuse = (check: string, inResponseTo: string | null = null): Refused => ({
  ok: false,
  failure: 'invalid_response',
  detail: `check failed: ${check}`,
  inResponseTo,
});
