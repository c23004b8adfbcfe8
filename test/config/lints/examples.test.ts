import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LINTS } from '../../../src/config/lints/table.ts';
import { idsFor } from './whole-files.ts';

/** What these say of a part of a file is also said of it by the way. */
const TESTED = (id: string): boolean => id !== 'untested';
const withoutLater = (ids: readonly string[]): readonly string[] => ids.filter((id) => id !== 'one-time-not-served');

describe('the example of a lint', () => {
  for (const { id, wrong, right } of LINTS) {
    it(`${id} is found in the wrong one, and nothing else is`, () => {
      assert.deepEqual(withoutLater(idsFor(wrong, TESTED(id))), [id]);
    });

    it(`${id} is not found in the right one, nor anything else`, () => {
      assert.deepEqual(withoutLater(idsFor(right, TESTED(id))), []);
    });
  }
});
