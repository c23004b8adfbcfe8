import * as client from 'openid-client';
import type { OidcProviderConfig } from '../config/world.ts';
import type { EndedSession, WayBack } from '../core/single-logout.ts';
import type { Ask, Begun, Clock, Failed, Kept, OidcProvider, Random, Sent, Verified } from '../ports.ts';
import { authorizationParameters } from './ask.ts';
import { callbackProblem } from './callback.ts';
import type { Claims } from './claims.ts';
import { type Discovered, type Discovery, type Schedule, startDiscovery } from './discovery.ts';
import { failed, failureOf } from './failure.ts';
import { type Judgement, judge } from './judge.ts';
import { pushRequest } from './push.ts';
import { completedClaims } from './userinfo.ts';

export interface OidcProviderOptions {
  readonly config: OidcProviderConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes what an operator should hear: an event's name, and a detail without secrets. */
  readonly log: (event: string, detail: string) => void;
  /** What is known of the provider already, for one that outlives this object; whoever made it closes it. */
  readonly discovery?: Discovery;
  /** For tests: how later attempts of discovery are scheduled. */
  readonly schedule?: Schedule;
  /** For tests: how requests are sent. */
  readonly fetch?: client.CustomFetch;
}

/** Random bytes of a nonce and of a PKCE verifier (RFC 7636 7.1). */
const NONCE_BYTES = 16;
const VERIFIER_BYTES = 32;

const NOT_DISCOVERED = failed('provider_unavailable', 'provider not discovered');

/**
 * An OpenID Connect provider by the authorization code flow (Core 3.1) with PKCE and nonce. It is discovered in the
 * background, from now on. Of its tokens nothing is kept: what the ID token says becomes an identity and a proof.
 */
export function createOidcProvider(options: OidcProviderOptions): OidcProvider {
  const { config, clock, random, log, schedule = later, fetch = send } = options;
  const discovery = options.discovery ?? startDiscovery({ config, clock, random, log, schedule, fetch });

  async function begin(ask: Ask): Promise<Begun | Failed> {
    const known = await discovery.known();
    if (known === null) return NOT_DISCOVERED;
    const kept: Kept = { nonce: random(NONCE_BYTES), verifier: random(VERIFIER_BYTES) };
    const challenge = await client.calculatePKCECodeChallenge(kept.verifier);
    const parameters = authorizationParameters(
      config,
      known.takesClaims,
      ask,
      { nonce: kept.nonce, challenge },
      clock.now(),
    );
    if (!known.pushes)
      return { ok: true, url: client.buildAuthorizationUrl(known.configuration, parameters).href, form: null, kept };
    const pushed = await pushRequest(known, parameters);
    return typeof pushed === 'string' ? { ok: true, url: pushed, form: null, kept } : pushed;
  }

  async function finish(callback: URL, kept: Kept, state: string): Promise<Verified | Failed> {
    const known = await discovery.known();
    if (known === null) return NOT_DISCOVERED;
    const problem = callbackProblem(callback.searchParams, known.issuer);
    if (problem !== null) return failed('invalid_response', problem);
    // The library takes an empty verifier for none and would leave PKCE out.
    if (kept.nonce === '' || kept.verifier === '' || state === '') return failed('invalid_response', 'flow is empty');
    let answer: Answer;
    try {
      answer = await exchange(known, callback, kept, state);
    } catch (error) {
      return failureOf(error);
    }
    const { verdict, notes } = await judgeAnswer(known, answer);
    for (const note of notes) log(note.event, note.detail);
    return verdict;
  }

  /** The ID token first: nobody is asked about a person whose token proves nothing. */
  async function judgeAnswer(known: Discovered, { claims, accessToken }: Answer): Promise<Judgement> {
    const now = clock.now();
    const judgement = judge(claims, config, known.issuer, now);
    const { verdict } = judgement;
    if (!verdict.ok || !config.userinfo) return judgement;
    const about = await completedClaims(known, config, claims, verdict.identity.subject, accessToken);
    return about.ok ? judge(claims, config, known.issuer, now, about.claims) : { verdict: about, notes: [] };
  }

  const endSessionEndpoint = (): string | null =>
    config.logout === 'local' ? null : (discovery.knownNow()?.endSessionEndpoint ?? null);

  async function endSession({ subject, loginHint }: EndedSession, { returnTo }: WayBack): Promise<Sent | null> {
    const endpoint = endSessionEndpoint();
    if (endpoint === null) return null;
    const url = new URL(endpoint);
    url.searchParams.set('client_id', config.clientId);
    url.searchParams.set('post_logout_redirect_uri', returnTo);
    url.searchParams.set('logout_hint', loginHint ?? subject);
    return { url: url.href, form: null };
  }

  const close = options.discovery === undefined ? discovery.close : () => {};
  return {
    type: 'oidc',
    name: config.name,
    issuer: () => config.issuer,
    begin,
    finish,
    canEndSession: () => endSessionEndpoint() !== null,
    endSession,
    close,
  };
}

/** What an exchanged code came to, of which nothing but what is read here is kept. */
interface Answer {
  readonly claims: Claims;
  readonly accessToken: string;
}

/**
 * Verifies state and issuer of the answer, exchanges its code and verifies the ID token (Core 3.1.3.7): signature with
 * the pinned algorithm, issuer, audience, expiry, nonce. No `maxAge` here: the library would add tolerance to it.
 *
 * @throws what {@link failureOf} takes
 */
async function exchange(known: Discovered, callback: URL, kept: Kept, state: string): Promise<Answer> {
  const tokens = await client.authorizationCodeGrant(known.configuration, callback, {
    expectedState: state,
    expectedNonce: kept.nonce,
    pkceCodeVerifier: kept.verifier,
    idTokenExpected: true,
  });
  return { claims: tokens.claims() ?? {}, accessToken: tokens.access_token };
}

export const send: client.CustomFetch = (url, request) => globalThis.fetch(url, request as RequestInit);

export const later: Schedule = (run, seconds) => {
  const timer = setTimeout(run, seconds * 1000);
  timer.unref();
  return () => clearTimeout(timer);
};
