import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { NS, STATUS } from '../../saml/names.ts';
import { attribute, onlyChild, textOf } from '../../saml/xml.ts';
import { type Html, html } from '../html.ts';
import { signedOutPage } from '../idp-pages.ts';
import type { Show } from '../interactions.ts';
import { instant, newId, readMessage } from './message.ts';
import { PATHS } from './metadata.ts';
import { type MessageField, readRedirect, redirectWith } from './redirect-binding.ts';
import { type Answerer, PERSISTENT } from './response.ts';
import type { DemoService } from './service.ts';
import type { IdpSession, IdpSessions } from './sessions.ts';

export interface LogoutSetting {
  readonly idp: Answerer;
  readonly service: DemoService;
  readonly sessions: IdpSessions;
  readonly show: Show;
}

/** Single logout (Profiles 4.4) by redirects, in both directions. */
export interface Logout {
  /** Somebody signs out here: their session ends, and the browser tells the application. */
  begin(session: IdpSession, response: ServerResponse): void;
  /**
   * Answers what an application sends: that a session is to end, or that it has ended one.
   *
   * @returns false for what is neither: nothing was answered then
   */
  receive(request: IncomingMessage, response: ServerResponse): boolean;
}

/** How long the application may take to answer. */
const ANSWER_MS = 5 * 60_000;
const MAX_ASKED = 1000;

export function serveLogout({ idp, service, sessions, show }: LogoutSetting): Logout {
  const place = `${idp.origin}${PATHS.slo}`;
  /** IDs of the requests that wait for an answer, and until when: milliseconds since 1970. */
  const asked = new LRUCache<string, number>({ max: MAX_ASKED });

  function leave(response: ServerResponse, field: MessageField, message: Html, relayState: string | null): void {
    const location = redirectWith(service.slo, field, message.markup, relayState, idp.pair.key);
    response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end();
  }

  /** Attributes and Issuer of every message. */
  const about = (id: string): { readonly attributes: Html; readonly issuer: Html } => ({
    attributes: html`xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${id}" Version="2.0" IssueInstant="${instant(idp.now())}" Destination="${service.slo}"`,
    issuer: html`<saml:Issuer>${idp.entityId}</saml:Issuer>`,
  });

  /** A message of the application's. It is signed, or anybody's link would sign people out. */
  function read(request: IncomingMessage, field: MessageField, name: 'LogoutRequest' | 'LogoutResponse') {
    const received = readRedirect(request.url?.split('?')[1] ?? '', field, service.certificates);
    if (received === null || !received.isSigned) return null;
    const wanted = { name, issuer: service.entityId, destination: place, now: idp.now() };
    const root = readMessage(received.xml, wanted);
    return root && { root, relayState: received.relayState };
  }

  /** Brought once more, a request ends a session that has ended: there is no need to remember it. */
  function answer(request: IncomingMessage, response: ServerResponse): boolean {
    const message = read(request, 'SAMLRequest', 'LogoutRequest');
    const username = message && textOf(onlyChild(message.root, NS.assertion, 'NameID'));
    if (message === null || username === null) return false;
    const { root, relayState } = message;
    sessions.end(username, textOf(onlyChild(root, NS.protocol, 'SessionIndex')));
    const { attributes, issuer } = about(newId());
    const status = html`<samlp:Status><samlp:StatusCode Value="${STATUS.success}"/></samlp:Status>`;
    const answered = html`<samlp:LogoutResponse ${attributes} InResponseTo="${attribute(root, 'ID')}">${issuer}${status}</samlp:LogoutResponse>`;
    leave(response, 'SAMLResponse', answered, relayState);
    return true;
  }

  function finish(request: IncomingMessage, response: ServerResponse): boolean {
    const message = read(request, 'SAMLResponse', 'LogoutResponse');
    const id = message && attribute(message.root, 'InResponseTo');
    if (id === null || (asked.get(id) ?? 0) <= idp.now()) return false;
    asked.delete(id);
    show(response, 200, signedOutPage());
    return true;
  }

  return {
    begin({ person, index }, response) {
      sessions.end(person.username, index);
      const id = newId();
      asked.set(id, idp.now() + ANSWER_MS);
      const { attributes, issuer } = about(id);
      const until = instant(idp.now() + ANSWER_MS);
      const nameId = html`<saml:NameID Format="${PERSISTENT}">${person.username}</saml:NameID>`;
      const sessionIndex = html`<samlp:SessionIndex>${index}</samlp:SessionIndex>`;
      const request = html`<samlp:LogoutRequest ${attributes} NotOnOrAfter="${until}">${issuer}${nameId}${sessionIndex}</samlp:LogoutRequest>`;
      leave(response, 'SAMLRequest', request, null);
    },
    receive: (request, response) => finish(request, response) || answer(request, response),
  };
}
