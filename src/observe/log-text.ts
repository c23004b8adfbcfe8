import type { Clock } from '../ports.ts';

/** Characters of one value that a log keeps, beyond which it is cut. */
export const MAX_LOGGED = 256;

/** Nothing here that JSON escapes or that a terminal obeys. Almost every value. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** What a terminal or another reader of logs may obey: control and format characters (bidirectional overrides, line
 * separators, zero widths) and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Text as a log may hold it, wherever it came from: at most `limit` characters, one line, nothing that a terminal obeys
 * even after the JSON around it was taken away. `ESC` becomes the six characters `\u{1b}`.
 */
export function tidy(text: string, limit = MAX_LOGGED): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return PLAIN.test(cut) ? cut : cut.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** {@link tidy} text as a JSON string (RFC 8259 7). Made by hand where nothing needs to be escaped, for its speed. */
export function jsonText(text: string, limit = MAX_LOGGED): string {
  return text.length <= limit && PLAIN.test(text) ? `"${text}"` : JSON.stringify(tidy(text, limit));
}

/** A fragment, or a query or fragment that a client escaped once too often. */
const BEYOND_PATH = /#|%3f|%23/i;
/** Path parameters (RFC 3986 3.3): older applications carry session ids there. */
const PARAMETER = /(;|%3b)[^/]*/gi;

/** The part of a request target that may be logged: the path. Other forms of a target (RFC 9112 3.2) may hold anything. */
export function logPath(target: string): string {
  if (!target.startsWith('/')) return target === '*' ? '*' : '-';
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (!/[#;%]/.test(path)) return path;
  const end = path.search(BEYOND_PATH);
  return (end < 0 ? path : path.slice(0, end)).replace(PARAMETER, '$1…');
}

/** The present time in ISO 8601, UTC. Made anew only when the clock has moved. */
export function timeText(clock: Clock): () => string {
  let made = Number.NaN;
  let text = '';
  return () => {
    const now = clock.now();
    if (now !== made) {
      made = now;
      text = new Date(now * 1000).toISOString();
    }
    return text;
  };
}
