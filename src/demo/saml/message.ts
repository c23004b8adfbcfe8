import { randomBytes } from 'node:crypto';
import { NS } from '../../saml/names.ts';
import { isId } from '../../saml/signature.ts';
import { attribute, type Element, isEntity, isNamed, onlyChild, readInstant, readXml } from '../../saml/xml.ts';

/** How far clocks may differ, and how long a message may be on its way. */
const FRESH_MS = 5 * 60_000;

/** A new ID: an NCName that nobody guesses (Core 1.3.4). */
export const newId = (): string => `_${randomBytes(20).toString('hex')}`;

/** A moment as SAML writes it. @param milliseconds - since 1970 */
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** What every message must say before it is read any further. */
export interface Wanted {
  /** Local name of the message. */
  readonly name: 'AuthnRequest' | 'LogoutRequest' | 'LogoutResponse';
  /** The entityID that it must be from. */
  readonly issuer: string;
  /** Where it came. */
  readonly destination: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads a message (Core 3.2); null unless it is of this name, from this issuer, to this place and of about now. */
export function readMessage(xml: string, { name, issuer, destination, now }: Wanted): Element | null {
  const root = readXml(xml);
  if (root === null || !isNamed(root, NS.protocol, name)) return null;
  const issued = readInstant(attribute(root, 'IssueInstant'));
  const fits =
    attribute(root, 'Version') === '2.0' &&
    isId(attribute(root, 'ID')) &&
    isEntity(onlyChild(root, NS.assertion, 'Issuer'), issuer) &&
    attribute(root, 'Destination') === destination &&
    issued !== null &&
    Math.abs(issued * 1000 - now) <= FRESH_MS;
  return fits ? root : null;
}
