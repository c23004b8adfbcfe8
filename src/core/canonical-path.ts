/**
 * One spelling per resource. The path that is judged is the path that is forwarded: rules match fully decoded segments,
 * and what is forwarded is encoded anew from exactly those segments. A target that two readers could take for two
 * resources is refused, unless the app says how its upstream reads it; then every reading is judged.
 */

/** Why a request target is refused, all of them 400 `ambiguous_request`. */
export type PathRefusal =
  | 'not_origin_form'
  | 'bad_character'
  | 'bad_encoding'
  | 'double_encoding'
  | 'backslash'
  | 'dot_segment'
  | 'encoded_slash'
  | 'double_slash'
  | 'parameters'
  | 'windows_name';

/** How one app's upstream reads paths. The defaults refuse whatever depends on the reader. */
export interface PathOptions {
  /** `%2F`: refused, or judged both as a letter and as a separator. */
  readonly encodedSlash: 'refuse' | 'allow';
  /** `//`: refused, or merged into one before it is judged and forwarded. */
  readonly doubleSlash: 'refuse' | 'merge';
  /** `;name=value`: refused, or judged both with and without; `jsessionid` allows only that one. */
  readonly parameters: 'refuse' | 'jsessionid' | 'allow';
  /** The upstream's file names fold case and ignore trailing dots and spaces. */
  readonly windows: boolean;
}

export const STRICT_PATHS: PathOptions = {
  encodedSlash: 'refuse',
  doubleSlash: 'refuse',
  parameters: 'refuse',
  windows: false,
};

/** A request target taken apart, before it is known which app it is for. */
export interface ParsedTarget {
  /** Decoded segments, without the empty one behind a trailing slash and without those of `//`. */
  readonly segments: readonly string[];
  /** The path as it is forwarded. */
  readonly path: string;
  /** `?…` as received, or empty. */
  readonly query: string;
  /** What only an app that opts in may accept. */
  readonly needs: {
    readonly encodedSlash: boolean;
    readonly doubleSlash: boolean;
    readonly parameters: readonly string[];
  };
}

/** A target accepted for one app. */
export interface CanonicalPath {
  readonly path: string;
  readonly query: string;
  /** Every way the upstream may read the path, as decoded segments. One, for almost every request. */
  readonly readings: readonly (readonly string[])[];
}

export interface Refused {
  readonly refused: PathRefusal;
}

/** Nothing suspicious: no escapes, no parameters, no empty segment, none that starts with a dot. */
const PLAIN = /^(?:\/[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]*)*\/?$/;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;
const SECOND_LAYER = /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const NO_NEEDS = { encodedSlash: false, doubleSlash: false, parameters: [] } as const;

/** Takes a request target (RFC 9112 3.2) apart. Only origin-form is accepted here. */
export function parseTarget(target: string): ParsedTarget | Refused {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (!rawPath.startsWith('/')) return { refused: 'not_origin_form' };
  if (query.includes('#') || !VISIBLE_ASCII.test(query)) return { refused: 'bad_character' };
  if (PLAIN.test(rawPath)) {
    const segments = rawPath.split('/');
    if (segments[segments.length - 1] === '') segments.pop();
    return { segments: segments.slice(1), path: rawPath, query, needs: NO_NEEDS };
  }
  return parseSuspicious(rawPath, query);
}

function parseSuspicious(rawPath: string, query: string): ParsedTarget | Refused {
  if (rawPath.includes('#') || !VISIBLE_ASCII.test(rawPath)) return { refused: 'bad_character' };
  if (rawPath.includes('\\')) return { refused: 'backslash' };
  const raw = rawPath.slice(1).split('/');
  const trailingSlash = raw[raw.length - 1] === '';
  if (trailingSlash) raw.pop();

  const segments: string[] = [];
  const parameters: string[] = [];
  let encodedSlash = false;
  let doubleSlash = false;
  for (const piece of raw) {
    if (piece === '') {
      doubleSlash = true;
      continue;
    }
    const decoded = decodeSegment(piece);
    if (typeof decoded !== 'string') return decoded;
    encodedSlash ||= decoded.includes('/');
    const [, ...own] = decoded.split(';');
    parameters.push(...own);
    segments.push(decoded);
  }
  const path = `/${segments.map(encodeSegment).join('/')}${trailingSlash && segments.length > 0 ? '/' : ''}`;
  return { segments, path, query, needs: { encodedSlash, doubleSlash, parameters } };
}

