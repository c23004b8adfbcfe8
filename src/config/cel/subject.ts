import type { Standing } from '../../core/evidence.ts';
import type { Facts } from '../../core/facts.ts';
import type { Session } from '../../core/session.ts';
import type { Wrong } from '../problems.ts';
import {
  FAILED,
  guarded,
  isList,
  type Kind,
  PERSON,
  type Run,
  type Term,
  type Undetermined,
  type Value,
} from './term.ts';
import type { Words } from './words.ts';

/** Something that conditions can look at. */
export interface Subject {
  /** Its dotted name. */
  readonly name: string;
  readonly kind: Kind;
  /** Never throws. */
  readonly run: Run;
  /** Whether it is there; null for what always is. */
  readonly has: Run | null;
  readonly words?: Words;
  readonly groups?: Term['groups'];
  readonly claim?: string;
}

/** Something that holds what conditions can look at, and is no value itself. */
export interface Holder {
  readonly holder: string;
  /** How its members are written, for hints. */
  readonly such: string;
  member(name: string): Subject | Holder | Wrong;
}

export const isHolder = (found: object): found is Holder => 'holder' in found;

/** Reads a value of a kind. One of another kind should have been refused where it came in; here it fails. */
function held(kind: Kind, read: Run): Run {
  const type = kind === 'bool' ? 'boolean' : kind === 'string' ? 'string' : 'number';
  return guarded((facts) => {
    const value = read(facts);
    if (typeof value === 'symbol') return value;
    return (isList(kind) ? Array.isArray(value) : typeof value === type) ? value : FAILED;
  });
}

/** What is always there. */
export const subject = (
  name: string,
  kind: Kind,
  read: (facts: Facts) => Value | Undetermined,
  more: Partial<Subject> = {},
): Subject => ({
  name,
  kind,
  run: held(kind, read),
  has: null,
  ...more,
});

/** What may be absent: looked at without asking first, it fails. */
export const optional = (
  name: string,
  kind: Kind,
  read: (facts: Facts) => Value | Undetermined | null,
  more: Partial<Subject> = {},
): Subject => ({
  name,
  kind,
  run: held(kind, (facts) => read(facts) ?? FAILED),
  has: guarded((facts) => {
    const found = read(facts);
    return typeof found === 'symbol' ? found : found !== null;
  }),
  ...more,
});

/** Reads something of whoever is signed in; where nobody is, that has to come first. */
export const ofPerson =
  <T>(read: (session: Session, standing: Standing, facts: Facts) => T) =>
  (facts: Facts): T | typeof PERSON =>
    facts.standing === null ? PERSON : read(facts.standing.session, facts.standing, facts);

/** How a member is written behind its holder. */
export const memberText = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
