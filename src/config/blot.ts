import { isScalar, visit } from 'yaml';
import { isReference } from './secrets.ts';
import { keyText, type SourceFile } from './source-file.ts';

/** Keys whose values are secrets, misspelt ones too. */
const SECRET_KEY = /se?cr?e?r?t|passw|passphrase|token/i;
/** The same on a line of its own, for files whose structure is unknown. */
const SECRET_LINE = /(?:se?cr?e?r?t|passw|passphrase|token)[^:\n]*:[ \t]*([^\n]*)/gi;
/** A private key as PEM or JWK, wherever somebody wrote one. */
const PRIVATE_KEY = /PRIVATE KEY-----|"(?:d|k)"\s*:/;
/** What looks like key material wherever it stands. */
const KEY_MATERIAL = /[A-Za-z0-9+/_=-]{24,}/g;

/**
 * The text of a file as it may be shown: the same lines and columns, every value of a secret replaced by stars. What
 * only refers to a secret stays.
 */
export function blotOut(source: SourceFile): string {
  const spans: Span[] = [];
  const blot = (from: number, to: number): void => {
    spans.push([from, to]);
  };
  if (source.root !== null) {
    visit(source.root, {
      Pair(_, pair) {
        const key = keyText(pair);
        if (key === null || !SECRET_KEY.test(key) || pair.value === null) return undefined;
        blotScalars(pair.value, blot);
        return visit.SKIP;
      },
      Scalar(_, { range, value }) {
        if (range && PRIVATE_KEY.test(String(value))) blot(range[0], range[1]);
      },
    });
    return blotted(source.text, spans);
  }
  for (const match of source.text.matchAll(SECRET_LINE)) {
    const value = match[1] ?? '';
    const start = match.index + match[0].length - value.length;
    if (!isReference(value.trim().replace(/^[[\s"']+|["'\]\s]+$/g, ''))) blot(start, start + value.length);
  }
  for (const match of source.text.matchAll(KEY_MATERIAL)) {
    if (!isInsideReference(source.text, match.index)) blot(match.index, match.index + match[0].length);
  }
  return blotted(source.text, spans);
}

/** From, and up to, in UTF-16 units. */
type Span = readonly [from: number, to: number];

function blotted(text: string, spans: readonly Span[]): string {
  let shown = '';
  let at = 0;
  for (const [from, to] of spans.toSorted(([one], [other]) => one - other)) {
    if (to <= at) continue;
    const start = Math.max(from, at);
    shown += text.slice(at, start) + text.slice(start, to).replace(/\S/g, '*');
    at = to;
  }
  return shown + text.slice(at);
}

const isInsideReference = (text: string, at: number): boolean => /\$\{(?:env|file):[^}\n]*$/.test(text.slice(0, at));

function blotScalars(value: unknown, blot: (from: number, to: number) => void): void {
  visit(value as Parameters<typeof visit>[0], {
    Scalar(_, scalar) {
      const range = scalar.range;
      if (isScalar(scalar) && range && !isReference(String(scalar.value).trim())) blot(range[0], range[1]);
    },
  });
}
