import type { SamlProviderConfig } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import type { Ask, Begun, Clock, Failed, Random, Received, Refused, SamlProvider } from '../../ports.ts';
import type { IdpMetadata } from '../../saml/metadata.ts';
import { failed } from '../failure.ts';
import type { Question } from './judge.ts';
import { createLogout } from './logout.ts';
import { readPerson } from './person.ts';
import { authnRequest, messageId } from './request.ts';
import { LONGEST_RESPONSE, refuse } from './response.ts';
import { serviceMetadata } from './service-metadata.ts';
import type { Trust } from './trust.ts';
import type { Verifier } from './verifier.ts';

export interface SamlProviderOptions {
  readonly config: SamlProviderConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes what an operator should hear: an event's name, and a detail without secrets. */
  readonly log: (event: string, detail: string) => void;
  /** What is known of the provider; whoever made it closes it. */
  readonly trust: Trust;
  /** Judges what it answers; whoever made it closes it. */
  readonly verifier: Verifier;
}

/** An assertion is of use to the one flow that asked for it, which is over long before, whatever else it says of its end. */
const LONGEST_REMEMBERED: Seconds = 86_400;

const UNKNOWN = failed('provider_unavailable', 'provider metadata not known');

/**
 * A SAML 2.0 provider by the web browser SSO profile (Profiles 4.1). Libraries make requests and verify signatures;
 * everything that a signed assertion says is checked here.
 */
export function createSamlProvider({ config, clock, random, log, trust, verifier }: SamlProviderOptions): SamlProvider {
  async function begin(ask: Ask): Promise<Begun | Failed> {
    const idp = await trust.known();
    if (idp === null) return UNKNOWN;
    const id = messageId(random);
    const sent = await authnRequest(config, idp, ask, id);
    if (sent === null) return failed('provider_error', 'provider takes no requests by a known binding');
    verifier.prepare();
    return { ok: true, ...sent, kept: { nonce: id, verifier: '' } };
  }

  async function receive(response: string, acs: string): Promise<Received | Refused> {
    const idp = await trust.known();
    if (idp === null) return { ...UNKNOWN, inResponseTo: null };
    const now = clock.now();
    const judged = await verifier.judge(questionOf(config, idp, response, acs, now), config.timeout);
    if (!judged.ok) return judged;
    const { inResponseTo, facts } = judged;
    const person = readPerson(facts, config, idp.entityId, now);
    if (typeof person === 'string') return refuse(person, inResponseTo);
    if (person.unread.length > 0) log('claims_not_kept', person.unread.join(' '));
    const { identity, proof, sessionEnds } = person;
    return {
      ok: true,
      identity,
      proof,
      sessionEnds,
      inResponseTo,
      assertion: facts.id,
      issuedAt: Math.min(now, facts.issueInstant + config.clockTolerance),
      expires: Math.min(facts.notOnOrAfter, now + LONGEST_REMEMBERED),
    };
  }

  return {
    type: 'saml',
    name: config.name,
    issuer: () => config.issuer ?? trust.knownNow()?.entityId ?? null,
    begin,
    receive,
    ...createLogout({ config, clock, random, trust }),
    serviceMetadata: (places) => serviceMetadata(config, places, clock.now()),
    close: () => {},
  };
}

/** What of all this another thread has to know. */
const questionOf = (
  config: SamlProviderConfig,
  { entityId, signingCertificates }: IdpMetadata,
  field: string,
  acs: string,
  now: Seconds,
): Question => ({
  // What is too long for anybody is not copied to another thread to be found so there.
  field: field.slice(0, LONGEST_RESPONSE + 1),
  acs,
  now,
  provider: { entityId, signingCertificates },
  own: {
    entityId: config.entityId,
    signed: config.signed,
    keys: [config.decrypt?.current, config.decrypt?.next].flatMap((pair) => pair?.key ?? []),
    allowLegacyEncryptionCbc: config.allowLegacyEncryptionCbc,
    clockTolerance: config.clockTolerance,
  },
});
