import { MAX_PROOFS, type Proof, type Session } from '../core/session.ts';
import {
  isCount,
  isSeconds,
  isSecondsOrNull,
  isText,
  isTextList,
  isTextOrNull,
  readFields,
  readList,
} from './fields.ts';

const VERSION = 1;
const FIELDS = 13;

/** A session as the text that is sealed into its cookie. */
export function encodeSession(session: Session): string {
  return JSON.stringify([
    VERSION,
    session.birth,
    session.family,
    session.generation,
    session.provider,
    session.issuer,
    session.subject,
    session.name,
    session.email,
    session.groups,
    session.proofs.map(({ at, freshAt, acr, amr }) => [at, freshAt, acr, amr]),
    session.providerSession,
    session.createdAt,
    session.expiresAt,
  ]);
}

/** The session in an opened cookie, or null for anything that {@link encodeSession} does not write. */
export function decodeSession(text: string): Session | null {
  const fields = readFields(text, VERSION, FIELDS);
  if (fields === null) return null;
  const [birth, family, generation, provider, issuer, subject, name, email, groups, listed, ...rest] = fields;
  const [providerSession, createdAt, expiresAt] = rest;
  if (!isText(birth) || !isText(family) || !isCount(generation)) return null;
  if (!isText(provider) || !isText(issuer) || !isText(subject)) return null;
  if (!isTextOrNull(name) || !isTextOrNull(email) || !isTextList(groups)) return null;
  if (!isTextOrNull(providerSession) || !isSeconds(createdAt) || !isSeconds(expiresAt)) return null;
  const proofs = readList(listed, readProof);
  if (proofs === null || proofs.length > MAX_PROOFS) return null;
  return {
    birth,
    family,
    generation,
    provider,
    issuer,
    subject,
    name,
    email,
    groups,
    proofs,
    providerSession,
    createdAt,
    expiresAt,
  };
}

function readProof(item: unknown): Proof | null {
  if (!Array.isArray(item) || item.length !== 4) return null;
  const [at, freshAt, acr, amr]: unknown[] = item;
  if (!isSeconds(at) || !isSecondsOrNull(freshAt) || !isTextOrNull(acr)) return null;
  if (amr !== null && !isTextList(amr)) return null;
  return { at, freshAt, acr, amr };
}
