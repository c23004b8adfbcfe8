import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foldValue, readQuery } from '../../src/core/query.ts';

/** What a query says of `do`, in a few words. */
function saysOf(query: string, name = 'do'): string {
  const found = readQuery(query).parameter(name);
  return found.kind === 'one' ? `one: ${JSON.stringify(found.value)}` : found.kind;
}

const TABLE: readonly (readonly [is: string, query: string, says: string])[] = [
  ['no query', '', 'absent'],
  ['an empty query', '?', 'absent'],
  ['nothing but separators', '?&&&', 'absent'],
  ['another parameter', '?id=7', 'absent'],
  ['a name that only starts the same', '?done=1', 'absent'],
  ['a parameter', '?do=delete', 'one: "delete"'],
  ['a parameter among others', '?id=7&do=delete&x', 'one: "delete"'],
  ['an empty value', '?do=', 'one: ""'],
  ['no value', '?do', 'one: ""'],
  ['an equals sign in the value', '?do=a=b', 'one: "a=b"'],
  ['empty pieces around it', '?&do=x&', 'one: "x"'],
  ['an escaped name', '?%64o=x', 'one: "x"'],
  ['an escaped value', '?do=%64elete', 'one: "delete"'],
  ['a plus for a space', '?do=a+b', 'one: "a b"'],
  ['an escaped plus', '?do=a%2Bb', 'one: "a+b"'],
  ['an escaped separator', '?x=1%26do=2', 'absent'],
  ['an escaped semicolon', '?x=1%3Bdo=2', 'absent'],
  ['letters beyond ASCII', '?do=%C3%A9', 'one: "é"'],
  ['a second question mark', '?do=?', 'one: "?"'],
  ['twice', '?do=a&do=b', 'ambiguous'],
  ['twice the same', '?do=a&do=a', 'ambiguous'],
  ['twice, once escaped', '?do=a&%64o=b', 'ambiguous'],
  ['in capitals', '?DO=a', 'ambiguous'],
  ['beside one in capitals', '?do=a&Do=b', 'ambiguous'],
  ['as a list', '?do[]=a', 'ambiguous'],
  ['as the first of a list', '?do[0]=a', 'ambiguous'],
  ['as a part of a map', '?do[x]=a', 'ambiguous'],
  ['as an open bracket', '?do[=a', 'ambiguous'],
  ['as an escaped list', '?do%5B%5D=a', 'ambiguous'],
  ['as a part of an object', '?do.x=a', 'ambiguous'],
  ['with a converter', '?do:int=a', 'ambiguous'],
  ['with an underscore', '?_do=a', 'ambiguous'],
  ['with a space before it', '?+do=a', 'ambiguous'],
  ['with a zero byte behind it', '?do%00x=a', 'ambiguous'],
  ['escaped twice', '?%2564o=a', 'ambiguous'],
  ['in letters that fold into these', '?%EF%BD%84o=a', 'ambiguous'],
  ['behind a semicolon', '?x=1;do=2', 'ambiguous'],
  ['before a semicolon', '?do=1;x=2', 'ambiguous'],
  ['twice behind semicolons', '?x;do=1;do=1', 'ambiguous'],
  ['whole, with a semicolon elsewhere', '?x=1;y=2&do=3', 'one: "3"'],
  ['beside an escape that cannot be undone', '?do=a&x=%zz', 'ambiguous'],
  ['itself such an escape', '?do=%', 'ambiguous'],
  ['beside bytes that are no UTF-8', '?do=a&x=%ff', 'ambiguous'],
  ['absent, with an escape that cannot be undone', '?x=%zz', 'ambiguous'],
];

describe('a parameter of a query', () => {
  for (const [is, query, says] of TABLE) test(`${is} (${query}): ${says}`, () => assert.equal(saysOf(query), says));

  for (const [name, query, says] of [
    ['user[id]', '?user[id]=7', 'one: "7"'],
    ['user[id]', '?user[id]=7&user[name]=x', 'one: "7"'],
    ['user[id]', '?user.id=7', 'ambiguous'],
    ['a.b', '?a.b=1', 'one: "1"'],
    ['a.b', '?a_b=1', 'ambiguous'],
    ['K', '?%E2%84%AA=1', 'ambiguous'],
    ['s', '?%C5%BF=1', 'ambiguous'],
    ['__proto__', '?x=1', 'absent'],
    ['__proto__', '?__proto__=1', 'one: "1"'],
    ['constructor', '', 'absent'],
  ] as const) {
    test(`${name} of ${query}: ${says}`, () => assert.equal(saysOf(query, name), says));
  }

  test('is read in time that grows with the query, not with its square', () => {
    const many = `?${'do&'.repeat(200_000)}`;
    assert.equal(saysOf(many), 'ambiguous');
    assert.equal(saysOf(many, 'id'), 'absent');
  });
});

describe('two values are the same to the most tolerant reader', () => {
  for (const [one, other, same] of [
    ['delete', 'DELETE', true],
    ['delete', ' delete\t', true],
    ['delete', 'delete\0.png', true],
    ['delete', '%64elete', true],
    ['straße', 'STRASSE', true],
    ['kill', '\u212aill', true],
    ['delete', 'ｄｅｌｅｔｅ', true],
    ['delete', 'deleted', false],
    ['delete', 'del ete', false],
    ['', ' ', true],
    ['100%', '100%', true],
  ] as const) {
    test(`${JSON.stringify(one)} and ${JSON.stringify(other)}: ${same ? 'yes' : 'no'}`, () =>
      assert.equal(foldValue(one) === foldValue(other), same));
  }
});
