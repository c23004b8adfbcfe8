import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';

/** Something wrong in the text of a condition: where, in words, and what to do. */
export interface Misread {
  readonly at: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Longer ones are programs, and belong into several conditions with names. */
const MOST_CHARACTERS = 10_000;

/** Only its reader is used: what a condition means is worked out here, on the tree. */
const reader = new Environment({
  limits: { maxAstNodes: 2000, maxDepth: 50, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 8 },
});

/** Reads the text of a condition into a tree. */
export function parseCondition(text: string): ASTNode | Misread {
  if (text.length > MOST_CHARACTERS) {
    return {
      at: 0,
      message: `the condition has ${text.length} characters, at most ${MOST_CHARACTERS} are taken`,
      hint: 'name its parts under conditions',
    };
  }
  if (text.trim() === '') return { at: 0, message: 'the condition is empty' };
  try {
    return reader.parse(text).ast;
  } catch (error) {
    // Signs one after the other are read without a limit of depth, until the stack ends.
    if (!(error instanceof ParseError)) return { at: 0, message: TOO_MUCH };
    const at = Math.min(error.range?.start ?? 0, text.length);
    const { message, hint } = sentenceFor(error.code, text, at);
    return { at, message, hint };
  }
}

const TOO_MUCH = 'the condition is nested too deeply, or too large';
const BAD_ESCAPE = 'this escape is not known: write \\\\ for a backslash, or a raw text such as r"\\d"';

/** What the reader's codes mean to the person who wrote the condition. */
const SENTENCES: Readonly<Record<string, string>> = {
  unterminated_string: 'this text has no end: a quote is missing',
  unterminated_triple_quoted_string: 'this text has no end: a quote is missing',
  newline_in_string: 'a text stands on one line',
  limit_exceeded: TOO_MUCH,
  reserved_identifier: 'this word is reserved in CEL',
  invalid_macro_argument: 'a name for the items is expected here, such as x in exists(x, x == "a")',
  invalid_escape_sequence: BAD_ESCAPE,
  invalid_hex_escape: BAD_ESCAPE,
  invalid_octal_escape: BAD_ESCAPE,
  invalid_unicode_escape: BAD_ESCAPE,
  invalid_number: 'this is not a number',
  invalid_integer: 'this is not a number',
};

interface Instead {
  /** What stands there. */
  readonly found: RegExp;
  readonly hint: string;
}

/** What people write who think in another language. */
const INSTEAD: readonly Instead[] = [
  { found: /^=/, hint: 'write == to compare' },
  { found: /^&/, hint: 'write && for "and"' },
  { found: /^\|/, hint: 'write || for "or"' },
  { found: /^and\b/i, hint: 'write && for "and"' },
  { found: /^or\b/i, hint: 'write || for "or"' },
  { found: /^(?:is|eq|equals)\b/i, hint: 'write == to compare' },
  { found: /^(?:contains|startsWith|endsWith|matches)\b/, hint: 'write it as a call: text.contains("a")' },
  { found: /^[\u2018\u2019\u201c\u201d]/, hint: 'write straight quotes: "a"' },
  { found: /^#/, hint: 'write // before a remark' },
];

function sentenceFor(code: string, text: string, at: number): Omit<Misread, 'at'> {
  const known = SENTENCES[code];
  if (known !== undefined) return { message: known };
  const rest = text.slice(at, at + 40);
  if (rest.trim() === '') return { message: 'the condition ends where something more is expected' };
  const negated = /\bnot\s+$/i.test(text.slice(Math.max(0, at - 8), at));
  const hint = negated ? 'write ! for "not"' : INSTEAD.find(({ found }) => found.test(rest))?.hint;
  const [word = ''] = /^(?:\w+|[^\w\s])/u.exec(rest) ?? [];
  return { message: `"${word}" is not expected here`, hint };
}

/** Whether reading went wrong. */
export const isMisread = (result: ASTNode | Misread): result is Misread => !('op' in result);
