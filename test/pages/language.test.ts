import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseMessage } from '../../src/pages/language.ts';

const OFFERED = ['de', 'en', 'fr-CH', 'zh-Hant', 'pt'] as const;

const CHOICES: readonly (readonly [header: string | undefined, chosen: string, because: string])[] = [
  [undefined, 'en', 'no header is English'],
  ['', 'en', 'an empty header is English'],
  ['de', 'de', 'the language asked for'],
  ['DE-at', 'de', 'a region falls back to its language, whatever the case'],
  ['fr-CH', 'fr-CH', 'the whole tag'],
  ['fr', 'en', 'lookup shortens the range, never the tag'],
  ['zh-Hant-TW', 'zh-Hant', 'one subtag less'],
  ['zh-Hans', 'en', 'a tag that fits no range is English'],
  ['pt-x-private', 'pt', 'a single letter goes with what stood behind it'],
  ['it, de;q=0.4, pt;q=0.8', 'pt', 'the best quality that is there'],
  ['de;q=0.5,pt;q=0.5', 'de', 'the first of equal quality'],
  ['de;q=0, pt;q=0.1', 'pt', 'quality 0 is not wanted'],
  ['de;q=0', 'en', 'quality 0 alone is English'],
  ['*', 'en', 'any is English'],
  ['*, de;q=0.1', 'de', 'a language that is named stands before any'],
  ['de;q=2, pt', 'pt', 'an impossible quality is no wish'],
  ['de;q=0.1234, pt;q=0.1', 'pt', 'four digits are no quality'],
  ['<script>, pt', 'pt', 'what is no range is skipped'],
  [' de ; q=0.9 ', 'de', 'white space is no matter'],
];

for (const [header, chosen, because] of CHOICES) {
  test(`Accept-Language ${JSON.stringify(header)}: ${chosen}, ${because}`, () => {
    const messages = new Map(OFFERED.map((tag) => [tag, `in ${tag}`]));
    assert.deepEqual(chooseMessage(messages, header), { language: chosen, text: `in ${chosen}` });
  });
}

test('without English the first message that was written is the fallback', () => {
  assert.equal(
    chooseMessage(
      new Map([
        ['fr', 'un'],
        ['de', 'eins'],
      ]),
      'it',
    )?.text,
    'un',
  );
});

test('without messages there is none', () => {
  assert.equal(chooseMessage(new Map(), 'de'), null);
});

test('any header whatever chooses one of the messages', () => {
  const messages = new Map(OFFERED.map((tag) => [tag, tag]));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z,;=q0-9.* -]{0,60}$/)), (header) => {
      assert.ok(messages.has((chooseMessage(messages, header)?.text ?? '') as (typeof OFFERED)[number]));
    }),
  );
});
