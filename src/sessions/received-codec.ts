import { type Identity, identityOf, type Proof } from '../core/session.ts';
import type { Seconds } from '../core/time.ts';
import { ERRORS, type StepUpFailure } from '../errors.ts';
import type { Received, Refused } from '../ports.ts';
import { isSeconds, isSecondsOrNull, isText, isTextOrNull, readFields } from './fields.ts';
import { decodeSession, encodeSession } from './session-codec.ts';

/** What came of a SAML response, on its way from the request that brought it to the one that comes for it. */
export interface HandedOver {
  /** Name of the provider in gateway.yaml. */
  readonly provider: string;
  /** As it came beside the response. */
  readonly relayState: string;
  /** How the provider was believed when it was verified (`believedBy`): what is believed otherwise by now is asked again. */
  readonly believed: string;
  readonly result: Received | Refused;
}

const VERSION = 1;
const FIELDS = 9;

export function encodeHandedOver({ provider, relayState, believed, result }: HandedOver): string {
  const said = result.ok
    ? [null, result.assertion, result.expires, result.sessionEnds, writePerson(result)]
    : [result.failure, result.detail, null, null, null];
  return JSON.stringify([VERSION, provider, relayState, believed, result.inResponseTo, ...said]);
}

/** What was handed over, or null for anything that {@link encodeHandedOver} does not write. */
export function decodeHandedOver(text: string): HandedOver | null {
  const fields = readFields(text, VERSION, FIELDS);
  if (fields === null) return null;
  const [provider, relayState, believed, ...said] = fields;
  if (!isText(provider) || !isText(relayState) || !isText(believed)) return null;
  const result = said[1] === null ? readReceived(said) : readRefused(said);
  return result === null ? null : { provider, relayState, believed, result };
}

function readReceived([inResponseTo, , assertion, expires, sessionEnds, written]: readonly unknown[]): Received | null {
  const person = isText(written) ? readPerson(written) : null;
  if (person === null || !isText(inResponseTo) || !isText(assertion)) return null;
  if (!isSeconds(expires) || !isSecondsOrNull(sessionEnds)) return null;
  return { ok: true, inResponseTo, assertion, expires, sessionEnds, ...person };
}

function readRefused([inResponseTo, failure, detail, ...rest]: readonly unknown[]): Refused | null {
  if (!isTextOrNull(inResponseTo) || !isFailure(failure) || !isText(detail)) return null;
  return rest.every((nothing) => nothing === null) ? { ok: false, failure, detail, inResponseTo } : null;
}

const isFailure = (value: unknown): value is StepUpFailure => isText(value) && Object.hasOwn(ERRORS, value);

interface Person {
  readonly identity: Identity;
  readonly proof: Proof;
  readonly issuedAt: Seconds;
}

/** Who they are and what they have proven travel as a session does: by its codec, which checks every field. */
const writePerson = ({ identity, proof, issuedAt }: Person): string =>
  encodeSession({
    ...identity,
    birth: '',
    family: '',
    generation: 0,
    provider: '',
    proofs: [proof],
    createdAt: issuedAt,
    expiresAt: 0,
  });

function readPerson(text: string): Person | null {
  const session = decodeSession(text);
  const proof = session?.proofs[0];
  if (session === null || proof === undefined) return null;
  return { identity: identityOf(session), proof, issuedAt: session.createdAt };
}
