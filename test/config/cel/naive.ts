import fc from 'fast-check';
import type { Outcome } from '../../../src/core/condition.ts';
import type { Asked } from './conditions.ts';

/**
 * A second reading of conditions, written for nothing but being obviously right: each condition that is made up carries
 * the list of everything it could come to. A part that cannot be told could be anything; one that waits for the person
 * could be anything, or fail.
 */
export interface MadeUp {
  readonly text: string;
  /** How it comes out, by the rules of docs/conditions.md. */
  readonly outcome: Outcome;
  /** The same with every `failed` part replaced by true and by false in all ways: what it could have come to. */
  readonly couldBe: ReadonlySet<boolean>;
}

/** The request that all of them are about: `q` is ambiguous, nobody is signed in. */
export const ASKED: Asked = { query: '?q=1&q=2&a=10&b=x', path: '/a/b', headers: { accept: 'text/html' } };

const told = (text: string, outcome: boolean): MadeUp => ({ text, outcome, couldBe: new Set([outcome]) });
const open = (text: string, outcome: 'failed' | 'person'): MadeUp => ({
  text,
  outcome,
  couldBe: new Set([true, false]),
});

const LEAVES: readonly MadeUp[] = [
  told('true', true),
  told('false', false),
  told('network.office', true),
  told('network.lab', false),
  told('request.path.startsWith("/a")', true),
  told('decimal(request.query.a) < decimal("10.0")', false),
  told('request.query.b in ["x", "y"]', true),
  told('has(request.query.nothing)', false),
  open('request.query.q == "1"', 'failed'),
  open('decimal(request.query.b) > decimal("1")', 'failed'),
  open('"q" in request.query', 'failed'),
  open('request.headers["x-none"].matches("a")', 'failed'),
  open('1 / 0 == 1', 'failed'),
  open('"hr" in user.groups', 'person'),
  open('user.email.endsWith("x")', 'person'),
  open('session.age.mfa < duration("10m")', 'person'),
  open('has(user.claims.department)', 'person'),
];

const all = (a: MadeUp, b: MadeUp, of: (a: boolean, b: boolean) => boolean): ReadonlySet<boolean> =>
  new Set([...a.couldBe].flatMap((x) => [...b.couldBe].map((y) => of(x, y))));

const undetermined = (...outcomes: readonly Outcome[]): Outcome => (outcomes.includes('person') ? 'person' : 'failed');

const not = (a: MadeUp): MadeUp => ({
  text: `!(${a.text})`,
  outcome: typeof a.outcome === 'boolean' ? !a.outcome : a.outcome,
  couldBe: new Set([...a.couldBe].map((value) => !value)),
});

const and = (a: MadeUp, b: MadeUp): MadeUp => ({
  text: `(${a.text}) && (${b.text})`,
  outcome:
    a.outcome === false || b.outcome === false
      ? false
      : a.outcome === true && b.outcome === true
        ? true
        : undetermined(a.outcome, b.outcome),
  couldBe: all(a, b, (x, y) => x && y),
});

const or = (a: MadeUp, b: MadeUp): MadeUp => ({
  text: `(${a.text}) || (${b.text})`,
  outcome:
    a.outcome === true || b.outcome === true
      ? true
      : a.outcome === false && b.outcome === false
        ? false
        : undetermined(a.outcome, b.outcome),
  couldBe: all(a, b, (x, y) => x || y),
});

const same = (a: MadeUp, b: MadeUp): MadeUp => {
  const both = typeof a.outcome === 'boolean' && typeof b.outcome === 'boolean';
  const failed = a.outcome === 'failed' || b.outcome === 'failed';
  return {
    text: `(${a.text}) == (${b.text})`,
    outcome: both ? a.outcome === b.outcome : failed ? 'failed' : 'person',
    couldBe: all(a, b, (x, y) => x === y),
  };
};

const choose = (c: MadeUp, a: MadeUp, b: MadeUp): MadeUp => ({
  text: `(${c.text}) ? (${a.text}) : (${b.text})`,
  outcome: c.outcome === true ? a.outcome : c.outcome === false ? b.outcome : c.outcome,
  couldBe: new Set([...c.couldBe].flatMap((chosen) => [...(chosen ? a : b).couldBe])),
});

/** The same question asked of two items: one decides what the other leaves open. */
const any = (a: MadeUp, b: MadeUp): MadeUp => ({
  ...or(a, b),
  text: `["one", "two"].exists(x, x == "one" ? (${a.text}) : (${b.text}))`,
});
const every = (a: MadeUp, b: MadeUp): MadeUp => ({
  ...and(a, b),
  text: `["one", "two"].all(y, y == "one" ? (${a.text}) : (${b.text}))`,
});

/** Conditions of all shapes. Loops are left at the top, since they do not lie in each other without end. */
export const madeUp: fc.Arbitrary<MadeUp> = fc
  .letrec<{ readonly plain: MadeUp }>((tie) => {
    const pair = fc.tuple(tie('plain'), tie('plain'));
    return {
      plain: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom(...LEAVES),
        tie('plain').map(not),
        pair.map(([a, b]) => and(a, b)),
        pair.map(([a, b]) => or(a, b)),
        pair.map(([a, b]) => same(a, b)),
        fc.tuple(tie('plain'), tie('plain'), tie('plain')).map(([c, a, b]) => choose(c, a, b)),
      ),
    };
  })
  .plain.chain((a) =>
    fc.oneof(
      fc.constant(a),
      fc.constantFrom(...LEAVES).map((b) => any(a, b)),
      fc.constantFrom(...LEAVES).map((b) => every(b, a)),
    ),
  );
