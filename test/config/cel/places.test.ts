import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemsOfFile } from './conditions.ts';

/** `‸` stands where the misspelt name must be pointed to. */
const FILES: Readonly<Record<string, string>> = {
  'plain text': 'when: true && ‸ofice\n',
  'plain text over several lines': 'when: true\n  &&\n\n  network.office && ‸ofice\n',
  'plain text with CR LF': 'when: true &&\r\n  ‸ofice\r\n',
  'single quotes': `when: 'true && ‸ofice'\n`,
  'single quotes with quotes inside': `when: 'user.name == ''a'' && ‸ofice'\n`,
  'single quotes over several lines': `when: 'user.name == "a"  \n\n    && ‸ofice'\n`,
  'double quotes': 'when: "true && ‸ofice"\n',
  'double quotes with escapes': 'when: "user.name == \\"a\\" \\u0026& \\x74rue \\U00000026& ‸ofice"\n',
  'double quotes with a character of two units': 'when: "user.name == \\"\\U0001F600\\" && ‸ofice"\n',
  'double quotes over lines that end in backslashes': 'when: "user.name == \\"a\\"\\\n   \\ && \\\n   ‸ofice"\n',
  'a block': 'when: |\n  user.name == "a"\n    && true\n  && ‸ofice\n',
  'a block with an indentation of its own': 'when: |2-\n    true\n  && ‸ofice\n',
  'a block after an empty line': 'when: |\n\n  true\n  && ‸ofice\n',
  'a folded block': 'when: >-\n  user.name == "a"\n  && true\n\n  && ‸ofice\n',
  'a folded block with a line that is further in': 'when: >\n  true &&\n     true &&\n  ‸ofice\n',
  'a map on one line': 'x: {when: true && ‸ofice}\nwhen: "true"\n',
  'text behind an anchor': 'x: &a true && ‸ofice\nwhen: *a\n',
  'the conditions of the file': 'conditions:\n  a: "true"\n  b: "a && ‸ofice"\n',
};

describe('a mistake in a condition is pointed to in its file', () => {
  for (const [style, marked] of Object.entries(FILES)) {
    it(`written as ${style}`, () => {
      // A map on one line is no condition by itself; it shows that the same text stands elsewhere too.
      const text = marked.replace('‸', '');
      const found =
        style === 'a map on one line' ? problemsOfFile(text.slice(4, text.indexOf('}'))) : problemsOfFile(text);
      const before = marked.slice(0, marked.indexOf('‸')).split('\n');
      const column = (before.at(-1) ?? '').length + 1 - (style === 'a map on one line' ? 4 : 0);
      assert.deepEqual(
        found.map((problem) => [problem.line, problem.column, problem.id]),
        [[before.length, column, 'unknown-name']],
      );
    });
  }
});
