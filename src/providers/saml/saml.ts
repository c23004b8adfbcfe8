import type { SamlProviderConfig } from '../../config/world.ts';
import type { Ask, Begun, Clock, Failed, Random, Received, Refused, SamlProvider } from '../../ports.ts';
import { codesOf, failed } from '../failure.ts';
import { readAssertion } from './assertion.ts';
import type { IdpMetadata } from './metadata.ts';
import { readPerson } from './person.ts';
import { authnRequest } from './request.ts';
import { readResponse } from './response.ts';
import { serviceMetadata } from './service-metadata.ts';
import type { Trust } from './trust.ts';
import { signedAssertion } from './verify.ts';
import type { Element } from './xml.ts';

export interface SamlProviderOptions {
  readonly config: SamlProviderConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes what an operator should hear: an event's name, and a detail without secrets. */
  readonly log: (event: string, detail: string) => void;
  /** What is known of the provider; whoever made it closes it. */
  readonly trust: Trust;
}

/** Random bytes of the ID of a request: nobody guesses one (Core 1.3.4 asks for 128 bits at least). */
const ID_BYTES = 20;

const UNKNOWN = failed('provider_unavailable', 'provider metadata not known');

/**
 * A SAML 2.0 provider by the web browser SSO profile (Profiles 4.1). The library makes requests and verifies signatures;
 * everything that a signed assertion says is checked here.
 */
export function createSamlProvider({ config, clock, random, log, trust }: SamlProviderOptions): SamlProvider {
  async function begin(ask: Ask): Promise<Begun | Failed> {
    const idp = await trust.known();
    if (idp === null) return UNKNOWN;
    const id = `_${random(ID_BYTES)}`;
    const sent = await authnRequest(config, idp, ask, id);
    if (sent === null) return failed('provider_error', 'provider takes no requests by a known binding');
    return { ok: true, ...sent, kept: { nonce: id, verifier: '' } };
  }

  async function receive(response: string, acs: string): Promise<Received | Refused> {
    const idp = await trust.known();
    if (idp === null) return { ...UNKNOWN, inResponseTo: null };
    const envelope = readResponse(response, {
      issuer: idp.entityId,
      acs,
      allowLegacyCbc: config.allowLegacyEncryptionCbc,
    });
    if ('refusal' in envelope) return { ...envelope.refusal, inResponseTo: envelope.inResponseTo };
    const { inResponseTo } = envelope;
    const verified = await verify(idp, response, acs, inResponseTo);
    if (!verified.ok) return { ...verified, inResponseTo };
    return verified;
  }

  async function verify(
    idp: IdpMetadata,
    response: string,
    acs: string,
    inResponseTo: string,
  ): Promise<Received | Failed> {
    const now = clock.now();
    let assertion: Element | null;
    try {
      assertion = await signedAssertion(config, idp, response, acs);
    } catch (error) {
      return failed('invalid_response', `answer not verified: ${codesOf(error)}`);
    }
    if (assertion === null) return failed('invalid_response', 'no signed assertion');
    const { clockTolerance, entityId: audience } = config;
    const facts = readAssertion(assertion, {
      issuer: idp.entityId,
      audience,
      acs,
      inResponseTo,
      now,
      clockTolerance,
    });
    if (typeof facts === 'string') return failed('invalid_response', `check failed: ${facts}`);
    const person = readPerson(facts, config, idp.entityId, now);
    if (typeof person === 'string') return failed('invalid_response', `check failed: ${person}`);
    if (person.unread.length > 0) log('claims_not_kept', person.unread.join(' '));
    const { identity, proof, sessionEnds } = person;
    return {
      ok: true,
      identity,
      proof,
      sessionEnds,
      inResponseTo,
      assertion: facts.id,
      expires: facts.notOnOrAfter,
    };
  }

  return {
    type: 'saml',
    name: config.name,
    issuer: () => config.issuer ?? trust.knownNow()?.entityId ?? null,
    begin,
    receive,
    serviceMetadata: (origins) => serviceMetadata(config, origins),
    close: () => {},
  };
}
