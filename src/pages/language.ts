/** A sentence somebody wrote in policies.yaml, in one of its languages. */
export interface Message {
  /** BCP 47 tag. */
  readonly language: string;
  readonly text: string;
}

/** No browser names more; what stands behind is ignored. */
const MAX_RANGES = 20;

/**
 * The message in the language a person prefers: RFC 4647 3.4 lookup over the ranges of Accept-Language
 * (RFC 9110 12.5.4), best quality first. Without a match English, else the first that was written.
 *
 * @param messages - language tag -> text, in the order of the file
 * @returns null if there are no messages at all
 */
export function chooseMessage(
  messages: ReadonlyMap<string, string>,
  acceptLanguage: string | undefined,
): Message | null {
  const byTag = new Map<string, Message>();
  for (const [language, text] of messages) byTag.set(language.toLowerCase(), { language, text });
  for (const range of preferredRanges(acceptLanguage ?? '')) {
    const found = lookUp(byTag, range);
    if (found !== null) return found;
  }
  const [first] = byTag.values();
  return byTag.get('en') ?? first ?? null;
}

/** Ranges in lower case, most wanted first, without `*` (which lookup ignores) and those of quality 0. */
function preferredRanges(header: string): readonly string[] {
  const ranges: { range: string; quality: number }[] = [];
  for (const item of header.toLowerCase().split(',', MAX_RANGES)) {
    const match = /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/.exec(item);
    const range = match?.[1];
    const quality = Number(match?.[2] ?? 1);
    if (range !== undefined && quality > 0) ranges.push({ range, quality });
  }
  return ranges.sort((a, b) => b.quality - a.quality).map(({ range }) => range);
}

/** Shortens the range from its end until a message fits; a single letter left at the end goes with its subtag. */
function lookUp(byTag: ReadonlyMap<string, Message>, range: string): Message | null {
  const subtags = range.split('-');
  while (subtags.length > 0) {
    const found = byTag.get(subtags.join('-'));
    if (found !== undefined) return found;
    subtags.pop();
    if (subtags[subtags.length - 1]?.length === 1) subtags.pop();
  }
  return null;
}
