import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestFacts } from '../../../src/core/facts.ts';
import { type Asked, compileOne, conditionOf, factsOf, LANGUAGE, languageWith, outcomeOf } from './conditions.ts';

const NAMED = { staff: 'hr || sales', hr: '"hr" in user.groups', sales: '"sales" in user.groups' };
const messages = (conditions: Readonly<Record<string, string>>, base = LANGUAGE): readonly string[] =>
  languageWith(conditions, base).problems.map(({ id, message }) => `${id}: ${message}`);

describe('conditions with names', () => {
  it('may stand in any order, and come to what they say', () => {
    const { language, problems } = languageWith(NAMED);
    assert.deepEqual(problems, []);
    assert.deepEqual([...language.named.keys()].sort(), ['hr', 'sales', 'staff']);
    const sales: Asked = { person: { session: { groups: ['sales'] } } };
    assert.equal(outcomeOf('staff && !hr', sales, language), true);
    assert.equal(outcomeOf('staff', {}, language), 'person');
    assert.equal(language.named.get('staff')?.test(factsOf(sales)), true);
  });

  it('are found out once for a request and a reading of its path, whatever they come to', () => {
    const counts = new Map<string, number>();
    const counting = (outcome: 'tells' | 'fails'): RequestFacts => ({
      ...factsOf().request,
      get clientIp() {
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        if (outcome === 'fails') throw new Error('not given');
        return '192.0.2.7';
      },
    });
    const { language } = languageWith({ here: 'client.ip == "192.0.2.7"', twice: 'here && here' });
    const rules = ['here', 'twice || here', '!here', 'here == here'].map((text) => conditionOf(text, language));
    for (const outcome of ['tells', 'fails'] as const) {
      const facts = { ...factsOf(), request: counting(outcome) };
      for (const rule of rules) rule.test(facts);
      assert.equal(counts.get(outcome), 1, outcome);
      for (const rule of rules) rule.test({ ...facts, memo: null });
      assert.equal(counts.get(outcome), 1 + rules.length, outcome);
    }
  });

  it('are as old as the person is: what nobody could tell is found out anew once somebody is signed in', () => {
    const { language } = languageWith(NAMED);
    const condition = conditionOf('hr', language);
    assert.equal(condition.test(factsOf()), 'person');
    assert.equal(condition.test(factsOf({ person: { session: { groups: ['hr'] } } })), true);
  });

  it('do not go round in circles', () => {
    assert.deepEqual(messages({ a: 'b || true', b: 'true && c', c: 'a' }), [
      'condition-cycle: this condition contains itself: a -> b -> c -> a',
    ]);
    assert.deepEqual(messages({ a: 'a' }), ['condition-cycle: this condition contains itself: a -> a']);
    assert.deepEqual(messages({ x: 'a', a: 'b', b: 'a', y: 'x' }), [
      'condition-cycle: this condition contains itself: a -> b -> a',
    ]);
  });

  it('point to where a circle closes', () => {
    const { problems } = languageWith({ a: 'true && b', b: 'false || a' });
    assert.deepEqual(
      problems.map(({ line, column }) => [line, column]),
      [[1, `{"a":"true && b","b":"false || `.length + 1]],
    );
  });

  it('that are broken are reported once, and those who use them are not', () => {
    const { language, problems } = languageWith({ a: 'b && ofice', b: 'user.emial == "x"', c: 'b || a' });
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['there is no "ofice" in conditions', 'there is no user.emial'],
    );
    assert.deepEqual(compileOne('b || c', language), []);
    assert.deepEqual([...language.named.keys()], []);
  });

  it('that are misspelt get the nearest name', () => {
    const { language } = languageWith({ office_hours: 'now.getHours("Europe/Zurich") > 7' });
    const [problem] = compileOne('ofice_hours', language) as readonly { readonly hint: string }[];
    assert.equal(problem?.hint, 'did you mean "office_hours"?');
  });

  it('cannot take a name that means something already', () => {
    const names = ['user', 'request', 'now', 'in', 'true', 'has', 'duration', 'prototype', 'while'];
    for (const name of names) {
      assert.deepEqual(messages({ [name]: 'true' }), [
        `reserved-name: "${name}" means something in conditions already`,
      ]);
    }
    assert.match(messages({ 'a-b': 'true' })[0] ?? '', /^bad-name/);
  });

  it('may be many, and one another’s to a depth that people can follow', () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`c${i}`, i === 0 ? 'true' : `c${i - 1}`]));
    assert.deepEqual(messages(chain(32)), []);
    assert.deepEqual(messages(chain(33)), ['bad-condition: conditions name one another more than 32 deep']);
    const backwards = Object.fromEntries(Object.entries(chain(33)).reverse());
    assert.deepEqual(messages(backwards), ['bad-condition: conditions name one another more than 32 deep']);
  });
});

describe('the conditions of an app’s own file', () => {
  const base = languageWith(NAMED).language;

  it('stand beside those of policies.yaml', () => {
    const { language, problems } = languageWith({ local: 'staff && network.office' }, base);
    assert.deepEqual(problems, []);
    assert.equal(outcomeOf('local', { person: { session: { groups: ['hr'] } } }, language), true);
  });

  it('are not there for others', () => {
    languageWith({ local: 'true' }, base);
    assert.equal(Array.isArray(compileOne('local', base)), true);
  });

  it('do not change what a name means', () => {
    assert.deepEqual(messages({ hr: 'true' }, base), [
      'reserved-name: there is a condition "hr" in policies.yaml already',
    ]);
    assert.equal(languageWith({ hr: 'true' }, base).language.named.get('hr')?.text, NAMED.hr);
  });

  it('may have none', () => {
    assert.equal(languageWith({}, base).language, base);
  });
});
