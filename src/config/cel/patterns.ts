import { RE2JS } from '@bufbuild/re2';
import type { Wrong } from '../problems.ts';

/** Longer patterns are lists of something. */
const LONGEST = 500;
/** Instructions of a compiled pattern: with the length of the text they bound the time that a match takes. */
const MOST_STEPS = 1000;

/**
 * Compiles a pattern of RE2's syntax: it is looked for anywhere in a text, in time linear in the text's length, whatever
 * the pattern. A RegExp can take years for thirty characters.
 */
export function compilePattern(text: string): ((subject: string) => boolean) | Wrong {
  const wrong = (message: string, hint?: string): Wrong => ({ wrong: 'bad-condition', message, hint });
  if (text.length > LONGEST) return wrong(`the pattern has ${text.length} characters, at most ${LONGEST} are taken`);
  try {
    const pattern = RE2JS.compile(text);
    if (pattern.re2().prog.inst.length > MOST_STEPS) return wrong('the pattern repeats too much');
    return (subject) => pattern.test(subject);
  } catch {
    const hint = /\(\?[=!<]|\\[1-9]/.test(text)
      ? 'RE2 knows no lookaround and no references to groups'
      : 'the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax';
    return wrong(`"${text}" is not a pattern`, hint);
  }
}
