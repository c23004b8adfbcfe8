import type { Identity, Proof } from '../core/session.ts';
import type { StepUpFailure } from '../errors.ts';
import type { Received, Refused } from '../ports.ts';
import { isSeconds, isSecondsOrNull, isText, isTextOrNull, readFields } from './fields.ts';
import { decodeSession, encodeSession } from './session-codec.ts';

/** What came of a SAML response, on its way from the request that brought it to the one that comes for it. */
export interface HandedOver {
  /** Name of the provider in gateway.yaml. */
  readonly provider: string;
  /** As it came beside the response. */
  readonly relayState: string;
  readonly result: Received | Refused;
}

const VERSION = 1;
const FIELDS = 9;

export function encodeHandedOver({ provider, relayState, result }: HandedOver): string {
  const { inResponseTo } = result;
  const said = result.ok
    ? [null, null, result.assertion, result.expires, result.sessionEnds, writePerson(result)]
    : [result.failure, result.detail, null, null, null, null];
  return JSON.stringify([VERSION, provider, relayState, inResponseTo, ...said]);
}

/** What was handed over, or null for anything that {@link encodeHandedOver} does not write. */
export function decodeHandedOver(text: string): HandedOver | null {
  const fields = readFields(text, VERSION, FIELDS);
  if (fields === null) return null;
  const [provider, relayState, inResponseTo, failure, detail, assertion, expires, sessionEnds, written] = fields;
  if (!isText(provider) || !isText(relayState) || !isTextOrNull(inResponseTo)) return null;
  if (isText(failure)) {
    if (!isText(detail)) return null;
    return { provider, relayState, result: { ok: false, failure: failure as StepUpFailure, detail, inResponseTo } };
  }
  const person = isText(written) ? readPerson(written) : null;
  if (person === null || inResponseTo === null || !isText(assertion)) return null;
  if (!isSeconds(expires) || !isSecondsOrNull(sessionEnds)) return null;
  return { provider, relayState, result: { ok: true, inResponseTo, assertion, expires, sessionEnds, ...person } };
}

interface Person {
  readonly identity: Identity;
  readonly proof: Proof;
}

/** Who they are and what they have proven travel as a session does: by its codec, which checks every field. */
const writePerson = ({ identity, proof }: Person): string =>
  encodeSession({
    ...identity,
    birth: '',
    family: '',
    generation: 0,
    provider: '',
    proofs: [proof],
    createdAt: 0,
    expiresAt: 0,
  });

function readPerson(text: string): Person | null {
  const session = decodeSession(text);
  const proof = session?.proofs[0];
  if (session === null || proof === undefined) return null;
  const { issuer, subject, name, email, groups, namedGroupsOnly, claims, providerSession, loginHint } = session;
  const identity = { issuer, subject, name, email, groups, namedGroupsOnly, claims, providerSession, loginHint };
  return { identity, proof };
}
