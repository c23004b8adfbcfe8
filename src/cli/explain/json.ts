import type { Explanation } from './explanation.ts';

/** The explanation as one JSON document, without anything that steers a terminal. */
export const jsonOf = (explanation: Explanation): string => printableJson({ ok: true, ...explanation });

/** JSON escapes control characters below U+0020 by itself, and none of the others. */
export const printableJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(
    /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;
