import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { loadFromDiskWithoutSecrets } from '../../src/config/load-from-disk.ts';
import { loadBlock } from './configs.ts';
import { type Judged, judgeLine } from './decisions.ts';
import { type Fence, PAGES, ROOT } from './markdown.ts';

/** Examples of lints are parts of files, and tested with the lints. */
const YAML = PAGES.flatMap(({ fences }) => fences).filter(
  ({ language, words }) => language === 'yaml' && words[0] !== 'lint',
);
/** A part of a file has no tests beside it, and may show what is not served yet. */
const BY_THE_WAY: ReadonlySet<string> = new Set(['untested', 'one-time-not-served']);
const wrongOf = ({ words }: Fence): string | undefined => words.find((word) => word.startsWith('wrong='))?.slice(6);
/** The file that a block is an excerpt of: `yaml excerpt FILE`. */
const excerptOf = ({ words }: Fence): string | undefined => (words[0] === 'excerpt' ? words[1] : undefined);

describe('a YAML block', () => {
  for (const fence of YAML.filter((one) => excerptOf(one) === undefined)) {
    const wrong = wrongOf(fence);
    it(`${fence.place} ${wrong === undefined ? 'loads' : `is refused with ${wrong}`}`, () => {
      const loaded = loadBlock(fence);
      const ids = loaded.ok
        ? []
        : [...new Set(loaded.problems.map(({ id, message }) => (wrong === undefined ? message : id)))];
      assert.deepEqual(ids, wrong === undefined ? [] : [wrong]);
      const lints = loaded.notices.filter(({ id }) => !BY_THE_WAY.has(id));
      assert.deepEqual(
        lints.map(({ id, source }) => `${id}: ${source}`),
        [],
        'what the documentation shows is not to be warned of',
      );
    });
  }

  for (const fence of YAML) {
    const file = excerptOf(fence);
    if (file === undefined) continue;
    it(`${fence.place} stands in ${file}, line for line`, () => {
      const text = `\n${readFileSync(join(ROOT, file), 'utf8')}`;
      const indents = [...text.matchAll(/^ */gm)].map(([spaces]) => spaces);
      const found = [...new Set(indents)].some((indent) =>
        text.includes(`\n${fence.text.replace(/^(?=.)/gm, indent)}`),
      );
      assert.ok(found, fence.text);
    });
  }
});

/** What the block above a table of decisions comes to. */
function worldOf(above: Fence): Judged {
  const file = excerptOf(above);
  const loaded =
    file === undefined
      ? loadBlock(above)
      : loadFromDiskWithoutSecrets(join(ROOT, dirname(file), 'gateway.yaml'), { purpose: 'inspect' });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.world;
}

const decides = ({ language, words }: Fence): boolean =>
  language === 'yaml' && (words[0] === 'policies' || words[0] === 'excerpt');

describe('a table of decisions', () => {
  for (const { path, fences } of PAGES) {
    for (const [index, fence] of fences.entries()) {
      if (!fence.words.includes('decisions')) continue;
      it(`${fence.place} (${path}) is what the gateway decides under the block above it`, () => {
        const above = fences.slice(0, index).findLast(decides);
        assert.ok(above !== undefined, 'no policies block above');
        const world = worldOf(above);
        for (const line of fence.text.trim().split('\n')) {
          const { said, is } = judgeLine(world, line);
          assert.equal(is, said, line);
        }
      });
    }
  }
});
