import { SignedXml } from 'xml-crypto';
import { DIGESTS, ENVELOPED, EXCLUSIVE, SIGNATURES, TRANSFORMS, unknownAlgorithm } from './algorithms.ts';
import { NS } from './names.ts';
import { attribute, type Element, elementsIn, everyElement, isNamed, onlyChild, readXml, writeXml } from './xml.ts';

/** What a piece of text is among the children of an element. */
const TEXT_NODE = 3;

/** Elements of a KeyInfo, at most. */
const MOST_KEY_INFO = 64;

/** An ID that can be referenced: an NCName (XML Schema 2, 3.3.8) of ASCII, which nothing can be smuggled in. */
const ID = /^[A-Za-z_][\w.-]{0,255}$/;

/** Whether a text is the ID of a message or an assertion. */
export const isId = (text: string | null): text is string => text !== null && ID.test(text);

/** The signature of an element; null where it has none. */
export const signatureOf = (element: Element): Element | null => onlyChild(element, NS.signature, 'Signature');

/**
 * Looks at all signatures of a document before any of them is verified: a message or an assertion has one at most, right
 * behind its Issuer, about itself as a whole (Core 5.4), by algorithms that are believed, and nothing else has any.
 *
 * @returns the check that failed, or null
 */
export function checkSignatures(root: Element): string | null {
  const algorithm = unknownAlgorithm(root);
  if (algorithm !== null) return `algorithm of ${algorithm}`;
  const ids = new Set<string>();
  for (const element of everyElement(root)) {
    for (const { localName, value } of Array.from(element.attributes)) {
      // In any case and namespace: readers differ in what is an ID to them.
      if (localName?.toLowerCase() !== 'id') continue;
      if (ids.has(value)) return 'an ID twice';
      ids.add(value);
    }
    if (isNamed(element, NS.signature, 'Signature')) {
      const wrong = checkSignature(root, element);
      if (wrong !== null) return wrong;
    }
  }
  return null;
}

function checkSignature(root: Element, signature: Element): string | null {
  const signed = signature.parentNode as Element;
  const isAssertion = isNamed(signed, NS.assertion, 'Assertion') && (signed === root || signed.parentNode === root);
  const [issuer, second] = signed.nodeType === 1 ? elementsIn(signed) : [];
  if (!(signed === root || isAssertion) || second !== signature) return 'place of a signature';
  if (issuer === undefined || !isNamed(issuer, NS.assertion, 'Issuer')) return 'place of a signature';
  if (signatureOf(signed) === null) return 'a second signature';
  return hasShape(signature, attribute(signed, 'ID')) ? null : 'shape of a signature';
}

/** One reference, to the ID of what holds the signature, through the two transforms that SAML knows, and no Object. */
function hasShape(signature: Element, id: string | null): boolean {
  const [info, value, keyInfo, ...more] = elementsIn(signature);
  if (!isId(id) || more.length > 0 || (keyInfo && !isKeyInfo(keyInfo))) return false;
  if (!isLeaf(value, 'SignatureValue')) return false;
  const [canonicalization, method, reference, ...others] = childrenNamed(info, 'SignedInfo');
  if (others.length > 0 || !isLeaf(canonicalization, 'CanonicalizationMethod') || !isLeaf(method, 'SignatureMethod')) {
    return false;
  }
  const [transforms, digest, digestValue, ...rest] = childrenNamed(reference, 'Reference');
  if (rest.length > 0 || !isLeaf(digest, 'DigestMethod') || !isLeaf(digestValue, 'DigestValue')) return false;
  const names = childrenNamed(transforms, 'Transforms').map((one) =>
    isNamed(one, NS.signature, 'Transform') ? attribute(one, 'Algorithm') : null,
  );
  return names.join() === `${ENVELOPED},${EXCLUSIVE}` && reference?.getAttribute('URI') === `#${id}`;
}

/** Nobody reads what is in there, and no signature is about it: it need only be small. */
const isKeyInfo = (element: Element): boolean =>
  isNamed(element, NS.signature, 'KeyInfo') && everyElement(element).length <= MOST_KEY_INFO;

const childrenNamed = (element: Element | undefined, name: string): readonly Element[] =>
  element !== undefined && isNamed(element, NS.signature, name) ? elementsIn(element) : [];

/** Text or nothing: not even a comment, which readers have cut values off at. */
const isLeaf = (element: Element | undefined, name: string): boolean =>
  element !== undefined &&
  isNamed(element, NS.signature, name) &&
  Array.from(element.childNodes).every(({ nodeType }) => nodeType === TEXT_NODE);

/**
 * An element as it is signed: read anew from the very bytes that a signature of one of these certificates is about. Null
 * where it has no such signature. Nothing but what is returned here may be believed: in the document that the element
 * came with, anything may stand beside it.
 *
 * @param xml - the document that the element is of
 * @param mostPieces - as in {@link readXml}
 */
export function asSigned(
  xml: string,
  element: Element,
  certificates: readonly string[],
  mostPieces?: number,
): Element | null {
  const signature = signatureOf(element);
  if (signature === null) return null;
  for (const certificate of certificates) {
    const text = signedText(xml, writeXml(signature), certificate);
    const signed = text === null ? null : readXml(text, mostPieces);
    if (signed !== null) return isSame(signed, element) ? signed : null;
  }
  return null;
}

/** Whether two elements are of one name and have one ID. */
export const isSame = (a: Element, b: Element): boolean =>
  a.namespaceURI === b.namespaceURI && a.localName === b.localName && attribute(a, 'ID') === attribute(b, 'ID');

/** What the library has verified, canonical. It is given the algorithms that are believed, and no key but this one. */
function signedText(xml: string, signature: string, certificate: string): string | null {
  const library = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
  library.SignatureAlgorithms = only(SIGNATURES, library.SignatureAlgorithms);
  library.HashAlgorithms = only(DIGESTS, library.HashAlgorithms);
  library.CanonicalizationAlgorithms = only(TRANSFORMS, library.CanonicalizationAlgorithms);
  try {
    library.loadSignature(signature);
    if (!library.checkSignature(xml)) return null;
  } catch {
    return null;
  }
  const [text, ...more] = library.getSignedReferences();
  return text !== undefined && more.length === 0 ? text : null;
}

const only = <T>(believed: ReadonlySet<string>, all: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([uri]) => believed.has(uri)));
