import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { lintInWords, lintsPage } from '../../../src/config/lints/page.ts';
import { LINTS, lintOf, meaningOf } from '../../../src/config/lints/table.ts';
import { PROBLEMS } from '../../../src/config/problems.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/lints.md'), 'utf8');

describe('docs/lints.md', () => {
  it('is what npm run lints writes', () => {
    assert.equal(PAGE, lintsPage());
  });

  it('has a section for every lint, in the order of the table', () => {
    const sections = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, id]) => id);
    assert.deepEqual(
      sections.slice(sections.indexOf('All of them') + 1),
      LINTS.map(({ id }) => id),
    );
  });
});

describe('the table of lints', () => {
  it('has every id once, and none that is a problem of another kind', () => {
    const ids = LINTS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(
      ids.filter((id) => Object.hasOwn(PROBLEMS, id)),
      [],
    );
  });

  it('says of each in one sentence what was found, and how to put it right or accept it', () => {
    for (const { id, summary, why, meant } of LINTS) {
      assert.match(summary, /^[A-Z`][^\n]+\.$/, id);
      assert.ok(why.length > 100, id);
      assert.match(meant, /accept/, id);
    }
  });

  it('knows the meaning of every problem too, in one sentence', () => {
    for (const [id, sentence] of Object.entries(PROBLEMS)) {
      assert.equal(meaningOf(id), sentence);
      assert.match(sentence, /^[A-Z]?[^\n]+\.$/, id);
    }
    assert.equal(meaningOf('toString'), undefined);
    assert.equal(lintOf('toString'), undefined);
  });

  it('is told in a terminal without marks of Markdown', () => {
    for (const lint of LINTS) assert.doesNotMatch(lintInWords(lint), /`/, lint.id);
  });
});
