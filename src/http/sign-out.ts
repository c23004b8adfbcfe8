import type { HostEntry } from '../config/world.ts';
import { personOfProviderSession } from '../core/provider-session.ts';
import type { Session } from '../core/session.ts';
import { renderSignOut, TOKEN_FIELD } from '../pages/sign-out-pages.ts';
import { REVOCATION_MARGIN } from '../ports.ts';
import { cookieNames, type OwnCookies, readOwnCookies } from '../sessions/cookies.ts';
import { isFormToken, sealFormToken } from '../sessions/form-token.ts';
import type { Passage } from './answer.ts';
import { page, redirect } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { isTopLevelNavigation } from './navigation.ts';
import { openedOn } from './opened.ts';
import { OWN_ROUTES } from './own-routes.ts';
import { refusalAnswer, refusalPage } from './refusals.ts';
import { endProviderSessions } from './saml/end-sessions.ts';
import { afterSignOut, leavesWith } from './signed-out.ts';

/** `GET /.stepgate/sign-out` asks; a link of another site must not sign anybody out. */
export function askSignOut(passage: Passage): Answer {
  const { current, arrival, requestId, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const sessions = sessionsOf(passage, host, cookiesOf(passage));
  const session = sessions[0];
  if (session === undefined) return redirect(`${host.origin}${OWN_ROUTES.signedOut}`);
  const token = sealFormToken(current.sealer, host, session.family, now);
  return page(
    200,
    renderSignOut({
      token,
      name: session.name ?? session.email,
      action: OWN_ROUTES.signOut,
      cancelHref: '/',
      alsoAtProvider: leavesWith(passage, sessions) !== null,
      requestId,
    }),
    { kind: 'form' },
  );
}

/** `POST /.stepgate/sign-out`: the family is void at once, the cookies go, and nothing of the session opens again. */
export async function doSignOut(passage: Passage, body: unknown): Promise<Answer> {
  const { context, current, arrival, requestId, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  if (!isTopLevelNavigation(arrival)) return refusalAnswer('navigation_required', arrival, { requestId });
  const { origin } = arrival.headers;
  if (origin !== undefined && origin !== host.origin) return refusalAnswer('untrusted_origin', arrival, { requestId });

  const cookies = cookiesOf(passage);
  const sessions = sessionsOf(passage, host, cookies);
  const signedOut = redirect(
    afterSignOut(passage, host, sessions, cookies),
    current.sessions.removeAll(host, withoutBrowser(passage, host, cookies)),
  );
  const asked = sessions[0];
  if (asked === undefined) return signedOut;
  const tokens = new URLSearchParams(typeof body === 'string' ? body : '').getAll(TOKEN_FIELD);
  const token = tokens.length === 1 ? tokens[0] : undefined;
  if (token === undefined || !isFormToken(current.sealer, host, token, asked.family, now)) {
    return refusalPage('invalid_token', { requestId, actions: [{ label: 'Sign out', href: OWN_ROUTES.signOut }] });
  }
  try {
    for (const { family, expiresAt } of sessions)
      await context.ledger.voidFamily(family, expiresAt + REVOCATION_MARGIN);
    await endElsewhere(passage, leavesWith(passage, sessions));
  } catch {
    // The cookies stay: a sign-out that could not be recorded must be seen to have failed, and be tried again.
    return refusalPage('ledger_unavailable', {
      requestId,
      actions: [{ label: 'Try again', href: OWN_ROUTES.signOut }],
    });
  }
  for (const session of sessions) {
    context.endTunnels(session.family);
    const { provider, issuer, subject, family } = session;
    context.audit.record({
      event: 'sign_out',
      provider,
      issuer,
      subject,
      family,
      requestId,
      clientIp: arrival.clientIp,
    });
  }
  return signedOut;
}

/** Who goes on to end a session at a SAML provider has ended what came of it on all our origins (Profiles 4.4.3.1). */
async function endElsewhere(passage: Passage, leaving: Session | null): Promise<void> {
  const config = leaving === null ? undefined : passage.current.world.providers.get(leaving.provider);
  if (config?.type !== 'saml' || leaving === null || leaving.providerSession === null) return;
  const { providerSession } = leaving;
  const person = config.logoutScope === 'person' ? personOfProviderSession(providerSession) : null;
  await endProviderSessions(passage, leaving.issuer, [person ?? providerSession]);
}

/**
 * The cookies that go: all but the one that tells a browser that keeps cookies from one that does not, which says
 * nothing of anybody. Without it a trip under way in another tab would end on a page that blames the browser.
 */
function withoutBrowser({ current }: Passage, host: HostEntry, cookies: OwnCookies): OwnCookies {
  const { browser } = cookieNames(current.world.cookiePrefix, host.secure);
  return new Map([...cookies].filter(([name]) => name !== browser));
}

const cookiesOf = ({ current, arrival }: Passage): OwnCookies =>
  readOwnCookies(arrival.cookie, current.world.cookiePrefix);

const sessionsOf = (passage: Passage, host: HostEntry, cookies: OwnCookies): readonly Session[] =>
  openedOn(passage, host, cookies).map(({ standing }) => standing.session);
