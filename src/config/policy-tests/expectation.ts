import { DENY_WHYS, type DenyWhy } from '../../core/decide.ts';
import { CHALLENGE_WHYS, type ChallengeWhy } from '../../core/demand.ts';
import type { Ladder, Level } from '../../core/ladder.ts';
import { suggest } from '../nearest.ts';

/** What a test expects: the kind of answer, and of what is not null exactly this. */
export interface Expectation {
  /** `public`: allowed to everybody; `allow`: to whoever proved what is demanded. */
  readonly kind: 'allow' | 'public' | 'challenge' | 'deny';
  /** The level that is asked for. */
  readonly level: Level | null;
  readonly why: ChallengeWhy | DenyWhy | null;
}

/** A word that cannot stand where it stands. */
export interface WrongWord {
  /** Where it starts, in characters of the text. */
  readonly index: number;
  readonly message: string;
  readonly hint: string | undefined;
}

const KINDS: readonly Expectation['kind'][] = ['allow', 'public', 'challenge', 'deny'];

/** Words that may stand behind a kind, each at most once and in this order. */
interface Slot {
  readonly field: 'level' | 'why';
  readonly says: string;
  readonly words: readonly string[];
}

function slotsOf(kind: Expectation['kind'], ladder: Ladder): readonly Slot[] {
  switch (kind) {
    case 'challenge':
      return [
        { field: 'level', says: 'level', words: [...ladder.named.keys()] },
        { field: 'why', says: 'reason of a challenge', words: CHALLENGE_WHYS },
      ];
    case 'deny':
      // A test names its app, so there always is one.
      return [{ field: 'why', says: 'reason to deny', words: DENY_WHYS.filter((why) => why !== 'no_app') }];
    default:
      return [];
  }
}

/** Reads `allow`, `public`, `challenge [level] [why]` or `deny [why]`. */
export function parseExpectation(text: string, ladder: Ladder): Expectation | WrongWord {
  const [first, ...rest] = text.matchAll(/\S+/g);
  const kind = KINDS.find((known) => known === first?.[0]);
  if (first === undefined || kind === undefined) {
    const message = `"${first?.[0] ?? ''}" is nothing that can be expected`;
    return { index: first?.index ?? 0, message, hint: suggest(first?.[0] ?? '', KINDS) };
  }
  let slots = slotsOf(kind, ladder);
  const said: { level: string | null; why: string | null } = { level: null, why: null };
  for (const { 0: word, index } of rest) {
    const slot = slots.findIndex(({ words }) => words.includes(word));
    const found = slots[slot];
    if (found === undefined) return wrongWord(word, index, kind, slots);
    said[found.field] = word;
    slots = slots.slice(slot + 1);
  }
  const level = said.level === null ? null : (ladder.named.get(said.level) ?? null);
  return { kind, level, why: said.why as Expectation['why'] };
}

function wrongWord(word: string, index: number, kind: string, slots: readonly Slot[]): WrongWord {
  if (slots.length === 0) {
    return { index, message: `nothing can stand behind that: "${word}"`, hint: `write: expect: ${SHAPES[kind]}` };
  }
  const message = `"${word}" is no ${slots.map(({ says }) => says).join(' and no ')}`;
  const words = slots.flatMap((slot) => slot.words);
  return { index, message, hint: suggest(word, words) };
}

const SHAPES: Readonly<Record<string, string>> = {
  allow: 'allow',
  public: 'public',
  challenge: 'challenge, challenge LEVEL, challenge REASON or challenge LEVEL REASON',
  deny: 'deny or deny REASON',
};
