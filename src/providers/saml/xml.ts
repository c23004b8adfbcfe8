import { DOMParser, type Element } from '@xmldom/xmldom';

export type { Element } from '@xmldom/xmldom';

/** Elements within one another, at most: what is deeper is no SAML. */
const DEEPEST = 32;

/**
 * Reads a document that came over the wire. No document type, no entities, no processing instructions, nothing that the
 * parser would have to mend: whatever could be read in two ways is not read at all.
 *
 * @returns its root, or null
 */
export function readXml(text: string): Element | null {
  // In whatever case and encoding: what is not UTF-8 did not come so far.
  if (/<!DOCTYPE|<!ENTITY|<\?(?!xml\s)/i.test(text) || text.includes('\0') || !shallow(text)) return null;
  const refuse = (): never => {
    throw new Error('not well-formed');
  };
  try {
    return new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    return null;
  }
}

/** Counted before the parser sees it, whose recursion an endless document would exhaust. */
function shallow(text: string): boolean {
  let depth = 0;
  for (const [tag] of text.matchAll(/<\/?[^!?<>][^<>]*>/g)) {
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>')) depth += 1;
    if (depth > DEEPEST) return false;
  }
  return true;
}

/** Child elements of that name, in the order of the document. */
export function childrenOf(parent: Element, namespace: string, name: string): readonly Element[] {
  const found: Element[] = [];
  for (let child = parent.firstChild; child !== null; child = child.nextSibling) {
    const element = child as Element;
    if (child.nodeType === 1 && element.namespaceURI === namespace && element.localName === name) found.push(element);
  }
  return found;
}

/** The child element of that name; null unless there is exactly one. */
export function onlyChild(parent: Element, namespace: string, name: string): Element | null {
  const [first, ...more] = childrenOf(parent, namespace, name);
  return first !== undefined && more.length === 0 ? first : null;
}

/** How many elements of that name there are in a whole document, however deep. */
export const countAnywhere = (root: Element, namespace: string, name: string): number =>
  root.getElementsByTagNameNS(namespace, name).length +
  (root.namespaceURI === namespace && root.localName === name ? 1 : 0);

/**
 * The whole text of an element, comments and CDATA taken as what they are; outer white space trimmed. Null where it has
 * child elements: then it is no text.
 */
export function textOf(element: Element | null): string | null {
  if (element === null) return null;
  let text = '';
  for (let child = element.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 1) return null;
    if (child.nodeType === 3 || child.nodeType === 4) text += child.nodeValue ?? '';
  }
  return text.trim();
}

/** An attribute without a namespace; null where it is absent. */
export const attribute = (element: Element, name: string): string | null =>
  element.hasAttribute(name) ? element.getAttribute(name) : null;

/** A moment (XML Schema 2, 3.2.7, in UTC as SAML Core 1.3.3 has it) in seconds; null for anything else. */
export function readInstant(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return null;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
