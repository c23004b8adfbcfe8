import { type EvidenceMap, type Mark, markOf } from '../core/evidence.ts';
import { type Ladder, type Level, standsAtOrAbove } from '../core/ladder.ts';
import type { Fact } from '../core/session.ts';
import { reportUnknownLevel } from './compile-ladder.ts';
import type { Findings } from './findings.ts';
import type { LevelProofEntry } from './gateway-schema.ts';
import { suggest } from './nearest.ts';
import { below, type Where } from './source-file.ts';
import { shadowedBy } from './told-apart.ts';

/** What the evidence of one kind of provider is called in gateway.yaml. */
export interface EvidenceWords {
  /** The key of what a level is asked for by. */
  readonly acr: 'acr' | 'class_ref';
  /** What that is, in a sentence. */
  readonly kind: string;
  /** What a level can be proven by. */
  readonly proofs: string;
  /** Whether `claim` are claims of a token, some of which say nothing of levels. */
  readonly claimsOfTokens: boolean;
}

const OIDC_WORDS: EvidenceWords = {
  acr: 'acr',
  kind: 'acr',
  proofs: 'an acr, acrs, amr_all, amr_any or claim',
  claimsOfTokens: true,
};

export const SAML_WORDS: EvidenceWords = {
  acr: 'class_ref',
  kind: 'class',
  proofs: 'a class_ref or an attribute',
  claimsOfTokens: false,
};

/** What proves which level at a provider; null after reporting why that is not known. */
export function compileEvidence(
  entry: { readonly levels: Readonly<Record<string, LevelProofEntry>>; readonly unmarked?: string | undefined },
  where: Where,
  ladder: Ladder | null,
  findings: Findings,
  words = OIDC_WORDS,
): EvidenceMap | null {
  const names = Object.keys(entry.levels);
  if (names.length === 0 && entry.unmarked === undefined) {
    const hint = `say under "levels" which ${words.kind} proves which level`;
    findings.problemAtKey(where, 'proves-nothing', 'this provider proves no level', hint);
    return null;
  }
  if (ladder === null) return null;
  const levels = below(where, 'levels');
  const marks: Mark[] = [];
  let fine = true;
  for (const name of names) {
    const level = ladder.named.get(name);
    const mark = level === undefined ? undefined : markFor(level, entry.levels[name] ?? {});
    if (mark === undefined) reportUnknownLevel(name, below(levels, name), true, ladder, findings);
    else if (
      isMeaningful(mark, below(levels, name), words, findings) &&
      isToldApart(mark, marks, levels, words, findings)
    ) {
      marks.push(mark);
      continue;
    }
    fine = false;
  }
  const unmarked = entry.unmarked === undefined ? null : ladder.named.get(entry.unmarked);
  if (unmarked === undefined) {
    reportUnknownLevel(entry.unmarked ?? '', below(where, 'unmarked'), false, ladder, findings);
    return null;
  }
  return fine ? { marks: marks.sort((a, b) => b.level.rank - a.level.rank), unmarked } : null;
}

/** The levels that a map can prove, weakest first. */
export function provableBy(evidence: EvidenceMap): readonly Level[] {
  const levels = new Set(evidence.marks.map((mark) => mark.level));
  if (evidence.unmarked !== null) levels.add(evidence.unmarked);
  return [...levels].sort((a, b) => a.rank - b.rank);
}

function markFor(level: Level, entry: LevelProofEntry): Mark {
  return markOf(level, {
    acr: entry.acr ?? [],
    acrs: entry.acrs ?? [],
    amrAll: entry.amr_all ?? [],
    amrAny: entry.amr_any ?? [],
    claims: Object.entries(entry.claim ?? {}),
  });
}

/** Claims that say who the person is, or that are the same in every token: none of them tells one level from another. */
const TELLS_NOTHING: ReadonlySet<string> = new Set(
  'iss sub aud azp exp nbf iat jti nonce sid auth_time at_hash c_hash s_hash'.split(' '),
);
/** Claims that have a key of their own. */
const OWN_KEY: ReadonlyMap<string, string> = new Map([
  ['acr', '"acr"'],
  ['acrs', '"acrs"'],
  ['amr', '"amr_all" or "amr_any"'],
]);

function isMeaningful(mark: Mark, where: Where, words: EvidenceWords, findings: Findings): boolean {
  const { acr, acrs, amrAll, amrAny, claims } = mark;
  if (acr.length + acrs.length + amrAll.length + amrAny.length + claims.length === 0) {
    const message = `nothing is asked of a proof of "${mark.level.name}": every sign-in would be one`;
    findings.problemAtKey(where, 'proves-everything', message, `name ${words.proofs}`);
    return false;
  }
  for (const [key, methods] of [
    ['amr_all', amrAll],
    ['amr_any', amrAny],
  ] as const) {
    for (const [i, method] of methods.entries()) noteUnknownMethod(method, below(where, key, i), findings);
  }
  if (!words.claimsOfTokens) return true;
  return claims.map(([name]) => isTelling(name, below(where, 'claim', name), findings)).every(Boolean);
}

function isTelling(name: Fact[0], where: Where, findings: Findings): boolean {
  const key = OWN_KEY.get(name);
  if (key !== undefined) findings.problemAtKey(where, 'bad-claim', `"${name}" is not looked at here`, `write ${key}`);
  else if (TELLS_NOTHING.has(name)) {
    findings.problemAtKey(where, 'bad-claim', `"${name}" does not tell one kind of sign-in from another`);
  } else return true;
  return false;
}

/** Authentication method reference values of RFC 8176 2. Providers add their own. */
const METHODS = 'face fpt geo hwk iris kba mca mfa otp pin pop pwd rba retina sc sms swk tel user vbm wia'.split(' ');

function noteUnknownMethod(method: string, where: Where, findings: Findings): void {
  if (METHODS.includes(method)) return;
  const message = `"${method}" is no method of RFC 8176: right only if this provider writes exactly that`;
  findings.notice(where, 'unknown-amr', message, suggest(method, METHODS));
}

/** Whether the level can be told from those that were read before, in both directions. */
function isToldApart(
  mark: Mark,
  others: readonly Mark[],
  levels: Where,
  words: EvidenceWords,
  findings: Findings,
): boolean {
  for (const other of others) {
    for (const [weaker, stronger] of confusable(mark, other)) {
      const shadow = shadowedBy(stronger, weaker);
      if (shadow === null) continue;
      const where = below(levels, mark.level.name);
      if (shadow.acr === null) {
        const message = `whatever proves "${weaker.level.name}" proves "${stronger.level.name}" too`;
        findings.problemAtKey(where, 'levels-not-told-apart', message, `ask more of "${stronger.level.name}"`);
      } else {
        const message = `"${shadow.acr}" proves "${other.level.name}" already: one ${words.kind} proves one level`;
        findings.problem(below(where, words.acr, mark.acr.indexOf(shadow.acr)), 'duplicate-acr', message);
      }
      return false;
    }
  }
  return true;
}

/**
 * What must not be taken for what: a weaker level's proof for a stronger one's. A stronger level's proof may say all that
 * the weaker asks for; of two branches of a tree neither may, since no proof of one is one of the other.
 */
function confusable(one: Mark, other: Mark): readonly (readonly [weaker: Mark, stronger: Mark])[] {
  if (standsAtOrAbove(one.level, other.level)) return [[other, one]];
  if (standsAtOrAbove(other.level, one.level)) return [[one, other]];
  return [
    [one, other],
    [other, one],
  ];
}
