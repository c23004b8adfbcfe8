import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BANK, FULL_GATEWAY, FULL_POLICIES, loadFull, placesOf, put } from './full-files.ts';

describe('the same file', () => {
  const ALIKE: readonly (readonly [how: string, (text: string) => string])[] = [
    ['with a byte order mark', (text) => `\uFEFF${text}`],
    ['with line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['with both', (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
    ['without its last line end', (text) => text.trimEnd()],
  ];
  for (const [how, change] of ALIKE) {
    it(`means the same ${how}`, () => {
      assert.ok(loadFull({ policies: change(FULL_POLICIES), gateway: change(FULL_GATEWAY), bank: change(BANK) }).ok);
    });

    it(`has its mistakes at the same places ${how}`, () => {
      const wrong = put(put(FULL_POLICIES, 'validity: 8h', 'validity: 8'), 'when: late', 'when: latte');
      const files = { policies: change(wrong) };
      assert.deepEqual(placesOf(loadFull(files), files), placesOf(loadFull({ policies: wrong }), { policies: wrong }));
    });
  }
});
