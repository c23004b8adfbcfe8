import { BINDING, NS } from '../../saml/names.ts';
import { attribute, childrenOf, type Element, onlyChild, textOf } from '../../saml/xml.ts';
import type { AskedAcr } from '../acr.ts';
import { askedByClasses } from './classes.ts';
import type { DemoService } from './service.ts';

/** What an AuthnRequest (Core 3.4.1) asks for, and where the answer goes. */
export interface AuthnRequest {
  readonly id: string;
  readonly service: DemoService;
  readonly acs: string;
  readonly relayState: string | null;
  readonly asked: AskedAcr;
  /** A login of before will not do (ForceAuthn). */
  readonly anew: boolean;
  /** Nothing may be asked of the person (IsPassive). */
  readonly passive: boolean;
  /** The one person it is about; null = anybody. */
  readonly wanted: string | null;
}

/** @returns null where the answer would go to somewhere that is not the service's */
export function readAuthnRequest(root: Element, service: DemoService, relayState: string | null): AuthnRequest | null {
  const acs = attribute(root, 'AssertionConsumerServiceURL') ?? service.acs[0];
  const binding = attribute(root, 'ProtocolBinding') ?? BINDING.post;
  if (acs === undefined || !service.acs.includes(acs) || binding !== BINDING.post) return null;
  return {
    id: attribute(root, 'ID') ?? '',
    service,
    acs,
    relayState,
    asked: readAsked(root),
    anew: isTrue(attribute(root, 'ForceAuthn')),
    passive: isTrue(attribute(root, 'IsPassive')),
    wanted: readWanted(root),
  };
}

function readAsked(root: Element): AskedAcr {
  const context = onlyChild(root, NS.protocol, 'RequestedAuthnContext');
  if (context === null) return { essential: false, values: [] };
  const classes = childrenOf(context, NS.assertion, 'AuthnContextClassRef').map((one) => textOf(one) ?? '');
  return askedByClasses(attribute(context, 'Comparison') ?? 'exact', classes);
}

function readWanted(root: Element): string | null {
  const subject = onlyChild(root, NS.assertion, 'Subject');
  return subject === null ? null : (textOf(onlyChild(subject, NS.assertion, 'NameID')) ?? '');
}

const isTrue = (text: string | null): boolean => text === 'true' || text === '1';
