import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { page, ROOT, rows } from './markdown.ts';

/** Numbers at the start of texts in the attack tests: their names, or the rows that they are made from. */
function testedNumbers(): readonly string[] {
  const found = new Set<string>();
  for (const path of globSync('test/attacks/**/*.test.ts', { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    for (const [, names = ''] of text.matchAll(/['"`]((?:T\d{3} ?)+)/g)) {
      for (const number of names.trim().split(' ')) found.add(number);
    }
  }
  return [...found].toSorted();
}

describe('docs/threats.md', () => {
  const documented = rows(page('docs/threats.md'), 'test', 'attack', 'what holds').map(([number = '']) => number);

  it('has every number once', () => {
    assert.equal(new Set(documented).size, documented.length);
  });

  it('has the numbers of the tests in test/attacks, and no others', () => {
    assert.deepEqual(documented.toSorted(), testedNumbers());
  });
});
