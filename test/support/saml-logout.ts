/**
 * Signing out at the scripted SAML provider, and by it. What the provider sends is made and signed here, by code of its own.
 *
 *   const stage = await startLogoutStage();
 *   const alice = stage.visitor();
 *   await stage.signIn(alice);
 *   await stage.send(signedQuery(logoutRequest(stage), stage.idp.pair));    // the provider ends Alice's session
 *   const asked = readQuery(await stage.leave(alice), stage.sp);            // Alice leaves, and this is what the provider gets
 */
import assert from 'node:assert/strict';
import { createSign, createVerify, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { postSignOut, signOutToken } from './besieged.ts';
import { makePair, type Pair, signed } from './fake-idp.ts';
import { postedBy, type SamlStage, type SamlStageOptions, startSamlStage, targetOf } from './saml-stage.ts';
import type { Reply, Sending, Visitor } from './visitor.ts';

export const SLO = '/.stepgate/saml/corp/slo';
export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

export interface LogoutStage extends SamlStage {
  /** Our keys. */
  readonly sp: Pair;
  /** Opens our single logout service as a browser does that comes from the provider, with a query or with a form. */
  send(message: string | Readonly<Record<string, string>>, sending?: Sending): Promise<Reply>;
  /** Signs out here; the page behind it, which leads on to the provider. */
  signOut(visitor: Visitor): Promise<Reply>;
  /** The same; where it leads on to. */
  leave(visitor: Visitor): Promise<string>;
}

/** A stage whose gateway signs its messages, and leads on to the provider when somebody signs out. */
export async function startLogoutStage(options: SamlStageOptions = {}): Promise<LogoutStage> {
  const sp = makePair('sp');
  const stage = await startSamlStage({
    ...options,
    provider: options.provider ?? '    logout: provider\n    sign: {key: sp.key, cert: sp.pem}',
    files: { ...options.files, 'sp.key': sp.key, 'sp.pem': sp.certificate },
  });
  const signOut = async (visitor: Visitor): Promise<Reply> => {
    const reply = await postSignOut(stage, visitor, await signOutToken(visitor));
    assert.equal(reply.status, 303, reply.text);
    return visitor.open(targetOf(reply.location));
  };
  return {
    ...stage,
    sp,
    send: (message, { headers = {}, ...sending } = {}) =>
      typeof message === 'string'
        ? stage
            .visitor()
            .open(`${SLO}?${message}`, { headers: { 'sec-fetch-site': 'cross-site', ...headers }, ...sending })
        : stage.visitor().open(SLO, {
            method: 'POST',
            body: new URLSearchParams(message).toString(),
            headers: { ...postedBy(stage.idp.origin), ...headers },
            ...sending,
          }),
    signOut,
    leave: async (visitor) => leadsTo(await signOut(visitor)) ?? '',
  };
}

/** Where a page leads by itself, null where it does not. */
export const leadsTo = (reply: Reply): string | null =>
  /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? null;

export type Type = 'SAMLRequest' | 'SAMLResponse';

/** A message before it is signed. */
export interface Message {
  readonly type: Type;
  readonly id: string;
  readonly xml: string;
  readonly relayState?: string;
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
const newId = (): string => `_${randomBytes(16).toString('hex')}`;

/** Whom a message is from and for: a stage, as far as that matters. */
export interface Place {
  readonly origin: string;
  readonly idp: { readonly entityId: string };
}

export interface Wanted {
  readonly nameId?: string;
  /** Format and qualifiers, as they are written. */
  readonly about?: string;
  readonly sessionIndexes?: readonly string[];
  /** Attributes of the message that are written otherwise; null = not at all. */
  readonly head?: Readonly<Record<string, string | null>>;
  readonly issuer?: string;
  readonly relayState?: string;
}

/** The provider's LogoutRequest for Alice's session. */
export function logoutRequest({ origin, idp }: Place, wanted: Wanted = {}): Message {
  const { nameId = 'alice', about = ` Format="${PERSISTENT}"`, sessionIndexes = ['_session-1'] } = wanted;
  const indexes = sessionIndexes.map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('');
  const name = nameId.startsWith('<') ? nameId : `<saml:NameID${about}>${nameId}</saml:NameID>`;
  const head = { Destination: `${origin}${SLO}`, NotOnOrAfter: instant(Date.now() + 300_000), ...wanted.head };
  return message('LogoutRequest', 'SAMLRequest', { issuer: idp.entityId, ...wanted, head }, name + indexes);
}

export const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** The provider's LogoutResponse to a request of ours. `status` are codes, each below the one before it. */
export function logoutResponse(
  { origin, idp }: Place,
  to: { readonly id: string; readonly relayState: string | null },
  wanted: Wanted & { readonly status?: readonly string[] } = {},
): Message {
  const status = [...(wanted.status ?? [SUCCESS])].reverse();
  const codes = status.reduce((below, code) => `<samlp:StatusCode Value="${code}">${below}</samlp:StatusCode>`, '');
  const head = { Destination: `${origin}${SLO}`, InResponseTo: to.id, ...wanted.head };
  const relayState = to.relayState === null ? {} : { relayState: to.relayState };
  const all = { issuer: idp.entityId, ...relayState, ...wanted, head };
  return message('LogoutResponse', 'SAMLResponse', all, `<samlp:Status>${codes}</samlp:Status>`);
}

function message(
  name: string,
  type: Type,
  { issuer = '', head = {}, relayState }: Pick<Wanted, 'issuer' | 'head' | 'relayState'>,
  content: string,
): Message {
  const all = { ID: newId(), Version: '2.0', IssueInstant: instant(Date.now()), ...head };
  const attributes = Object.entries(all).map(([key, value]) => (value === null ? '' : ` ${key}="${value}"`));
  const xml = `<samlp:${name} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"${attributes.join('')}><saml:Issuer>${issuer}</saml:Issuer>${content}</samlp:${name}>`;
  return { type, id: all.ID ?? '', xml, ...(relayState === undefined ? {} : { relayState }) };
}

/** The query of a signed message (Bindings 3.4.4.1). */
export function signedQuery(
  { type, xml, relayState }: Message,
  { key }: Pick<Pair, 'key'>,
  { algorithm = RSA_SHA256, hash = 'RSA-SHA256' } = {},
): string {
  const text = [`${type}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`]
    .concat(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`])
    .concat(`SigAlg=${encodeURIComponent(algorithm)}`)
    .join('&');
  return `${text}&Signature=${encodeURIComponent(createSign(hash).update(text).sign(key, 'base64'))}`;
}

/** The form of a signed message (Bindings 3.5.4). */
export function signedForm({ type, xml, relayState }: Message, signer: Pair): Readonly<Record<string, string>> {
  const name = type === 'SAMLRequest' ? 'LogoutRequest' : 'LogoutResponse';
  const field = signed(xml, name, { signer, algorithms: { signature: RSA_SHA256, digest: SHA256 } });
  return formOf({ type, xml: field, ...(relayState === undefined ? {} : { relayState }) });
}

/** The form of a message as it is. */
export const formOf = ({ type, xml, relayState }: Omit<Message, 'id'>): Readonly<Record<string, string>> => ({
  [type]: Buffer.from(xml).toString('base64'),
  ...(relayState === undefined ? {} : { RelayState: relayState }),
});

/** A message of ours that came to the provider by a URL: signed by our key, or the test fails. */
export function readQuery(
  url: string,
  sp: Pair,
): { readonly type: Type; readonly xml: string; readonly id: string; readonly relayState: string | null } {
  const query = new URL(url).search.slice(1);
  const [signedPart = '', signature = ''] = query.split('&Signature=');
  const verifier = createVerify('RSA-SHA256').update(signedPart);
  assert.ok(verifier.verify(sp.certificate, decodeURIComponent(signature), 'base64'), 'not signed by us');
  const parameters = new URLSearchParams(query);
  assert.equal(parameters.get('SigAlg'), RSA_SHA256);
  const type = parameters.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse';
  const xml = inflateRawSync(Buffer.from(parameters.get(type) ?? '', 'base64')).toString();
  return { type, xml, id: attributeOf(xml, 'ID'), relayState: parameters.get('RelayState') };
}

export const attributeOf = (xml: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? '';

/** What a page says, without its markup. */
export const saysOf = (reply: Reply): string =>
  reply.text
    .replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export const isSignedIn = async (visitor: Visitor): Promise<boolean> => (await visitor.fetch('/home')).status === 200;

/** A message about signing out is refused by a page, nobody is sent anywhere, and the operator can find out why. */
export function assertRefused(stage: LogoutStage, reply: Reply, what: string): void {
  assert.equal(reply.status, 400, `${what}: ${reply.status} ${reply.location}`);
  assert.equal(reply.location, null, what);
  assert.ok(reply.text.includes('<dd>invalid_response</dd>'), what);
  const logged = stage.lines.findLast(({ msg }) => msg === 'provider_logout_refused');
  assert.ok(reply.text.includes(String(logged?.request_id)), what);
}

/** The same message as a query, and as a form. */
export const bothWays = (message: Message, pair: Pair) =>
  [signedQuery(message, pair), signedForm(message, pair)] as const;
