/** Elements within one another, at most: what is deeper is no SAML. */
const DEEPEST = 32;
/** Tags, comments and CDATA sections of what is said about one person, at most: more than anybody has groups. */
const MOST_PIECES = 4000;
/** A comment counts for as many: nobody needs them, and the library that verifies takes long to leave them out. */
const COMMENT = 40;
/** Attributes of one element, declarations of namespaces among them, at most; and how many of them count for nothing. */
const MOST_ATTRIBUTES = 64;
const USUAL_ATTRIBUTES = 4;

const SPACE = '[ \\t\\r\\n]';
const NAME = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?';

const DECLARATION = new RegExp(
  `^<\\?xml${SPACE}+version=["']1\\.0["'](?:${SPACE}+encoding=["']UTF-8["'])?(?:${SPACE}+standalone=["'](?:yes|no)["'])?${SPACE}*\\?>`,
  'i',
);
const OPENING = new RegExp(`<${NAME}`, 'y');
/** No prefix that begins with `xml` can be declared, and none be taken back (Namespaces in XML 1.0, 2.2 and 3). */
const NO_PREFIX = `xmlns:(?:xml|[^=]*=${SPACE}*(?:""|''))`;
const ATTRIBUTE = new RegExp(`${SPACE}+(?!${NO_PREFIX})${NAME}${SPACE}*=${SPACE}*("[^<"]*"|'[^<']*')`, 'y');
const OPENED = new RegExp(`${SPACE}*(/?)>`, 'y');
const CLOSING = new RegExp(`</${NAME}${SPACE}*>`, 'y');
/** Everything that XML 1.0 does not count among its characters (2.2). */
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const LOOSE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\dA-Fa-f]{1,6});)/;

/**
 * Whether a text is plain XML 1.0 of modest size: no document type, so no entities of its own; no processing
 * instructions; every tag, reference and character as the standard writes it. Parsers mend what is not, each in its own
 * way, and a document that two of them read differently is how signatures are stolen. Looks at each character a bounded
 * number of times, and before any parser whose recursion an endless document would exhaust.
 *
 * @param mostPieces - tags, comments and CDATA sections, at most
 */
export function isPlainXml(text: string, mostPieces: number = MOST_PIECES): boolean {
  if (NO_CHARACTER.test(text)) return false;
  let at = DECLARATION.exec(text)?.[0].length ?? 0;
  let depth = 0;
  for (let pieces = 0; pieces <= mostPieces; ) {
    const next = text.indexOf('<', at);
    const between = next === -1 ? text.slice(at) : text.slice(at, next);
    if (between.includes(']]>') || !hasPlainReferences(between)) return false;
    if (next === -1) return depth === 0;
    const piece = pieceAt(text, next);
    if (piece === null) return false;
    depth += piece.deeper;
    if (depth < 0 || depth > DEEPEST) return false;
    at = piece.end;
    pieces += piece.counts;
  }
  return false;
}

/** A tag, comment or CDATA section. */
interface Piece {
  readonly end: number;
  /** For how many pieces it counts. */
  readonly counts: number;
  /** How much deeper one is behind it. */
  readonly deeper: -1 | 0 | 1;
}

function pieceAt(text: string, at: number): Piece | null {
  if (text.startsWith('<!--', at)) {
    const end = text.indexOf('--', at + 4);
    return end !== -1 && text[end + 2] === '>' ? { end: end + 3, counts: COMMENT, deeper: 0 } : null;
  }
  if (text.startsWith('<![CDATA[', at)) {
    const end = text.indexOf(']]>', at);
    return end === -1 ? null : { end: end + 3, counts: 1, deeper: 0 };
  }
  if (text.startsWith('</', at)) {
    const closing = matchAt(CLOSING, text, at);
    return closing && { end: at + closing[0].length, counts: 1, deeper: -1 };
  }
  return openingAt(text, at);
}

function openingAt(text: string, start: number): Piece | null {
  const opening = matchAt(OPENING, text, start);
  if (opening === null) return null;
  let at = start + opening[0].length;
  for (let attributes = 0; attributes <= MOST_ATTRIBUTES; attributes += 1) {
    const opened = matchAt(OPENED, text, at);
    if (opened !== null) {
      const counts = 1 + Math.max(0, attributes - USUAL_ATTRIBUTES);
      return { end: at + opened[0].length, counts, deeper: opened[1] === '/' ? 0 : 1 };
    }
    const attribute = matchAt(ATTRIBUTE, text, at);
    if (attribute === null || !hasPlainReferences(attribute[1] ?? '')) return null;
    at += attribute[0].length;
  }
  return null;
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

/** Whether every `&` begins one of the five entities of XML, or names a character that XML has. */
function hasPlainReferences(text: string): boolean {
  if (!text.includes('&')) return true;
  if (LOOSE_AMPERSAND.test(text)) return false;
  for (const [, hex, digits = ''] of text.matchAll(/&#(x?)([\dA-Fa-f]+);/g)) {
    const codePoint = Number.parseInt(digits, hex === 'x' ? 16 : 10);
    if (codePoint > 0x10_ffff || NO_CHARACTER.test(String.fromCodePoint(codePoint))) return false;
  }
  return true;
}
