import type { HostEntry } from '../config/world.ts';
import type { Session } from '../core/session.ts';
import { renderLeaving, renderSignedOut } from '../pages/sign-out-pages.ts';
import type { Sent } from '../ports.ts';
import { cookieNames, type OwnCookies, readOwnCookies } from '../sessions/cookies.ts';
import { type Leaving, openLeaveToken, sealLeaveToken } from '../sessions/leave-token.ts';
import { departForLogout, openGoodbye } from '../sessions/logout-state.ts';
import type { Passage } from './answer.ts';
import { page, postOn } from './answers.ts';
import type { Answer } from './context.ts';
import { findHost } from './gate.ts';
import { OWN_ROUTES, originsOf } from './own-routes.ts';
import { refusalAnswer } from './refusals.ts';

/** Where providers send people back to after their own sign-out, and where the browser goes after ours. */
const signedOutUrl = (host: HostEntry): string => `${host.origin}${OWN_ROUTES.signedOut}`;

/** Characters of a URL of ours, at most: a provider that has longer names for its sessions is not told of a sign-out. */
const LONGEST_URL = 6000;

/** The first of these sessions whose provider offers a sign-out of its own that the configuration wants; null for none. */
export const leavesWith = ({ current }: Passage, sessions: readonly Session[]): Session | null =>
  sessions.find((session) => current.providers.get(session.provider)?.canEndSession(session)) ?? null;

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
  const session = leavesWith(passage, sessions);
  if (session === null) return signedOutUrl(host);
  const leaving = { ...session, browser: browserOf(passage, host, cookies) };
  const url = `${signedOutUrl(host)}?t=${sealLeaveToken(current.sealer, host, leaving, now)}`;
  return url.length <= LONGEST_URL ? url : signedOutUrl(host);
}

/** `GET /.stepgate/signed-out`: says so, and leads on to the provider's sign-out where it comes from ours. */
export async function showSignedOut(passage: Passage): Promise<Answer> {
  const { current, arrival, requestId, now } = passage;
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const parameters = new URL(`${host.origin}${arrival.target}`).searchParams;
  const browser = browserOf(passage, host, readOwnCookies(arrival.cookie, current.world.cookiePrefix));
  const token = only(parameters, 't');
  const leaving = token === null ? null : openLeaveToken(current.sealer, host, token, now);
  // Somebody else's link must not sign this person out of the provider.
  if (browser !== null && leaving?.browser === browser) {
    const sent = await toProvider(passage, host, leaving, browser);
    if (sent?.form) return postOn(sent.url, sent.form);
    if (sent !== null) return page(200, renderLeaving({ href: sent.url }));
  }
  const goodbye = only(parameters, 'a');
  const atProvider =
    goodbye === null || browser === null ? 'unknown' : openGoodbye(current.sealer, host, goodbye, browser, now);
  return page(200, renderSignedOut({ startHref: '/', atProvider }));
}

async function toProvider(passage: Passage, host: HostEntry, leaving: Leaving, browser: string): Promise<Sent | null> {
  const { context, current, now } = passage;
  const place = Math.max(0, originsOf(current.world, leaving.provider).indexOf(host.origin));
  const { random } = context;
  const departure = departForLogout(current.sealer, leaving.provider, place, browser, { random, now });
  const provider = current.providers.get(leaving.provider);
  return (await provider?.endSession(leaving, { ...departure, returnTo: signedOutUrl(host) })) ?? null;
}

/** The value of a parameter that is there once. */
function only(parameters: URLSearchParams, name: string): string | null {
  const [value, ...more] = parameters.getAll(name);
  return value !== undefined && more.length === 0 ? value : null;
}

const browserOf = ({ current }: Passage, host: HostEntry, cookies: OwnCookies): string | null =>
  cookies.get(cookieNames(current.world.cookiePrefix, host.secure).browser) ?? null;
