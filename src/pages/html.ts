/** Text that is HTML already. Made by {@link html} and {@link unescapedHtml} only; a value from outside cannot be one. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  static is(value: unknown): value is Markup {
    return typeof value === 'object' && value !== null && #text in value;
  }
}

export type Html = Markup;

/** What may stand in a template: null is nothing, an array its members one after the other. */
export type HtmlValue = string | number | Html | null | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** What a link that is not one of ours becomes: it leads nowhere. */
const DEAD_LINK = 'about:blank#refused';

const URL_ATTRIBUTE = /\b(?:(?:href|action|formaction|src)="|http-equiv="refresh" content="0; url=)$/;

/**
 * HTML from a template: every value is escaped for text and for quoted attributes, and a value that is a whole `href`,
 * `action`, `formaction` or `src`, or where a page leads by itself, must be an http(s) URL or an absolute path.
 *
 * @throws TypeError if the template itself is unsafe: a value in an unquoted attribute, or as part of a URL
 */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = pieces[0] ?? '';
  for (const [i, value] of values.entries()) {
    const before = pieces[i] ?? '';
    const after = pieces[i + 1] ?? '';
    if (!URL_ATTRIBUTE.test(before)) {
      if (/=\s*$/.test(before)) throw new TypeError('a value in an unquoted attribute');
      text += render(value);
    } else {
      if (!after.startsWith('"')) throw new TypeError('a value that is part of a URL');
      text += escapeText(safeUrl(String(value)));
    }
    text += after;
  }
  return new Markup(text);
}

/** Takes `text` as HTML as it is. For constants of ours alone. */
export const unescapedHtml = (text: string): Html => new Markup(text);

function render(value: HtmlValue): string {
  if (value === null) return '';
  if (Markup.is(value)) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return escapeText(String(value));
}

const escapeText = (text: string): string =>
  text.toWellFormed().replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');

/** The URL itself if it is http(s) or an absolute path of this origin, else {@link DEAD_LINK}. */
function safeUrl(url: string): string {
  // Browsers drop tabs and line breaks and take "\" for "/": neither has a place in a URL of ours.
  if (!/^[\x21-\x7e]+$/.test(url) || url.includes('\\')) return DEAD_LINK;
  if (url.startsWith('/')) return url.startsWith('//') ? DEAD_LINK : url;
  return /^https?:\/\/[^/]/i.test(url) && URL.canParse(url) ? url : DEAD_LINK;
}
