import { X509Certificate } from 'node:crypto';
import type { Seconds } from '../core/time.ts';
import { BINDING, NS } from './names.ts';
import { asSigned, isId } from './signature.ts';
import { readSpan } from './span.ts';
import { attribute, childrenOf, type Element, elementsIn, isNamed, readInstant, readXml, textOf } from './xml.ts';

/** Where one service of a provider is reached, by binding. */
export interface Endpoints {
  readonly redirect: string | null;
  readonly post: string | null;
}

/** What of a provider's metadata (Metadata 2.4.3) the gateway relies on. */
export interface IdpMetadata {
  readonly entityId: string;
  /** PEM, each once. Several while a key is being replaced: each of them is believed, whatever its own dates say. */
  readonly signingCertificates: readonly string[];
  /** How many keys beside them are none to believe: not RSA, or shorter than 2048 bits, or without a certificate. */
  readonly unusedKeys: number;
  readonly singleSignOn: Endpoints;
  /** Where requests to sign out go. */
  readonly singleLogout: Endpoints;
  /** Where answers to its own requests go (Metadata 2.2.2, ResponseLocation). */
  readonly singleLogoutResponse: Endpoints;
  readonly nameIdFormats: readonly string[];
  readonly wantsSignedRequests: boolean;
  /** From this moment on nothing of it is believed; null = for ever. */
  readonly validUntil: Seconds | null;
  /** How long it may be kept before it is asked for again; null = not said. */
  readonly cacheDuration: Seconds | null;
}

/** Which provider's metadata are wanted, and how they are believed. */
export interface WantedMetadata {
  /** entityID; null = of the only identity provider that is described. */
  readonly issuer: string | null;
  /** PEM of whoever must have signed the document; null = it is believed for where it came from. */
  readonly certificate: string | null;
  /** Whether endpoints may be plain http on this machine. Elsewhere they never are. */
  readonly plainLoopback: (url: URL) => boolean;
}

/** Why metadata are not taken: a sentence of ours, and what of the document may help whoever wrote the configuration. */
export interface Unusable {
  readonly problem: string;
  readonly hint?: string;
}

/** Bytes of the largest document that is read. */
export const LARGEST_METADATA = 2 * 1024 * 1024;
/** Tags and comments of one, at most. */
const MOST_PIECES = 100_000;
/** Characters of an entityID, at most (Core 8.3.6). */
export const LONGEST_ENTITY_ID = 1024;

/** Reads the metadata of one provider: of a document about it, or the one that is wanted of a document about several. */
export function readMetadata(text: string, wanted: WantedMetadata): IdpMetadata | Unusable {
  if (text.length > LARGEST_METADATA) return { problem: 'it is larger than 2 MiB' };
  const xml = text.replace(/^\uFEFF/, '');
  const root = readXml(xml, MOST_PIECES);
  if (root === null) return { problem: 'it is not XML that can be read safely' };
  const believed = wanted.certificate === null ? root : signedAsWhole(xml, root, wanted.certificate);
  if (believed === null) return { problem: 'it is not signed as a whole by the configured certificate' };
  const chosen = choose(believed, wanted.issuer);
  return 'problem' in chosen ? chosen : read(chosen, wanted);
}

/** The root as it is signed. It has an ID (Metadata 3), so that a signature about a part of it is none about the whole. */
const signedAsWhole = (xml: string, root: Element, certificate: string): Element | null =>
  isId(attribute(root, 'ID')) ? asSigned(xml, root, [certificate], MOST_PIECES) : null;

/** An EntityDescriptor, and the EntitiesDescriptors around it, outermost first. */
interface Described {
  readonly entity: Element;
  readonly around: readonly Element[];
}

function* described(element: Element, around: readonly Element[] = []): Generator<Described> {
  if (isNamed(element, NS.metadata, 'EntityDescriptor')) yield { entity: element, around };
  if (!isNamed(element, NS.metadata, 'EntitiesDescriptor')) return;
  for (const child of elementsIn(element)) yield* described(child, [...around, element]);
}

function choose(root: Element, issuer: string | null): Described | Unusable {
  const all = [...described(root)];
  if (all.length === 0) return { problem: 'it is neither an EntityDescriptor nor an EntitiesDescriptor' };
  const nameOf = ({ entity }: Described): string => attribute(entity, 'entityID') ?? '';
  const providers = all.filter(({ entity }) => rolesOf(entity).length > 0);
  const fitting = issuer === null ? providers : all.filter((one) => nameOf(one) === issuer);
  const [first, ...others] = fitting;
  if (first !== undefined && others.length === 0) return first;
  const names = providers.slice(0, 3).map((one) => `"${nameOf(one)}"`);
  const hint = `it describes ${names.join(', ')}${providers.length > names.length ? ` and ${providers.length - names.length} more` : ''}`;
  if (first !== undefined) {
    return issuer === null
      ? { problem: 'it describes several identity providers, and no "issuer" says which', hint }
      : { problem: 'it describes the configured issuer twice' };
  }
  if (issuer === null || names.length === 0) return { problem: 'it describes no SAML 2.0 identity provider' };
  return { problem: 'it does not describe the configured issuer', hint };
}

