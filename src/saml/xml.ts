import { DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom';
import { ENTITY } from './names.ts';
import { isPlainXml } from './plain-xml.ts';

export type { Element } from '@xmldom/xmldom';

/**
 * Reads a document that came over the wire. Whatever could be read in two ways, or would have to be mended, is not read at
 * all.
 *
 * @param mostPieces - tags, comments and CDATA sections, at most; fit for a message unless given
 * @returns its root, or null
 */
export function readXml(text: string, mostPieces?: number): Element | null {
  if (!isPlainXml(text, mostPieces)) return null;
  const refuse = (): never => {
    throw new Error('not well-formed');
  };
  try {
    return new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    return null;
  }
}

/** An element as a document of its own. */
export const writeXml = (element: Element): string => new XMLSerializer().serializeToString(element);

/** Child elements of that name, in the order of the document. */
export function childrenOf(parent: Element, namespace: string, name: string): readonly Element[] {
  return elementsIn(parent).filter((element) => isNamed(element, namespace, name));
}

/** The child element of that name; null unless there is exactly one. */
export function onlyChild(parent: Element, namespace: string, name: string): Element | null {
  const [first, ...more] = childrenOf(parent, namespace, name);
  return first !== undefined && more.length === 0 ? first : null;
}

/** Every child element, in the order of the document. */
export function elementsIn(parent: Element): readonly Element[] {
  const found: Element[] = [];
  for (let child = parent.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 1) found.push(child as Element);
  }
  return found;
}

/** An element and all that it holds, however deep, in the order of the document. */
export const everyElement = (root: Element): readonly Element[] => [
  root,
  ...Array.from(root.getElementsByTagName('*')),
];

/** Whether an element has this name. */
export const isNamed = (element: Element, namespace: string, name: string): boolean =>
  element.namespaceURI === namespace && element.localName === name;

/**
 * The whole text of an element, to the character: comments are no part of it and cut nothing off, CDATA is text. Null
 * where it has child elements: then it is no text.
 */
export function exactTextOf(element: Element | null): string | null {
  if (element === null) return null;
  let text = '';
  for (let child = element.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 1) return null;
    if (child.nodeType === 3 || child.nodeType === 4) text += child.nodeValue ?? '';
  }
  return text;
}

/** The same without outer white space: for URIs, whose white space means nothing (XML Schema 2, 3.2.17). */
export const textOf = (element: Element | null): string | null => exactTextOf(element)?.trim() ?? null;

/** Whether an Issuer is this entity (Core 8.3.6): its name alone, to the character. */
export const isEntity = (issuer: Element | null, entityId: string): boolean =>
  issuer !== null && [null, ENTITY].includes(attribute(issuer, 'Format')) && exactTextOf(issuer) === entityId;

/** An attribute without a namespace; null where it is absent. */
export const attribute = (element: Element, name: string): string | null =>
  element.hasAttribute(name) ? element.getAttribute(name) : null;

/**
 * A moment (XML Schema 2, 3.2.7) in seconds; null for anything else. In UTC with its `Z`: SAML Core 1.3.3 has no other
 * zone, and who writes one has likely not meant it.
 */
export function readInstant(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return null;
  const milliseconds = Date.parse(text);
  // The 30th of February is no moment, whatever `Date` makes of it.
  const isThere = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text.slice(0, 19));
  return isThere ? milliseconds / 1000 : null;
}
