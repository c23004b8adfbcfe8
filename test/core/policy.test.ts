import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coversMethod, type MethodSet } from '../../src/core/policy.ts';

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
