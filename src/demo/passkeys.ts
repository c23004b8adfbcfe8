import type { VerifiedAuthenticationResponse, WebAuthnCredential } from '@simplewebauthn/server';
import { LRUCache } from 'lru-cache';
import { loadOptional } from './optional.ts';
import type { DemoPerson } from './people.ts';

type WebAuthn = Pick<
  typeof import('@simplewebauthn/server'),
  | 'generateAuthenticationOptions'
  | 'generateRegistrationOptions'
  | 'verifyAuthenticationResponse'
  | 'verifyRegistrationResponse'
>;

/** The passkeys of the demo's people (Web Authentication Level 3), in memory for as long as the provider runs. */
export interface Passkeys {
  /** Whether this person has registered one. */
  has(person: DemoPerson): boolean;
  /** What the browser is asked on the page of one trip, as JSON. It holds for one answer; asking again replaces it. */
  askToRegister(trip: string, person: DemoPerson): Promise<string>;
  askToUse(trip: string, person: DemoPerson): Promise<string>;
  /** Keeps a new passkey; false for an answer to anything but what this trip was asked last. */
  register(trip: string, person: DemoPerson, answer: string): Promise<boolean>;
  /** How the person authenticated (RFC 8176), or null for an answer that proves nothing. */
  use(trip: string, person: DemoPerson, answer: string): Promise<readonly string[] | null>;
}

/** Questions that wait for an answer; the oldest is forgotten beyond that. */
const MAX_QUESTIONS = 1000;
/** Of one person; the oldest is forgotten beyond that. */
const MAX_PASSKEYS = 10;
/** EdDSA, ES256, RS256 (COSE algorithm identifiers): between them, every authenticator there is. */
const ALGORITHMS = [-8, -7, -257];

/**
 * @param issuer - the origin whose pages ask. Browsers have no passkeys under plain http but for `localhost`, and none
 *   at all under an IP address
 */
export function keepPasskeys(issuer: string, webauthn: WebAuthn): Passkeys {
  const rpID = new URL(issuer).hostname;
  const expected = { expectedOrigin: issuer, expectedRPID: rpID, requireUserVerification: true };
  const owned = new Map<string, readonly WebAuthnCredential[]>();
  const questions = new LRUCache<string, string>({ max: MAX_QUESTIONS });
  const of = ({ username }: DemoPerson): readonly WebAuthnCredential[] => owned.get(username) ?? [];
  const named = (person: DemoPerson) =>
    of(person).map(({ id, transports }) => ({ id, ...(transports && { transports }) }));

  function askedOnce(question: string): string {
    const challenge = questions.get(question) ?? '';
    questions.delete(question);
    if (challenge === '') throw new Error('nothing was asked');
    return challenge;
  }

  return {
    has: (person) => of(person).length > 0,

    async askToRegister(trip, person) {
      const options = await webauthn.generateRegistrationOptions({
        rpName: 'Demo identity provider',
        rpID,
        userName: person.username,
        userDisplayName: person.name,
        // The same after every start: where the passkey of an earlier run is still stored, it is replaced by this one.
        userID: Uint8Array.from(Buffer.from(`stepgate-demo:${person.username}`)),
        // People are known by name before they are asked: nothing need be stored on a key for discovery.
        authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
        excludeCredentials: named(person),
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
      });
      questions.set(`register ${trip}`, options.challenge);
      return JSON.stringify(options);
    },

    async askToUse(trip, person) {
      const options = await webauthn.generateAuthenticationOptions({
        rpID,
        allowCredentials: named(person),
        userVerification: 'required',
      });
      questions.set(`use ${trip}`, options.challenge);
      return JSON.stringify(options);
    },

    async register(trip, person, answer) {
      try {
        const expectedChallenge = askedOnce(`register ${trip}`);
        const response = JSON.parse(answer);
        const { registrationInfo } = await webauthn.verifyRegistrationResponse({
          ...expected,
          response,
          expectedChallenge,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        if (registrationInfo === undefined) return false;
        const { credential } = registrationInfo;
        // One that somebody has already would let one person's key speak for another (Level 3 section 7.1 step 27).
        if ([...owned.values()].flat().some(({ id }) => id === credential.id)) return false;
        owned.set(person.username, [...of(person), credential].slice(-MAX_PASSKEYS));
        return true;
      } catch {
        return false;
      }
    },

    async use(trip, person, answer) {
      try {
        const expectedChallenge = askedOnce(`use ${trip}`);
        const response = JSON.parse(answer);
        const credential = of(person).find(({ id }) => id === response.id);
        if (credential === undefined) return null;
        const result = await webauthn.verifyAuthenticationResponse({
          ...expected,
          response,
          expectedChallenge,
          credential,
        });
        if (!result.verified) return null;
        credential.counter = result.authenticationInfo.newCounter;
        return amr(result.authenticationInfo);
      } catch {
        return null;
      }
    },
  };
}

/**
 * RFC 8176: a key (`hwk`; `swk` where it is copied between devices), somebody who was there, and who is known to the device by a
 * PIN or biometrics, so more than one factor. Which kind of device it was, nobody vouches for: no attestation is asked.
 */
function amr({ credentialDeviceType }: VerifiedAuthenticationResponse['authenticationInfo']): readonly string[] {
  return [credentialDeviceType === 'singleDevice' ? 'hwk' : 'swk', 'user', 'mfa'];
}

/**
 * Loads @simplewebauthn/server.
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when the package is not installed
 */
export const loadWebAuthn = (): Promise<WebAuthn> =>
  loadOptional('@simplewebauthn/server', () => import('@simplewebauthn/server'));
