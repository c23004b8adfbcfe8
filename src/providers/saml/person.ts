import type { SamlProviderConfig } from '../../config/world.ts';
import { factsRead } from '../../core/evidence.ts';
import type { Identity, Proof } from '../../core/session.ts';
import type { Seconds } from '../../core/time.ts';
import { TRANSIENT } from '../../saml/names.ts';
import { readKeptClaims } from '../claims.ts';
import type { AssertionFacts, NameId } from './assertion.ts';

/** Who came back, and the evidence of how; or the check that failed. */
export interface Person {
  readonly identity: Identity;
  readonly proof: Proof;
  readonly sessionEnds: Seconds | null;
  /** Attributes that conditions read and that came in a shape or size that is not kept. */
  readonly unread: readonly string[];
}

const LONGEST_SUBJECT = 512;

/**
 * Reads the person of an assertion that fits. Who they are is the signed NameID with all that qualifies it, or the one
 * attribute that the configuration names: never a name that the library has gathered from attributes.
 *
 * @param issuer - entityID of the provider, as verified
 * @param now - our clock, at receipt
 */
export function readPerson(
  facts: AssertionFacts,
  config: SamlProviderConfig,
  issuer: string,
  now: Seconds,
): Person | string {
  const subject = subjectOf(facts, config, issuer);
  if (subject === null || subject.length > LONGEST_SUBJECT) return 'subject';
  const { claims } = config;
  const groups = claims.groups === null ? [] : (facts.attributes.get(claims.groups) ?? []);
  // What is no text is of a shape that nobody keeps, which is not the same as absent.
  const claimed = Object.fromEntries([...facts.attributes].map(([name, values]) => [name, values ?? {}]));
  const { known, unread } = readKeptClaims(claimed, config.claimsKept);
  const identity: Identity = {
    issuer,
    subject,
    name: only(facts, claims.name),
    email: only(facts, claims.email),
    groups: [...new Set(groups)].filter((group) => config.keepsGroup(group)),
    namedGroupsOnly: false,
    claims: known,
    sought: config.sought,
    providerSession: facts.nameId === null ? null : providerSessionOf(facts.nameId, facts.sessionIndex),
    loginHint: null,
  };
  return { identity, proof: proofOf(facts, config, now), sessionEnds: facts.sessionNotOnOrAfter, unread };
}

function subjectOf(facts: AssertionFacts, config: SamlProviderConfig, issuer: string): string | null {
  if (config.subject !== null) return only(facts, config.subject);
  return facts.nameId === null ? null : subjectNamed(facts.nameId, config, issuer);
}

/** Who the person of a name is; null where it is none to know anybody by. */
export function subjectNamed(
  nameId: NameId,
  config: Pick<SamlProviderConfig, 'nameIdFormat' | 'entityId'>,
  issuer: string,
): string | null {
  // Another name in each session: whoever wants to know the person again must not be given one unasked.
  if (nameId.format === TRANSIENT && config.nameIdFormat !== TRANSIENT) return null;
  const plain =
    (nameId.format === null || nameId.format === config.nameIdFormat) &&
    (nameId.nameQualifier === null || nameId.nameQualifier === issuer) &&
    (nameId.spNameQualifier === null || nameId.spNameQualifier === config.entityId);
  // What qualifies a name is part of it; what is only said to be ours and the provider's own goes without saying.
  return plain && !nameId.value.startsWith('[') ? nameId.value : nameIdText(nameId);
}

/** One text of an attribute; null where it has none or several: then nobody knows which. */
function only(facts: AssertionFacts, name: string | null): string | null {
  const values = name === null ? [] : (facts.attributes.get(name) ?? []);
  return values.length === 1 ? values[0] || null : null;
}

/** A name as a text, by all that makes it one. */
export const nameIdText = ({ value, format, nameQualifier, spNameQualifier }: NameId): string =>
  JSON.stringify([value, format, nameQualifier, spNameQualifier]);

/** The provider's own session, by the names that it uses at sign-out (Profiles 4.4.3). */
export const providerSessionOf = (nameId: NameId, sessionIndex: string | null): string =>
  JSON.stringify([nameId.value, nameId.format, nameId.nameQualifier, nameId.spNameQualifier, sessionIndex]);

/**
 * Ages are taken on the provider's clock and then counted on ours. A response that was kept back for longer than clocks
 * differ has aged on its way: whoever held it gains nothing by that.
 */
function proofOf(facts: AssertionFacts, config: SamlProviderConfig, now: Seconds): Proof {
  const age = Math.max(0, facts.issueInstant - facts.authnInstant);
  const keptBack = Math.max(0, now - facts.issueInstant - config.clockTolerance);
  const at = Math.max(0, now - Math.ceil(age + keptBack));
  const read = factsRead(config.evidence).filter(
    ([name, value]) => typeof value === 'string' && facts.attributes.get(name)?.includes(value) === true,
  );
  return { at, freshAt: at, acr: facts.classRef, amr: null, facts: read };
}