function decodeSegment(piece: string): string | Refused {
  let decoded: string;
  try {
    decoded = decodeURIComponent(piece);
  } catch {
    return { refused: 'bad_encoding' };
  }
  if (CONTROL.test(decoded)) return { refused: 'bad_character' };
  if (decoded.includes('\\')) return { refused: 'backslash' };
  if (SECOND_LAYER.test(decoded)) return { refused: 'double_encoding' };
  // A literal ";" starts parameters, "%3B" does not, and not every reader knows the difference.
  if (/%3b/i.test(piece)) return { refused: 'parameters' };
  for (const part of decoded.split('/')) {
    const name = part.split(';')[0];
    if (name === '.' || name === '..') return { refused: 'dot_segment' };
  }
  return decoded;
}

/** Percent-encodes a decoded segment: everything but RFC 3986 `pchar`, and the `;` that starts parameters. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, (triplet) => decodeURIComponent(triplet));
}

/** Accepts a parsed target for an app, with every reading that its upstream may take, or refuses it. */
export function acceptPath(target: ParsedTarget, options: PathOptions): CanonicalPath | Refused {
  const { needs, path, query } = target;
  if (needs === NO_NEEDS && !options.windows) return { path, query, readings: [target.segments] };
  if (needs.doubleSlash && options.doubleSlash === 'refuse') return { refused: 'double_slash' };
  if (needs.encodedSlash && options.encodedSlash === 'refuse') return { refused: 'encoded_slash' };
  if (!parametersAllowed(needs.parameters, options)) return { refused: 'parameters' };

  const readings: (readonly string[])[] = [];
  for (const reading of allReadings(target)) {
    if (reading.some((segment) => segment === '')) return { refused: 'double_slash' };
    if (reading.some((segment) => segment === '.' || segment === '..')) return { refused: 'dot_segment' };
    if (options.windows && reading.some(misnamedOnWindows)) return { refused: 'windows_name' };
    readings.push(options.windows ? reading.map(foldCase) : reading);
  }
  return { path, query, readings };
}

function parametersAllowed(parameters: readonly string[], options: PathOptions): boolean {
  if (parameters.length === 0 || options.parameters === 'allow') return true;
  return (
    options.parameters === 'jsessionid' && parameters.every((parameter) => /^jsessionid=[\w.!-]+$/i.test(parameter))
  );
}

/** The path read with and without parameters, with `%2F` as a letter and as a separator. */
function allReadings(target: ParsedTarget): (readonly string[])[] {
  let readings: (readonly string[])[] = [target.segments];
  if (target.needs.encodedSlash) readings.push(target.segments.flatMap((segment) => segment.split('/')));
  if (target.needs.parameters.length > 0) {
    readings = readings.flatMap((reading) => [reading, reading.map((segment) => withoutParameters(segment))]);
  }
  return readings;
}

const withoutParameters = (segment: string): string => {
  const semicolon = segment.indexOf(';');
  return semicolon < 0 ? segment : segment.slice(0, semicolon);
};

/** The one case in which paths of an app with `windows: true` are compared; rules are folded with it as well. */
export const foldCase = (segment: string): string => segment.toLowerCase();

/** Names that Windows takes for others: trailing dot or space, short names, streams, letters that fold into ASCII. */
function misnamedOnWindows(segment: string): boolean {
  if (/[. ]$/.test(segment) || /~\d/.test(segment) || segment.includes(':')) return true;
  for (const letter of segment) {
    if (letter <= '\u007f') continue;
    const plain = letter.normalize('NFKC');
    const upper = plain.toUpperCase();
    if (/[\x20-\x7e]/.test(plain.toLowerCase()) || (upper.length === 1 && upper <= '\u007f')) return true;
  }
  return false;
}
