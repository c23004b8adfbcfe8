import type { HostEntry } from '../config/world.ts';
import type { Session } from '../core/session.ts';
import type { Current } from '../live/live.ts';
import { renderLeaving, renderSignedOut } from '../pages/sign-out-pages.ts';
import type { AskedPerson } from '../ports.ts';
import { cookieNames, type OwnCookies, readOwnCookies } from '../sessions/cookies.ts';
import { openLeaveToken, sealLeaveToken } from '../sessions/leave-token.ts';
import type { Passage } from './answer.ts';
import { page } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { OWN_ROUTES } from './own-routes.ts';
import { refusalAnswer } from './refusals.ts';

/** Where providers send people back to after their own sign-out, and where the browser goes after ours. */
const signedOutUrl = (host: HostEntry): string => `${host.origin}${OWN_ROUTES.signedOut}`;

/** The first of these sessions whose provider offers a sign-out of its own that the configuration wants; null for none. */
export const leavesWith = ({ current }: Passage, host: HostEntry, sessions: readonly Session[]): Session | null =>
  sessions.find((session) => endSessionUrl(current, session.provider, session, host) !== null) ?? null;

function endSessionUrl(current: Current, name: string, person: AskedPerson, host: HostEntry): string | null {
  const provider = current.providers.get(name);
  return provider?.type === 'oidc' ? provider.endSession(person, signedOutUrl(host)) : null;
}

/**
 * Where the browser goes when its sessions here are over. A form cannot be answered with a redirect to the provider
 * (`form-action` of our own policy), so the page behind it leads on, and says for whom.
 */
export function afterSignOut(
  passage: Passage,
  host: HostEntry,
  sessions: readonly Session[],
  cookies: OwnCookies,
): string {
  const { current, now } = passage;
  const session = leavesWith(passage, host, sessions);
  if (session === null) return signedOutUrl(host);
  const { provider, subject, loginHint } = session;
  const browser = browserOf(passage, host, cookies);
  return `${signedOutUrl(host)}?t=${sealLeaveToken(current.sealer, host, { provider, subject, loginHint, browser }, now)}`;
}

/** `GET /.stepgate/signed-out`: says so, and leads on to the provider's sign-out where it comes from ours. */
export function showSignedOut(passage: Passage): Answer {
  const { current, arrival, requestId, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const tokens = new URL(`${host.origin}${arrival.target}`).searchParams.getAll('t');
  const token = tokens.length === 1 && tokens[0] !== undefined ? tokens[0] : null;
  const leaving = token === null ? null : openLeaveToken(current.sealer, host, token, now);
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  // Somebody else's link must not sign this person out of the provider.
  const ours = leaving?.browser != null && leaving.browser === browserOf(passage, host, cookies);
  const href = ours ? endSessionUrl(current, leaving.provider, leaving, host) : null;
  return page(200, href ? renderLeaving({ href }) : renderSignedOut({ startHref: '/' }));
}

const browserOf = ({ current }: Passage, host: HostEntry, cookies: OwnCookies): string | null =>
  cookies.get(cookieNames(current.world.cookiePrefix, host.secure).browser) ?? null;
