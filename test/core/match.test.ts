import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { floorMatch, type Match, matchOf, ruleMatch } from '../../src/core/match.ts';
import type { Criteria, Floor, MethodSet, ParameterCriterion } from '../../src/core/policy.ts';
import {
  type Asking,
  always,
  DENY,
  exceptPaths,
  factsOf,
  floorWith,
  PUBLIC,
  requiring,
  ruleWith,
  treeOf,
} from './apps.ts';
import { demandOf, MFA } from './people.ts';

const WRITE: MethodSet = { names: new Set(['GET', 'OPTIONS']), inverted: true };
const READ: MethodSet = { names: new Set(['GET']), inverted: false };
const deletes: ParameterCriterion = { name: 'do', values: ['delete', 'purge'] };
const forced: ParameterCriterion = { name: 'force', values: ['1'] };

const TABLE: readonly (readonly [is: string, criteria: Partial<Criteria>, asking: Asking, match: Match])[] = [
  ['no criteria', {}, {}, 'hit'],
  ['a method of the set', { methods: WRITE }, { method: 'POST' }, 'hit'],
  ['a method that nobody knows', { methods: WRITE }, { method: 'FOO' }, 'hit'],
  ['a method that is not in the set', { methods: WRITE }, { method: 'GET' }, 'methods'],
  ['a method in small letters, which is another one', { methods: READ }, { method: 'get' }, 'methods'],
  ['a parameter with one of its values', { query: [deletes] }, { query: '?do=purge' }, 'hit'],
  ['a parameter with another value', { query: [deletes] }, { query: '?do=view' }, 'query'],
  ['a parameter that is not there', { query: [deletes] }, { query: '?x=delete' }, 'query'],
  ['a parameter that comes twice', { query: [deletes] }, { query: '?do=view&do=view' }, 'undetermined'],
  ['a value in capitals', { query: [deletes] }, { query: '?do=DELETE' }, 'undetermined'],
  ['a value with space around it', { query: [deletes] }, { query: '?do=+delete' }, 'undetermined'],
  ['two parameters, both there', { query: [deletes, forced] }, { query: '?do=delete&force=1' }, 'hit'],
  ['two parameters, one in doubt and the other missing', { query: [deletes, forced] }, { query: '?DO=x' }, 'query'],
  ['two parameters, one missing and the other in doubt', { query: [forced, deletes] }, { query: '?DO=x' }, 'query'],
  [
    'two parameters, one there and the other in doubt',
    { query: [deletes, forced] },
    { query: '?do=delete&FORCE=1' },
    'undetermined',
  ],
  ['a parameter of the query, and a body', { query: [deletes] }, { hasBody: true }, 'query'],
  ['a param in the query', { param: [deletes] }, { query: '?do=delete' }, 'hit'],
  ['a param in the query, and a body', { param: [deletes] }, { query: '?do=delete', hasBody: true }, 'hit'],
  ['a param nowhere, and no body', { param: [deletes] }, {}, 'param'],
  ['a param that may be in the body', { param: [deletes] }, { hasBody: true }, 'undetermined'],
  [
    'a param with another value in the query, and a body',
    { param: [deletes] },
    { query: '?do=view', hasBody: true },
    'undetermined',
  ],
  ['a param twice in the query', { param: [deletes] }, { query: '?do=view&do=view' }, 'undetermined'],
  ['a condition that holds', { when: always(true) }, {}, 'hit'],
  ['a condition that does not', { when: always(false) }, {}, 'when'],
  ['a condition that fails', { when: always('failed') }, {}, 'undetermined'],
  ['a condition that wants a person', { when: always('person') }, {}, 'person'],
  ['a method that is missed, and a condition that fails', { methods: WRITE, when: always('failed') }, {}, 'methods'],
  [
    'a parameter in doubt, and a condition that does not hold',
    { query: [deletes], when: always(false) },
    { query: '?DO=x' },
    'when',
  ],
  [
    'a parameter in doubt, and a condition that holds',
    { query: [deletes], when: always(true) },
    { query: '?DO=x' },
    'undetermined',
  ],
  [
    'a parameter in doubt, and a condition that wants a person',
    { query: [deletes], when: always('person') },
    { query: '?DO=x' },
    'person',
  ],
  [
    'a parameter that is missed, and a condition that wants a person',
    { query: [deletes], when: always('person') },
    {},
    'query',
  ],
];

describe('criteria', () => {
  for (const [is, criteria, asking, match] of TABLE) {
    test(`${is}: ${match}`, () => {
      const facts = factsOf(null, '/', asking);
      assert.equal(matchOf(ruleWith(DENY, 'app/r', 0, criteria), facts), match);
      assert.equal(floorMatch(floorWith(DENY, 'floor/f', criteria), facts), match);
    });
  }

  for (const [is, rule, match] of [
    ['what is public by a param of the query is passed over where a body may have it again', PUBLIC, 'undetermined'],
    ['what demands something by it does so all the same', requiring(demandOf(MFA)), 'hit'],
    ['what denies by it does so all the same', DENY, 'hit'],
  ] as const) {
    test(is, () => {
      const facts = factsOf(null, '/', { query: '?do=delete', hasBody: true });
      assert.equal(ruleMatch(ruleWith(rule, 'app/r', 0, { param: [deletes] }), facts), match);
      assert.equal(ruleMatch(ruleWith(rule, 'app/r', 0, { query: [deletes] }), facts), 'hit');
    });
  }

  test('a condition is not even tried where something else is missed', () => {
    const when = { ...always(true), test: () => assert.fail('it was') };
    assert.equal(matchOf(ruleWith(DENY, 'app/r', 0, { methods: WRITE, when }), factsOf()), 'methods');
  });
});

describe('the exceptions of a floor', () => {
  const reads = treeOf(['/static/**', { order: 0, methods: READ }] as const);
  for (const [is, floor, path, method, match] of [
    ['take their path out', { except: exceptPaths('/static/**') }, '/static/a.css', 'POST', 'except'],
    ['take the folder itself out', { except: exceptPaths('/static/**') }, '/static', 'GET', 'except'],
    ['leave every other path in', { except: exceptPaths('/static/**') }, '/statics', 'GET', 'hit'],
    ['take only their methods out', { except: reads }, '/static/a.css', 'POST', 'hit'],
    ['take HEAD out with GET', { except: reads }, '/static/a.css', 'HEAD', 'except'],
    ['outweigh every doubt', { except: exceptPaths('/a'), when: always('failed') }, '/a', 'GET', 'except'],
    ['outweigh that a person is wanted', { except: exceptPaths('/a'), when: always('person') }, '/a', 'GET', 'except'],
    ['are any of several', { except: exceptPaths('/a', '/b') }, '/b', 'GET', 'except'],
  ] as const satisfies readonly (readonly [string, Partial<Floor>, string, string, Match])[]) {
    test(`${is}: ${method} ${path}`, () => {
      assert.equal(floorMatch(floorWith(DENY, 'floor/f', floor), factsOf(null, path, { method })), match);
    });
  }
});
