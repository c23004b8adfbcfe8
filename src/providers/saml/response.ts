import { isUtf8 } from 'node:buffer';
import type { StepUpFailure } from '../../errors.ts';
import type { Failed } from '../../ports.ts';
import { failed } from '../failure.ts';
import { unknownAlgorithm } from './algorithms.ts';
import { NS, STATUS } from './names.ts';
import { attribute, childrenOf, countAnywhere, type Element, onlyChild, readXml, textOf } from './xml.ts';

/** Characters of a SAMLResponse, at most: no identity provider writes more about a person. */
export const LONGEST_RESPONSE = 256 * 1024;

/** What a response says of itself, before anybody has verified a signature. */
export interface Envelope {
  readonly root: Element;
  /** The request it answers. */
  readonly inResponseTo: string;
  readonly isEncrypted: boolean;
}

/** What a response has to fit, known before it came. */
export interface Expected {
  /** entityID of the provider. */
  readonly issuer: string;
  /** The assertion consumer service that it was posted to. */
  readonly acs: string;
  readonly allowLegacyCbc: boolean;
}

/** A provider that says why it has no assertion; which of our requests it says it about. Nobody has verified it. */
export interface Refusal {
  readonly refusal: Failed;
  readonly inResponseTo: string | null;
}

/**
 * Reads a `SAMLResponse` (Bindings 3.5.4) as far as no signature is needed: cheap, and strict, so that what goes on to be
 * verified has exactly one assertion at the one place where it may be.
 */
export function readResponse(field: string, expected: Expected): Envelope | Refusal {
  const root = decode(field);
  if (typeof root === 'string') return invalid(root);
  if (root.namespaceURI !== NS.protocol || root.localName !== 'Response') return invalid('not a Response');
  if (attribute(root, 'Version') !== '2.0') return invalid('Version');
  const inResponseTo = attribute(root, 'InResponseTo');
  // Unsolicited: nobody here asked for it, so it says nothing about a trip of anybody's.
  if (inResponseTo === null || inResponseTo === '') return invalid('InResponseTo');
  const issuer = onlyChild(root, NS.assertion, 'Issuer');
  if (issuer === null || textOf(issuer) !== expected.issuer) return invalid('Issuer', inResponseTo);
  if (attribute(root, 'Destination') !== expected.acs) return invalid('Destination', inResponseTo);
  const status = statusOf(root);
  if (status !== null) return { refusal: status, inResponseTo };
  const algorithm = unknownAlgorithm(root, expected.allowLegacyCbc);
  if (algorithm !== null) return invalid(`algorithm of ${algorithm}`, inResponseTo);
  const plain = childrenOf(root, NS.assertion, 'Assertion').length;
  const encrypted = childrenOf(root, NS.assertion, 'EncryptedAssertion').length;
  const anywhere =
    countAnywhere(root, NS.assertion, 'Assertion') + countAnywhere(root, NS.assertion, 'EncryptedAssertion');
  if (plain + encrypted !== 1 || anywhere !== 1) return invalid('assertions', inResponseTo);
  return { root, inResponseTo, isEncrypted: encrypted === 1 };
}

function decode(field: string): Element | string {
  if (field.length > LONGEST_RESPONSE) return 'size';
  const base64 = field.replace(/[\r\n\t ]/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return 'base64';
  const bytes = Buffer.from(base64, 'base64');
  if (!isUtf8(bytes)) return 'UTF-8';
  return readXml(bytes.toString('utf8')) ?? 'XML';
}

/** What a second-level status means to the person (Core 3.2.2.2); of the rest the provider has a problem. */
const REFUSED: ReadonlyMap<string, StepUpFailure> = new Map([
  [STATUS.noAuthnContext, 'level_not_met'],
  [STATUS.authnFailed, 'access_denied'],
  [STATUS.requestDenied, 'access_denied'],
]);

/** Why there is no assertion; null where the status is Success. */
function statusOf(root: Element): Failed | null {
  const status = onlyChild(root, NS.protocol, 'Status');
  const code = status && onlyChild(status, NS.protocol, 'StatusCode');
  if (code === null) return failed('invalid_response', 'check failed: Status');
  const value = attribute(code, 'Value');
  if (value === STATUS.success) return null;
  const second = onlyChild(code, NS.protocol, 'StatusCode');
  const why = second === null ? null : attribute(second, 'Value');
  const failure = REFUSED.get(why ?? '');
  const word = [...Object.entries(STATUS)].find(([, uri]) => uri === why)?.[0] ?? 'another status';
  return failed(failure ?? 'provider_error', `provider answered ${word}`);
}

const invalid = (check: string, inResponseTo: string | null = null): Refusal => ({
  refusal: failed('invalid_response', `check failed: ${check}`),
  inResponseTo,
});
