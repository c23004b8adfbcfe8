import type { SamlProviderConfig } from '../../config/world.ts';
import type {
  EndedSession,
  LogoutAnswered,
  LogoutAsked,
  LogoutMessage,
  LogoutRefused,
  WayBack,
} from '../../core/single-logout.ts';
import type { Clock, Random, SamlProvider, Sent } from '../../ports.ts';
import type { Endpoints } from '../../saml/metadata.ts';
import { namesAbout, readProviderSession } from './logout-names.ts';
import { readSignedForm, signedForm } from './logout-post.ts';
import { type ExpectedLogout, readLogoutRequest, readLogoutResponse } from './logout-read.ts';
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

/** What a SAML provider's adapter does about signing out. */
export type Logout = Pick<SamlProvider, 'canEndSession' | 'endSession' | 'receiveLogout' | 'answerLogout'>;

/**
 * Signing out in both directions by the single logout profile (Profiles 4.4). Whatever leaves here is signed, and nothing
 * that is not signed is looked at.
 */
export function createLogout({ config, clock, random, trust }: LogoutOptions): Logout {
  const { entityId, sign } = config;

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

  async function receiveLogout(
    { binding, text }: LogoutMessage,
    slo: string,
  ): Promise<LogoutAsked | LogoutAnswered | LogoutRefused> {
    const relayState = relayStateOfAnswer(text);
    const idp = await trust.known();
    if (idp === null) {
      return { kind: 'refused', failure: 'provider_unavailable', detail: 'provider metadata not known', relayState };
    }
    const refuse = (check: string): LogoutRefused => ({
      kind: 'refused',
      failure: 'invalid_response',
      detail: `check failed: ${check}`,
      relayState,
    });
    const read = binding === 'redirect' ? readSignedQuery : readSignedForm;
    const signed = read(text, idp.signingCertificates);
    if (typeof signed === 'string') return refuse(signed);
    if ((signed.relayState?.length ?? 0) > LONGEST_RELAY_STATE) return refuse('RelayState');
    const { entityId: issuer } = idp;
    const expected: ExpectedLogout = { issuer, slo, now: clock.now(), config };
    if (signed.type === 'SAMLResponse') {
      const answer = readLogoutResponse(signed, expected);
      return typeof answer === 'string' ? refuse(answer) : { kind: 'answered', ...answer, relayState };
    }
    const request = readLogoutRequest(signed, expected);
    if (typeof request === 'string') return refuse(request);
    const { id, nameId, sessionIndexes, expires } = request;
    return {
      kind: 'asked',
      id,
      issuer,
      names: namesAbout(nameId, sessionIndexes, { issuer, entityId }),
      subject: config.subject === null ? subjectNamed(nameId, config, issuer) : null,
      expires,
      relayState: signed.relayState,
    };
  }

  return { canEndSession, endSession, receiveLogout, answerLogout };
}

/** What an answer says it belongs to: what is ours is sealed, whoever brings it. */
function relayStateOfAnswer(text: string): string | null {
  const parameters = new URLSearchParams(text);
  return parameters.has('SAMLResponse') ? parameters.get('RelayState') : null;
}
