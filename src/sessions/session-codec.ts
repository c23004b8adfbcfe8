import { type Fact, type KnownClaims, MAX_PROOFS, type Proof, type Session } from '../core/session.ts';
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

const VERSION = 4;
const FIELDS = 17;

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
    session.proofs.map(writeProof),
    session.providerSession,
    session.createdAt,
    session.expiresAt,
    session.loginHint,
    session.namedGroupsOnly,
    [...session.claims].map(writeClaim),
    session.sought,
  ]);
}

/** The session in an opened cookie, or null for anything that {@link encodeSession} does not write. */
export function decodeSession(text: string): Session | null {
  const fields = readFields(text, VERSION, FIELDS);
  if (fields === null) return null;
  const [birth, family, generation, provider, issuer, subject, name, email, groups, listed, ...rest] = fields;
  const [providerSession, createdAt, expiresAt, loginHint, namedGroupsOnly, told, sought] = rest;
  if (!isText(birth) || !isText(family) || !isCount(generation)) return null;
  if (!isText(provider) || !isText(issuer) || !isText(subject)) return null;
  if (!isTextOrNull(name) || !isTextOrNull(email) || !isTextList(groups)) return null;
  if (!isTextOrNull(providerSession) || !isSeconds(createdAt) || !isSeconds(expiresAt)) return null;
  if (!isTextOrNull(loginHint) || typeof namedGroupsOnly !== 'boolean') return null;
  if (!isText(sought)) return null;
  const proofs = readList(listed, readProof);
  const claims = readClaims(told);
  if (proofs === null || proofs.length > MAX_PROOFS || claims === null) return null;
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
    namedGroupsOnly,
    claims,
    sought,
    proofs,
    providerSession,
    createdAt,
    expiresAt,
    loginHint,
  };
}

/** One that the provider said nothing of is its name alone. */
const writeClaim = ([name, values]: readonly [string, readonly string[] | null]) =>
  values === null ? name : [name, ...values];

function readClaims(value: unknown): KnownClaims | null {
  const pairs = readList(value, (item): readonly [string, readonly string[] | null] | null => {
    if (isText(item)) return [item, null];
    if (!isTextList(item)) return null;
    const [name, ...values] = item;
    return name === undefined ? null : [name, values];
  });
  if (pairs === null) return null;
  const claims = new Map(pairs);
  return claims.size === pairs.length ? claims : null;
}

const writeProof = ({ at, freshAt, acr, amr, facts }: Proof) => [at, freshAt, acr, amr, facts] as const;

function readProof(item: unknown): Proof | null {
  if (!Array.isArray(item) || item.length !== 5) return null;
  const [at, freshAt, acr, amr, listed]: unknown[] = item;
  if (!isSeconds(at) || !isSecondsOrNull(freshAt) || !isTextOrNull(acr)) return null;
  if (amr !== null && !isTextList(amr)) return null;
  const facts = readList(listed, readFact);
  return facts === null ? null : { at, freshAt, acr, amr, facts };
}

function readFact(item: unknown): Fact | null {
  if (!Array.isArray(item) || item.length !== 2) return null;
  const [claim, value]: unknown[] = item;
  if (!isText(claim)) return null;
  return isText(value) || typeof value === 'number' || typeof value === 'boolean' ? [claim, value] : null;
}
