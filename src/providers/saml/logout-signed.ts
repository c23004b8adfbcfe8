import { type Element, everyElement } from '../../saml/xml.ts';

/** A message whose sender is known: nothing of it is what somebody else wrote. */
export interface Signed {
  readonly type: 'SAMLRequest' | 'SAMLResponse';
  /** The message, as it is signed. */
  readonly root: Element;
  /** Signed with the query it came in; what came in a form beside a message is nobody's word. */
  readonly relayState: string | null;
}

/** Bytes of a message about signing out, at most: a name and some session indexes. */
export const LONGEST_LOGOUT = 32 * 1024;

/** Elements of one, at most. */
const MOST_ELEMENTS = 256;

export const fitsWell = (root: Element): boolean => everyElement(root).length <= MOST_ELEMENTS;