/** What it says as an identity provider of SAML 2.0. */
const rolesOf = (entity: Element): readonly Element[] =>
  childrenOf(entity, NS.metadata, 'IDPSSODescriptor').filter((role) =>
    attribute(role, 'protocolSupportEnumeration')?.trim().split(/\s+/).includes(NS.protocol),
  );

function read({ entity, around }: Described, wanted: WantedMetadata): IdpMetadata | Unusable {
  const entityId = attribute(entity, 'entityID');
  if (!entityId || entityId.length > LONGEST_ENTITY_ID) return { problem: 'its entityID is missing or too long' };
  const [role, ...others] = rolesOf(entity);
  if (role === undefined || others.length > 0)
    return { problem: 'it does not describe one SAML 2.0 identity provider' };
  const keys = signingKeysOf(role);
  if (keys === null) return { problem: 'one of its signing keys comes with several certificates: nobody knows which' };
  if (keys.certificates.length === 0) {
    return { problem: 'it has no signing certificate with an RSA key of 2048 bits or more' };
  }
  const singleSignOn = endpointsOf(role, 'SingleSignOnService', 'Location', wanted);
  if (singleSignOn.redirect === null && singleSignOn.post === null) {
    return { problem: 'it has no SingleSignOnService by HTTP-Redirect or HTTP-POST on https' };
  }
  const limiting = [...around, entity, role];
  const limits = limiting.flatMap((element) => attribute(element, 'validUntil') ?? []).map(readInstant);
  if (limits.includes(null)) return { problem: 'a validUntil of it is not a moment in UTC' };
  const spans = limiting.flatMap((element) => readSpan(attribute(element, 'cacheDuration')) ?? []);
  return {
    entityId,
    signingCertificates: keys.certificates,
    unusedKeys: keys.unused,
    singleSignOn,
    singleLogout: endpointsOf(role, 'SingleLogoutService', 'Location', wanted),
    singleLogoutResponse: endpointsOf(role, 'SingleLogoutService', 'ResponseLocation', wanted),
    nameIdFormats: childrenOf(role, NS.metadata, 'NameIDFormat').flatMap((format) => textOf(format) ?? []),
    wantsSignedRequests: /^\s*(?:true|1)\s*$/.test(attribute(role, 'WantAuthnRequestsSigned') ?? ''),
    validUntil: limits.length === 0 ? null : Math.min(...limits.filter((limit) => limit !== null)),
    cacheDuration: spans.length === 0 ? null : Math.min(...spans),
  };
}

const LEAST_RSA_BITS = 2048;

interface Keys {
  readonly certificates: readonly string[];
  readonly unused: number;
}

/** Keys that sign: `use="signing"`, or no use at all (Metadata 2.4.1.1). Null where a chain stands for one of them. */
function signingKeysOf(role: Element): Keys | null {
  const certificates = new Set<string>();
  let unused = 0;
  for (const key of childrenOf(role, NS.metadata, 'KeyDescriptor')) {
    if ((attribute(key, 'use') ?? 'signing') !== 'signing') continue;
    const written = childrenOf(key, NS.signature, 'KeyInfo')
      .flatMap((info) => childrenOf(info, NS.signature, 'X509Data'))
      .flatMap((data) => childrenOf(data, NS.signature, 'X509Certificate'));
    if (written.length > 1) return null;
    const certificate = certificateIn(textOf(written[0] ?? null));
    if (certificate === null) unused += 1;
    else certificates.add(certificate);
  }
  return { certificates: [...certificates], unused };
}

function certificateIn(base64: string | null): string | null {
  try {
    const certificate = new X509Certificate(Buffer.from((base64 ?? '').replace(/\s/g, ''), 'base64'));
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    const bits = asymmetricKeyType === 'rsa' ? (asymmetricKeyDetails?.modulusLength ?? 0) : 0;
    return bits < LEAST_RSA_BITS ? null : certificate.toString();
  } catch {
    return null;
  }
}

/** @param place - ResponseLocation is the Location where there is none */
function endpointsOf(
  role: Element,
  service: string,
  place: 'Location' | 'ResponseLocation',
  { plainLoopback }: WantedMetadata,
): Endpoints {
  const of = (binding: string): string | null => {
    const [first] = childrenOf(role, NS.metadata, service).filter((one) => attribute(one, 'Binding') === binding);
    const location = first && (attribute(first, place) ?? attribute(first, 'Location'));
    const url = URL.parse(location ?? '');
    return url !== null && (url.protocol === 'https:' || plainLoopback(url)) ? url.href : null;
  };
  return { redirect: of(BINDING.redirect), post: of(BINDING.post) };
}
