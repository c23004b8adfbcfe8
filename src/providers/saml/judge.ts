import type { Seconds } from '../../core/time.ts';
import type { Refused } from '../../ports.ts';
import { NS } from '../../saml/names.ts';
import { asSigned, checkSignatures, isSame, signatureOf } from '../../saml/signature.ts';
import { type Element, everyElement, isNamed, readXml } from '../../saml/xml.ts';
import { type AssertionFacts, readAssertion } from './assertion.ts';
import { openSealed, readSealed } from './decrypt.ts';
import { type Document, decodeField, isAssertion, readResponse, refuse } from './response.ts';

/** All that it takes to judge a `SAMLResponse`: plain values, so that another thread can do it. */
export interface Question {
  /** The field as it was posted. */
  readonly field: string;
  /** Where it was posted to. */
  readonly acs: string;
  readonly now: Seconds;
  readonly provider: { readonly entityId: string; readonly signingCertificates: readonly string[] };
  readonly own: {
    readonly entityId: string;
    readonly signed: 'response' | 'assertion' | 'both';
    /** Private keys that assertions may be encrypted to, PEM; none = none is taken. */
    readonly keys: readonly string[];
    readonly allowLegacyEncryptionCbc: boolean;
    readonly clockTolerance: Seconds;
  };
}

/** What a response says, once everything about it fits. */
export interface Believed {
  readonly ok: true;
  /** The ID of the request that it answers. */
  readonly inResponseTo: string;
  readonly facts: AssertionFacts;
}

/**
 * Judges a response by the web browser SSO profile (Profiles 4.1.4). In this order: what costs next to nothing, signatures,
 * and what the signed assertion says. From the first signature on nothing is read but what is signed.
 */
export function judgeResponse(question: Question): Believed | Refused {
  try {
    return judge(question);
  } catch {
    return refuse('not expected by any check');
  }
}

function judge(question: Question): Believed | Refused {
  const { acs, now, provider, own } = question;
  const expected = { issuer: provider.entityId, acs };
  const document = decodeField(question.field);
  if (typeof document === 'string') return refuse(document);
  const claimed = readResponse(document.root, expected);
  if (!claimed.ok) return claimed;
  const { inResponseTo } = claimed;
  const wrong = checkSignatures(document.root);
  if (wrong !== null) return refuse(wrong, inResponseTo);

  const isSigned = signatureOf(document.root) !== null;
  if (!isSigned && own.signed !== 'assertion') return refuse('the Response is not signed', inResponseTo);
  const response = isSigned ? asSigned(document.xml, document.root, provider.signingCertificates) : document.root;
  if (response === null) return refuse('signature of the Response', inResponseTo);
  const said = isSigned ? readResponse(response, expected) : claimed;
  if (!said.ok) return said;

  const found = said.isEncrypted ? decrypted(said.assertion, isSigned, own) : { ...document, root: claimed.assertion };
  if (typeof found === 'string') return refuse(found, inResponseTo);
  const assertion = signedAssertion(found, said.isEncrypted ? found.root : said.assertion, isSigned, question);
  if (typeof assertion === 'string') return refuse(assertion, inResponseTo);

  const { entityId: audience, clockTolerance } = own;
  const facts = readAssertion(assertion, {
    ...expected,
    audience,
    inResponseTo: said.inResponseTo,
    now,
    clockTolerance,
  });
  return typeof facts === 'string' ? refuse(facts, inResponseTo) : { ok: true, inResponseTo, facts };
}

/**
 * The document that an EncryptedAssertion holds, or the check that failed. Until it is known who encrypted it, failures
 * must not tell anybody what is in there: without authentication it is opened only where the Response is signed.
 */
function decrypted(element: Element, isSigned: boolean, own: Question['own']): Document | string {
  if (own.keys.length === 0) return 'encrypted';
  const sealed = readSealed(element);
  if (sealed === null) return 'algorithm or shape of encryption';
  if (!sealed.cipher.authenticates && !(own.allowLegacyEncryptionCbc && isSigned)) return 'algorithm of encryption';
  const xml = openSealed(sealed, own.keys)?.replace(/\r\n?/g, '\n');
  const root = xml === undefined ? null : readXml(xml);
  const isOne =
    root !== null && isNamed(root, NS.assertion, 'Assertion') && everyElement(root).filter(isAssertion).length === 1;
  return xml !== undefined && isOne && checkSignatures(root) === null ? { xml, root } : 'encrypted assertion';
}

/**
 * The assertion as it is signed: by its own signature where it has one, or as a part of a Response that is.
 *
 * @param found - where the assertion's own signature is
 * @param within - the assertion as it stands in the Response
 */
function signedAssertion(found: Document, within: Element, isSigned: boolean, question: Question): Element | string {
  if (signatureOf(found.root) === null) {
    return isSigned && question.own.signed === 'response' ? within : 'the Assertion is not signed';
  }
  const signed = asSigned(found.xml, found.root, question.provider.signingCertificates);
  return signed !== null && isSame(signed, within) ? signed : 'signature of the Assertion';
}
