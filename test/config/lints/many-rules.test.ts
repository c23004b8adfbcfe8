import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PatternIndex } from '../../../src/config/lints/pattern-index.ts';
import { foundOf, partOf } from './rows.ts';

/** Rules of one app, in numbers. */
const many = (count: number, rule: (i: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, i) => rule(i));

describe('thousands of rules', () => {
  it('that look alike at every turn are not compared without end, and nothing wrong is said of them', () => {
    // Every rule is looked after by the next one but the last.
    const rules = many(1000, (i) => `id: r${i}, path: /**, when: '"g" in user.groups', require: mfa`);
    assert.ok(foundOf('when-as-permission', partOf(rules)).length <= 1);
  });

  it('below which one takes all that they leave out are not said to leave a gap', () => {
    const rules = many(1500, (i) => `id: r${i}, path: "/*_${i}_/**", methods: POST, require: mfa`);
    const all = 'id: all, path: /**, methods: write, require: mfa';
    assert.deepEqual(foundOf('method-gap', partOf([...rules, all])), []);
  });

  it('with two gaps among them are said to have two', () => {
    const rules = many(1500, (i) => `id: r${i}, path: /a${i % 10}/b${i}/**, methods: write, require: mfa`);
    const gaps = many(2, (i) => `id: g${i}, path: /g${i}, methods: POST, require: mfa`);
    assert.deepEqual(foundOf('method-gap', partOf([...rules, ...gaps])), ['warning', 'warning']);
  });
});

describe('what an index may spend', () => {
  it('bounds what it looks at, found or not', () => {
    const index = new PatternIndex<number>(1000);
    for (let i = 0; i < 5000; i++) index.add([{ kind: 'literal', text: `a${i}` }, { kind: 'any' }, { kind: 'any' }], i);
    assert.equal(index.exhausted, false);
    for (let i = 0; i < 20; i++) index.overlapping([{ kind: 'rest' }, { kind: 'literal', text: 'z' }], () => false);
    assert.equal(index.exhausted, true);
    assert.ok(index.spent <= 1000 + 20 * 2, String(index.spent));
  });
});
