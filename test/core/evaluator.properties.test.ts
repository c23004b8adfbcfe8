import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { naively } from './naive.ts';
import { decided, inNaiveWords, scene } from './scenes.ts';

test('decide() is what the words of the documentation come to, read as naively as can be', () => {
  fc.assert(
    fc.property(scene, (s) => assert.deepEqual(inNaiveWords(decided(s)), naively(s.policy, s.request))),
    { numRuns: 10_000 },
  );
});
