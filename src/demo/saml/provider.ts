import type { IncomingMessage, ServerResponse } from 'node:http';
import { asSigned, checkSignatures } from '../../saml/signature.ts';
import { readXml, writeXml } from '../../saml/xml.ts';
import { readForm } from '../form.ts';
import { brokenPage, signedOutPage } from '../idp-pages.ts';
import { type DemoProvider, type IdpOptions, type IdpSite, startIdp } from '../idp-server.ts';
import { readAuthnRequest } from './authn-request.ts';
import { makeKeyPair } from './certificate.ts';
import { COOKIES, readCookie } from './cookies.ts';
import { serveLogout } from './logout.ts';
import { readMessage } from './message.ts';
import { idpMetadata, PATHS } from './metadata.ts';
import { LARGEST_MESSAGE, type Received, readRedirect } from './redirect-binding.ts';
import type { DemoService } from './service.ts';
import { keepSessions } from './sessions.ts';
import { samlTrips } from './trips.ts';

export interface SamlProviderOptions extends IdpOptions {
  /** The only application that may ask. */
  readonly service: DemoService;
}

/**
 * Starts the demo's identity provider as one of SAML 2.0, by the web browser SSO profile (Profiles 4.1) and, for signing out,
 * the single logout profile (Profiles 4.4).
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when @peculiar/x509 or @simplewebauthn/server is not installed, or the
 * system's code when the port is taken
 */
export function startDemoSamlProvider(options: SamlProviderOptions): Promise<DemoProvider> {
  const { service } = options;
  return startIdp(options, [...service.acs, service.slo], async (site) => {
    const { issuer: origin, now, headers, show } = site;
    // Made at every start: what was signed before a restart is worth nothing after it.
    const pair = await makeKeyPair('Demo identity provider', now());
    const idp = { origin, entityId: `${origin}${PATHS.metadata}`, pair, now };
    const metadata = idpMetadata(idp);
    const sessions = keepSessions(now);
    const trips = samlTrips(idp, sessions, site);
    const logout = serveLogout({ idp, service, sessions, show });
    const sessionOf = (request: IncomingMessage) => sessions.find(readCookie(request, COOKIES.session));

    const doors: Readonly<Record<string, Door>> = {
      [PATHS.metadata](_request, response) {
        response.writeHead(200, { ...headers, 'Content-Type': 'application/samlmetadata+xml' }).end(metadata);
      },
      async [PATHS.sso](request, response) {
        const sent = await authnRequestIn(request, service, site);
        if (sent === null) unanswerable(response, show);
        else trips.begin(response, sent);
      },
      [PATHS.slo](request, response) {
        if (!logout.receive(request, response)) unanswerable(response, show);
      },
      [PATHS.signOut](request, response) {
        // A page of another site brings no cookie of ours with what it posts.
        const session = request.method === 'POST' ? sessionOf(request) : null;
        if (session === null) show(response, 200, signedOutPage());
        else logout.begin(session, response);
      },
    };
    return {
      trips,
      signedIn(request) {
        const session = sessionOf(request);
        return session && { person: session.person, signOut: PATHS.signOut };
      },
      serve(request, response, path) {
        const door = doors[path];
        if (door !== undefined) return door(request, response);
        return show(response, 404, brokenPage('Nothing here', 'Go back to the application and try again.'));
      },
    };
  });
}

type Door = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The request that a browser brought, by redirect or by a form; null where it is none that can be answered. */
async function authnRequestIn(request: IncomingMessage, service: DemoService, { issuer, now }: IdpSite) {
  const received = request.method === 'POST' ? await readPost(request, service) : readQuery(request, service);
  if (received === null || !received.isSigned) return null;
  const destination = `${issuer}${PATHS.sso}`;
  const wanted = { name: 'AuthnRequest', issuer: service.entityId, destination, now: now() } as const;
  const root = readMessage(received.xml, wanted);
  return root && readAuthnRequest(root, service, received.relayState);
}

const readQuery = ({ url = '' }: IncomingMessage, { certificates }: DemoService): Received | null =>
  readRedirect(url.split('?')[1] ?? '', 'SAMLRequest', certificates);

/** A message in a form (Bindings 3.5), which carries its signature in itself. */
async function readPost(request: IncomingMessage, { certificates }: DemoService): Promise<Received | null> {
  const form = await readForm(request, 2 * LARGEST_MESSAGE);
  const xml = Buffer.from(form?.get('SAMLRequest') ?? '', 'base64').toString('utf8');
  const root = readXml(xml);
  const signed = root !== null && checkSignatures(root) === null ? asSigned(xml, root, certificates) : null;
  // From here on there is nothing but what is signed.
  return signed && { xml: writeXml(signed), relayState: form?.get('RelayState') ?? null, isSigned: true };
}

function unanswerable(response: ServerResponse, show: IdpSite['show']): void {
  const sentence =
    'The application sent a request that this identity provider does not take. Go back to the application and try again.';
  show(response, 400, brokenPage('This request cannot be answered', sentence));
}
