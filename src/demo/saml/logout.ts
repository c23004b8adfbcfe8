import type { IncomingMessage, ServerResponse } from 'node:http';
import { NS, STATUS } from '../../saml/names.ts';
import { attribute, onlyChild, textOf } from '../../saml/xml.ts';
import { html } from '../html.ts';
import { instant, newId, readRequest } from './message.ts';
import { readRedirect, redirectWith } from './redirect-binding.ts';
import type { Answerer } from './response.ts';
import type { DemoService } from './service.ts';
import type { IdpSessions } from './sessions.ts';

/** What serving sign-outs takes. */
export interface LogoutSetting {
  readonly idp: Answerer;
  readonly service: DemoService;
  readonly sessions: IdpSessions;
  /** Where requests come. */
  readonly place: string;
}

/**
 * Answers a LogoutRequest (Profiles 4.4): the session that it names ends, and the browser goes back with a LogoutResponse.
 * It is signed, or anybody's link would sign people out; brought once more it ends a session that has ended.
 *
 * @returns false for what is no request of the service's: nothing was answered then
 */
export function answerLogout(
  { idp, service, sessions, place }: LogoutSetting,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const received = readRedirect(request.url?.split('?')[1] ?? '', 'SAMLRequest', service.certificates);
  if (received === null || !received.isSigned || service.slo === null) return false;
  const wanted = { name: 'LogoutRequest', issuer: service.entityId, destination: place, now: idp.now() } as const;
  const root = readRequest(received.xml, wanted);
  const username = root && textOf(onlyChild(root, NS.assertion, 'NameID'));
  if (root === null || username === null) return false;
  sessions.end(username, textOf(onlyChild(root, NS.protocol, 'SessionIndex')));
  const xml = logoutResponse(idp, service.slo, attribute(root, 'ID') ?? '');
  const back = redirectWith(service.slo, 'SAMLResponse', xml, received.relayState, idp.pair.key);
  response.writeHead(303, { Location: back, 'Cache-Control': 'no-store' }).end();
  return true;
}

const logoutResponse = ({ entityId, now }: Answerer, destination: string, inResponseTo: string): string =>
  html`<samlp:LogoutResponse xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${newId()}" Version="2.0" IssueInstant="${instant(now())}" Destination="${destination}" InResponseTo="${inResponseTo}">
<saml:Issuer>${entityId}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="${STATUS.success}"/></samlp:Status>
</samlp:LogoutResponse>`.markup;
