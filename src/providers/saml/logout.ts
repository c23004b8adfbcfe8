import type { SamlProviderConfig } from '../../config/world.ts';
import type {
  EndedSession,
  LogoutAnswered,
  LogoutAsked,
  LogoutMessage,
  LogoutRefused,
  WayBack,
} from '../../core/single-logout.ts';
import type { Seconds } from '../../core/time.ts';
import type { Clock, Random, SamlProvider, Sent } from '../../ports.ts';
import type { Endpoints } from '../../saml/metadata.ts';
import { namesAbout, readProviderSession } from './logout-names.ts';
import { readSignedForm, signedForm } from './logout-post.ts';
import { type ExpectedLogout, type RequestFacts, readLogoutRequest, readLogoutResponse } from './logout-read.ts';
import { readSignedQuery, signedUrl } from './logout-redirect.ts';
import type { Signed } from './logout-signed.ts';
import { logoutRequest, logoutResponse } from './logout-write.ts';
import { subjectNamed } from './person.ts';
import { messageId } from './request.ts';
import type { Trust } from './trust.ts';

export interface LogoutOptions {
  readonly config: SamlProviderConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly trust: Pick<Trust, 'known' | 'knownNow'>;
}

/** Characters of a RelayState that goes back to where it came from: more than anybody may send (Bindings 3.4.3). */
const LONGEST_RELAY_STATE = 1024;

/** Posted messages in one second whose signature does not hold, after which no more of them are verified in it. */
export const MOST_FORGED = 20;

/** What a SAML provider's adapter does about signing out. */
export type Logout = Pick<SamlProvider, 'canEndSession' | 'endSession' | 'receiveLogout' | 'answerLogout'>;

/**
 * Signing out in both directions by the single logout profile (Profiles 4.4). Whatever leaves here is signed, and nothing
 * that is not signed is looked at.
 */
export function createLogout({ config, clock, random, trust }: LogoutOptions): Logout {
  const { entityId, sign } = config;
  let forged = { at: 0, count: 0 };

  function canEndSession({ providerSession }: EndedSession): boolean {
    if (config.logout === 'local' || sign === null || readProviderSession(providerSession) === null) return false;
    const { redirect, post } = trust.knownNow()?.singleLogout ?? { redirect: null, post: null };
    return redirect !== null || post !== null;
  }

  async function endSession(session: EndedSession, { id, state }: WayBack): Promise<Sent | null> {
    const named = readProviderSession(session.providerSession);
    const idp = trust.knownNow();
    if (idp === null || named === null || !canEndSession(session)) return null;
    return sent(idp.singleLogout, 'SAMLRequest', state, (destination) => {
      const about = { id, issuer: entityId, destination, now: clock.now() };
      return logoutRequest(about, named.nameId, named.sessionIndex);
    });
  }

  function answerLogout({ id, relayState }: LogoutAsked, ended: boolean): Sent | null {
    const idp = trust.knownNow();
    if (idp === null) return null;
    return sent(idp.singleLogoutResponse, 'SAMLResponse', relayState, (destination) => {
      const about = { id: messageId(random), issuer: entityId, destination, now: clock.now() };
      return logoutResponse(about, id, ended);
    });
  }

  function sent(
    { redirect, post }: Endpoints,
    type: Signed['type'],
    relayState: string | null,
    write: (destination: string) => string,
  ): Sent | null {
    if (sign === null) return null;
    const { key } = sign.current;
    if (redirect !== null)
      return { url: signedUrl(redirect, { type, xml: write(redirect), relayState, key }), form: null };
    return post === null ? null : { url: post, form: signedForm(type, write(post), relayState, sign.current) };
  }

  /** The message, once it is known who sent it; else the check that failed, or null where nobody looked. */
  function verify({ binding, text }: LogoutMessage, certificates: readonly string[], now: Seconds) {
    // Anybody may post here, and a signature in a document costs milliseconds, which everybody else waits for.
    if (forged.at !== now) forged = { at: now, count: 0 };
    if (binding === 'post' && forged.count >= MOST_FORGED) return null;
    const signed = (binding === 'redirect' ? readSignedQuery : readSignedForm)(text, certificates);
    if (signed === 'signature') forged.count += 1;
    return typeof signed !== 'string' && (signed.relayState?.length ?? 0) > LONGEST_RELAY_STATE ? 'RelayState' : signed;
  }

  async function receiveLogout(
    message: LogoutMessage,
    slo: string,
  ): Promise<LogoutAsked | LogoutAnswered | LogoutRefused> {
    const relayState = relayStateOfAnswer(message.text);
    const idp = await trust.known();
    const unavailable = (detail: string) => refused('provider_unavailable', detail, relayState);
    const wrong = (check: string) => refused('invalid_response', `check failed: ${check}`, relayState);
    if (idp === null) return unavailable('provider metadata not known');
    const now = clock.now();
    const signed = verify(message, idp.signingCertificates, now);
    if (signed === null) return unavailable('too many messages with wrong signatures');
    if (typeof signed === 'string') return wrong(signed);
    const expected: ExpectedLogout = { issuer: idp.entityId, slo, now, config };
    if (signed.type === 'SAMLRequest') {
      const request = readLogoutRequest(signed, expected);
      return typeof request === 'string' ? wrong(request) : asked(request, idp.entityId, signed.relayState);
    }
    const answer = readLogoutResponse(signed, expected);
    return typeof answer === 'string' ? wrong(answer) : { kind: 'answered', ...answer, relayState };
  }

  const asked = ({ id, nameId, sessionIndexes, expires }: RequestFacts, issuer: string, relayState: string | null) => ({
    kind: 'asked' as const,
    id,
    issuer,
    names: namesAbout(nameId, config.logoutScope === 'person' ? [] : sessionIndexes, { issuer, entityId }),
    subject: config.subject === null ? subjectNamed(nameId, config, issuer) : null,
    expires,
    relayState,
  });

  return { canEndSession, endSession, receiveLogout, answerLogout };
}

const refused = (failure: LogoutRefused['failure'], detail: string, relayState: string | null): LogoutRefused => ({
  kind: 'refused',
  failure,
  detail,
  relayState,
});

/** What an answer says it belongs to: what is ours is sealed, whoever brings it. */
function relayStateOfAnswer(text: string): string | null {
  const parameters = new URLSearchParams(text);
  return parameters.has('SAMLResponse') ? parameters.get('RelayState') : null;
}
