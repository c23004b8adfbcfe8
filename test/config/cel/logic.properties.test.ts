import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { conditionOf, factsOf, languageWith, outcomeOf } from './conditions.ts';
import { ASKED, madeUp } from './naive.ts';

describe('conditions of all shapes', () => {
  it('come to what a naive reading says, with failed and person', () => {
    fc.assert(
      fc.property(madeUp, ({ text, outcome }) => assert.equal(outcomeOf(text, ASKED), outcome, text)),
      { numRuns: 1000 },
    );
  });

  it('are never told where what is not known could change them', () => {
    fc.assert(
      fc.property(madeUp, ({ text, couldBe }) => {
        const outcome = outcomeOf(text, ASKED);
        if (typeof outcome === 'boolean') assert.deepEqual([...couldBe], [outcome], text);
      }),
      { numRuns: 1000 },
    );
  });

  it('come to the same by a name, in another order, and asked again', () => {
    fc.assert(
      fc.property(madeUp, madeUp, (a, b) => {
        const { language } = languageWith({ a: a.text, b: b.text });
        const facts = factsOf(ASKED);
        const [ab, ba] = ['a && b', 'b && a'].map((text) => conditionOf(text, language));
        assert.equal(ab?.test(facts), ba?.test(facts));
        assert.equal(language.named.get('a')?.test(facts), a.outcome);
        assert.equal(outcomeOf(`(${a.text}) && (${b.text})`, ASKED), ab?.test(facts));
      }),
      { numRuns: 200 },
    );
  });
});

/** Expressions whose meaning is CEL's alone, on numbers, texts and lists that are written out. */
const number = fc.integer({ min: -50, max: 50 }).map((n) => `${n}`);
const word = fc
  .constantFrom('', 'a', 'ab', 'ba', 'B', 'äb', '𝒳', 'a b', "it's", 'q"q')
  .map((text) => JSON.stringify(text));
const list = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => `[${items.join(', ')}]`);

const { int, text, bool } = fc.letrec<{ readonly int: string; readonly text: string; readonly bool: string }>(
  (tie) => ({
    int: fc.oneof(
      { maxDepth: 3 },
      number.map((n) => `(${n})`),
      fc
        .tuple(tie('int'), fc.constantFrom('+', '-', '*', '/', '%'), tie('int'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('text').map((a) => `size(${a})`),
      list(number).map((a) => `${a}.size()`),
      list(number).map((a) => `${a}.filter(n, n > 0).map(n, n * 2).size()`),
    ),
    text: fc.oneof(
      { maxDepth: 3 },
      word,
      fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} + ${b})`),
      tie('text').map((a) => `${a}.lowerAscii()`),
      tie('text').map((a) => `${a}.trim()`),
      fc.tuple(tie('bool'), tie('text'), tie('text')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    ),
    bool: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('true', 'false'),
      fc
        .tuple(tie('int'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('int'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(tie('text'), fc.constantFrom('==', '!='), tie('text')).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(tie('text'), fc.constantFrom('contains', 'startsWith', 'endsWith'), tie('text'))
        .map(([a, f, b]) => `${a}.${f}(${b})`),
      fc.tuple(tie('int'), list(number)).map(([a, b]) => `(${a} in ${b})`),
      fc
        .tuple(fc.constantFrom('exists', 'all', 'exists_one'), list(number), number)
        .map(([f, a, b]) => `${a}.${f}(m, m % 3 < ${b})`),
      fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool')).map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('bool').map((a) => `!${a}`),
    ),
  }),
);

describe('what is CEL’s alone', () => {
  const library = new Environment();
  const asLibrary = (expression: string): unknown => {
    try {
      return library.evaluate(expression);
    } catch {
      return null;
    }
  };

  it('means the same to another implementation of it', () => {
    fc.assert(
      fc.property(bool, (expression) =>
        assert.equal(outcomeOf(expression), asLibrary(expression) ?? 'failed', expression),
      ),
      { numRuns: 1000 },
    );
  });

  it('has the same numbers and texts to it', () => {
    fc.assert(
      fc.property(int, text, (number, words) => {
        const value = asLibrary(number);
        const expected = typeof value === 'bigint' ? `${number} == ${value}` : null;
        if (expected === null) assert.equal(outcomeOf(`${number} == 0`), 'failed', number);
        else assert.equal(outcomeOf(expected), true, expected);
        const found = asLibrary(words);
        if (typeof found === 'string') assert.equal(outcomeOf(`${words} == ${JSON.stringify(found)}`), true, words);
      }),
      { numRuns: 500 },
    );
  });
});
