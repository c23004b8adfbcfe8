import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PathTree } from '../../src/core/path-tree.ts';
import { type AppPolicy, coversMethod, type MethodSet, type Rule, ruleFor } from '../../src/core/policy.ts';
import { appWith, patternOf, ruleWith } from './apps.ts';

const READ: MethodSet = { names: new Set(['GET']), inverted: false };
const WRITE: MethodSet = { names: new Set(['GET', 'OPTIONS']), inverted: true };

describe('a set of methods', () => {
  for (const [method, read, write] of [
    ['GET', true, false],
    ['HEAD', true, false],
    ['OPTIONS', false, false],
    ['POST', false, true],
    ['DELETE', false, true],
    ['PROPFIND', false, true],
    ['get', false, true],
  ] as const) {
    test(`${method} is ${read ? '' : 'not '}read and ${write ? '' : 'not '}write`, () => {
      assert.equal(coversMethod(READ, method), read);
      assert.equal(coversMethod(WRITE, method), write);
    });
  }
});

const app = (...rules: readonly (readonly [id: string, path: string, methods: MethodSet | null])[]): AppPolicy => {
  const tree = new PathTree<Rule>();
  for (const [order, [id, path, methods]] of rules.entries()) {
    tree.add(patternOf(path), { ...ruleWith({ kind: 'deny' }, id, order), methods });
  }
  return appWith({ rules: tree });
};

describe('the rule of a request', () => {
  test('is the first of the file that matches, not the most exact', () => {
    assert.equal(ruleFor(app(['all', '/**', null], ['one', '/a', null]), ['a'], 'GET')?.id, 'all');
  });

  test('is one that covers the method: the search goes on where it does not', () => {
    const payroll = app(['write', '/a', WRITE], ['rest', '/**', null]);
    assert.equal(ruleFor(payroll, ['a'], 'POST')?.id, 'write');
    assert.equal(ruleFor(payroll, ['a'], 'HEAD')?.id, 'rest');
  });

  test('is none where none matches', () => {
    assert.equal(ruleFor(app(['one', '/a', READ]), ['a'], 'PUT'), null);
    assert.equal(ruleFor(app(['one', '/a', null]), ['b'], 'GET'), null);
  });
});
