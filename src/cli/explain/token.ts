import type { Place } from '../../config/source-file.ts';
import type { OidcWithoutSecrets } from '../../config/world.ts';
import { factsRead, holds, type Mark, type Predicate, provenLevels } from '../../core/evidence.ts';
import { type LevelName, standsAtOrAbove } from '../../core/ladder.ts';
import type { Proof } from '../../core/session.ts';
import type { Seconds } from '../../core/time.ts';
import { claimOf } from '../../providers/claims.ts';
import { judge } from '../../providers/judge.ts';
import type { TokenClaims } from './token-file.ts';
import { momentText, spanText } from './words.ts';

/** Which levels the claims of an ID token prove, and by which line of gateway.yaml. */
export interface TokenExplanation {
  readonly provider: string;
  /** The strongest: one, or one of each branch. */
  readonly proven: readonly LevelName[];
  /** The entries that decided. */
  readonly places: readonly Place[];
  readonly sentence: string;
  /** What a token says that levels rest on, as JSON. Nothing else of it is shown. */
  readonly seen: readonly { readonly claim: string; readonly value: string }[];
  /** The provider's entries, strongest first. */
  readonly levels: readonly TokenLevel[];
  readonly remarks: readonly string[];
}

export interface TokenLevel {
  readonly level: LevelName;
  readonly place: Place;
  /** `implied`: a level that is proven stands above it. */
  readonly outcome: 'proven' | 'implied' | 'missing';
  readonly criteria: readonly TokenCriterion[];
}

export interface TokenCriterion {
  /** As under `levels`; `unmarked` is met where nothing else is. */
  readonly key: 'acr' | 'acrs' | 'amr_all' | 'amr_any' | 'claim' | 'unmarked';
  readonly text: string;
  readonly met: boolean;
}

/** Where the entries of a provider stand. */
export interface EvidencePlaces {
  readonly level: (name: LevelName) => Place;
  readonly unmarked: Place;
}

const BARE: Predicate = { acr: [], acrs: [], amrAll: [], amrAny: [], claims: [] };

/**
 * Judges the claims as the gateway judges those of a verified token that was issued this moment.
 *
 * @param clock - the time of issue, where the claims have none
 */
export function explainToken(
  config: OidcWithoutSecrets,
  { claims, decoded }: TokenClaims,
  places: EvidencePlaces,
  clock: Seconds,
): TokenExplanation {
  const iat = claimOf(claims, 'iat');
  const now = typeof iat === 'number' && Number.isFinite(iat) ? iat : clock;
  // What somebody left out when they copied the claims is none of the levels' business.
  const whole = { aud: config.clientId, sub: 'somebody', iat: now, ...claims };
  const { verdict } = judge(whole, config, config.issuer, now);
  const remarks = [
    decoded ? 'the token was decoded, and nothing of it verified' : 'these are claims that nobody signed',
  ];
  const seen = seenOf(config, claims);
  const issuer = claimOf(claims, 'iss');
  const foreign = issuer === undefined || issuer === config.issuer ? null : `its iss is not ${config.issuer}`;
  if (foreign !== null || !verdict.ok) {
    const sentence = `The gateway takes no such token: ${foreign ?? (verdict.ok ? '' : verdict.detail)}.`;
    return { provider: config.name, proven: [], places: [], sentence, seen, levels: [], remarks };
  }
  const { proof } = verdict;
  const levels = levelsOf(config, proof, places);
  const deciding = levels.filter(({ outcome }) => outcome === 'proven');
  return {
    provider: config.name,
    proven: deciding.map(({ level }) => level),
    places: deciding.map(({ place }) => place),
    sentence: sentenceOf(deciding, proof, now),
    seen,
    levels,
    remarks,
  };
}

function levelsOf({ evidence }: OidcWithoutSecrets, proof: Proof, places: EvidencePlaces): readonly TokenLevel[] {
  const proven = provenLevels(evidence, proof);
  const byMark = evidence.marks.some((mark) => proven.includes(mark.level) && holds(mark, proof));
  const levels = evidence.marks.map((mark): TokenLevel => {
    const { level } = mark;
    const decided = proven.includes(level) && byMark;
    const implied = proven.some((other) => standsAtOrAbove(other, level));
    const outcome = decided ? 'proven' : implied ? 'implied' : 'missing';
    return { level: level.name, place: places.level(level.name), outcome, criteria: criteriaOf(mark, proof) };
  });
  const { unmarked } = evidence;
  if (unmarked === null) return levels;
  const met = !byMark && proven.includes(unmarked);
  const implied = proven.some((other) => standsAtOrAbove(other, unmarked));
  const outcome = met ? 'proven' : implied ? 'implied' : 'missing';
  const criteria = [{ key: 'unmarked', text: 'no entry of another level holds', met }] as const;
  return [...levels, { level: unmarked.name, place: places.unmarked, outcome, criteria }];
}

/** Each thing that an entry asks for, by itself. */
function criteriaOf({ acr, acrs, amrAll, amrAny, claims }: Mark, proof: Proof): readonly TokenCriterion[] {
  const parts: readonly (readonly [TokenCriterion['key'], string, Partial<Predicate>])[] = [
    ...(acr.length > 0 ? [['acr', acr.join(' or '), { acr }] as const] : []),
    ...(acrs.length > 0 ? [['acrs', acrs.join(' or '), { acrs }] as const] : []),
    ...(amrAll.length > 0 ? [['amr_all', amrAll.join(' and '), { amrAll }] as const] : []),
    ...(amrAny.length > 0 ? [['amr_any', amrAny.join(' or '), { amrAny }] as const] : []),
    ...claims.map((fact) => ['claim', `${fact[0]}: ${JSON.stringify(fact[1])}`, { claims: [fact] }] as const),
  ];
  return parts.map(([key, text, part]) => ({ key, text, met: holds({ ...BARE, ...part }, proof) }));
}

function sentenceOf(deciding: readonly TokenLevel[], proof: Proof, now: Seconds): string {
  if (deciding.length === 0) {
    return proof.acr === '0'
      ? 'It proves nothing: an acr of "0" says that the provider has no confidence at all.'
      : 'It proves nothing: no entry of the provider holds, and nothing is said of a sign-in that no entry is about.';
  }
  const { freshAt } = proof;
  const levels = deciding.map(({ level }) => `"${level}"`).join(' and ');
  if (freshAt === null) {
    return `It proves ${levels}; without auth_time it is no proof where max_age or since is asked for.`;
  }
  const age = now - freshAt;
  return `It proves ${levels}, by an authentication ${age === 0 ? 'at its time of issue' : `${spanText(age)} before its time of issue`}.`;
}

/** What of the token levels can rest on. */
function seenOf(config: OidcWithoutSecrets, claims: TokenClaims['claims']): TokenExplanation['seen'] {
  const read = factsRead(config.evidence).map(([claim]) => claim);
  const seen = [...new Set(['acr', 'amr', 'acrs', ...read])].flatMap((claim) => {
    const value = claimOf(claims, claim);
    return value === undefined ? [] : [{ claim, value: JSON.stringify(value) }];
  });
  const at = claimOf(claims, 'auth_time');
  const isTime = typeof at === 'number' && Math.abs(at) < 1e11;
  return at === undefined
    ? seen
    : [...seen, { claim: 'auth_time', value: isTime ? momentText(at) : JSON.stringify(at) }];
}
