import type { Facts } from '../../core/facts.ts';
import type { Seconds } from '../../core/time.ts';
import type { Decimal } from './decimal.ts';
import type { Words } from './words.ts';

/**
 * What a part of a condition comes to where it has no value: it cannot be told, or not before somebody is signed in.
 * These are values and no exceptions, so that a part of a condition that is decided otherwise can pass them over.
 */
export const FAILED = Symbol('failed');
export const PERSON = Symbol('person');
export type Undetermined = typeof FAILED | typeof PERSON;

/** Single values by their kind. There is nothing of unknown kind: whatever a condition says is checked when it is loaded. */
export interface ValueOf {
  readonly bool: boolean;
  /** Up to 2^53; what would be larger fails. */
  readonly int: number;
  readonly string: string;
  readonly timestamp: Seconds;
  readonly duration: Seconds;
  readonly decimal: Decimal;
}
export type Single = keyof ValueOf;
/** Lists hold single values of one kind. */
export type Kind = Single | `list<${Single}>`;
export type Value = ValueOf[Single] | readonly ValueOf[Single][];
export type Run = (facts: Facts) => Value | Undetermined;

/** A part of a condition, compiled. */
export interface Term {
  readonly kind: Kind;
  /** Never throws. */
  readonly run: Run;
  /** Where it stands in the text, in UTF-16 units; `end` is behind it. */
  readonly at: number;
  readonly end: number;
  /** What it is, where it is written out. */
  readonly literal?: string | number | boolean;
  /** The items of a list that is written out. */
  readonly items?: readonly Term[];
  /** The only words that it can be. */
  readonly words?: Words | null;
  /** What it comes to for a group that the condition does not name; null and absent: that depends. */
  readonly unnamed?: boolean | null;
  /** What it is of the groups of the person: their list, or one of them. */
  readonly groups?: 'list' | 'one';
}

const NAMES: Readonly<Record<Single, readonly [one: string, several: string]>> = {
  bool: ['true or false', 'truths'],
  int: ['a whole number', 'whole numbers'],
  string: ['text', 'texts'],
  timestamp: ['a moment', 'moments'],
  duration: ['a span of time', 'spans of time'],
  decimal: ['a decimal', 'decimals'],
};

/** A kind in words. */
export const kindName = (kind: Kind): string =>
  isList(kind) ? `a list of ${NAMES[itemOf(kind)][1]}` : NAMES[kind as Single][0];

export const isList = (kind: Kind): kind is `list<${Single}>` => kind.startsWith('list<');

/** What the items of a list are. */
export const itemOf = (kind: `list<${Single}>`): Single => kind.slice(5, -1) as Single;

export const listOf = (item: Single): Kind => `list<${item}>`;

type Result = Value | typeof FAILED;

/** A function of one value: undetermined where that is. */
export const lift =
  (run: Run, apply: (value: never) => Result): Run =>
  (facts) => {
    const value = run(facts);
    return typeof value === 'symbol' ? value : apply(value as never);
  };

/** A function of two values. Where one of them fails it fails, whoever signs in. */
export const lift2 =
  (left: Run, right: Run, apply: (left: never, right: never) => Result): Run =>
  (facts) => {
    const a = left(facts);
    const b = right(facts);
    if (typeof a === 'symbol' || typeof b === 'symbol') return a === FAILED || b === FAILED ? FAILED : PERSON;
    return apply(a as never, b as never);
  };

/** Something that is found out: whatever goes wrong there fails. */
export const guarded =
  (read: Run): Run =>
  (facts) => {
    try {
      return read(facts);
    } catch {
      return FAILED;
    }
  };
