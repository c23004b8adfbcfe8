import { type Element, everyElement } from '../../saml/xml.ts';

/** A message whose sender is known: nothing of it is what somebody else wrote. */
export interface Signed {
  readonly type: 'SAMLRequest' | 'SAMLResponse';
  /** The message, as it is signed. */
  readonly root: Element;
  /** Signed with the query it came in; what came in a form beside a message is nobody's word. */
  readonly relayState: string | null;
}

/** Bytes of a message about signing out, at most: a name, maybe encrypted, and some session indexes. */
export const LONGEST_LOGOUT = 16 * 1024;

/** Elements of one with their attributes and namespaces, at most: a signature takes some 25 of them. */
const MOST_PARTS = 200;

/** Whether a message has no more to it than one about signing out can have: more takes long to verify. */
export function fitsWell(root: Element): boolean {
  let parts = 0;
  for (const element of everyElement(root)) parts += 1 + element.attributes.length;
  return parts <= MOST_PARTS;
}
