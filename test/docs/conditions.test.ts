import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOOPS } from '../../src/config/cel/loops.ts';
import { METHODS } from '../../src/config/cel/methods.ts';
import { CLOCK_FIELDS } from '../../src/config/cel/times.ts';
import { conditionOf, languageWith, problemsOf } from '../config/cel/conditions.ts';
import { code, codes, page, rows } from './markdown.ts';

const PAGE = page('docs/conditions.md');
const { language } = languageWith({ staff: '"staff" in user.groups' });

/** What can stand behind `holder.`, as the gateway itself says it. */
function membersOf(holder: string): readonly string[] {
  const [problem] = problemsOf(`${holder}.nothing_of_the_kind == "x"`, language);
  return (problem?.hint ?? '')
    .replace(/^known here: /, '')
    .split(', ')
    .map((member) => `${holder}.${member}`);
}

describe('docs/conditions.md', () => {
  const blocks = PAGE.fences.filter(({ language }) => language === 'cel');
  const lines = blocks.flatMap(({ place, text }) =>
    text
      .trim()
      .split('\n')
      .map((line) => ({ place, line })),
  );
  for (const { place, line } of lines) {
    it(`has a condition that loads: ${line} (${place})`, () => assert.equal(conditionOf(line, language).text, line));
  }

  for (const head of ['value', 'operators', 'function']) {
    for (const cells of rows(PAGE, head)) {
      const example = code(cells.at(-1));
      it(`has an example of ${cells[0]} that loads: ${example}`, () => {
        assert.equal(conditionOf(example, language).text, example);
      });
    }
  }

  it('has a row for every value, and for no other', () => {
    const documented = rows(PAGE, 'value').map(([value = '']) => codes(value)[0] ?? '');
    const known = ['request', 'user', 'session', 'client'].flatMap(membersOf);
    assert.deepEqual(documented.toSorted(), [...known, 'network.NAME', 'now', 'conditions'].toSorted());
  });

  it('has a row for every function, and for no other', () => {
    const documented = rows(PAGE, 'function').map(([name]) => code(name).replace(/\(.*/, ''));
    const known = [...METHODS.map(({ name }) => name), ...LOOPS, ...CLOCK_FIELDS];
    const called = ['has', 'decimal', 'timestamp', 'duration', 'matches'];
    assert.deepEqual(documented.toSorted(), [...new Set([...known, ...called])].toSorted());
  });

  for (const [written, instead] of rows(PAGE, 'written', 'write')) {
    it(`has a mistake whose hint is as it says: ${written}`, () => {
      const [problem] = problemsOf(code(written), language);
      assert.equal(problem?.hint, `write ${code(instead)}`);
    });
  }
});
