/**
 * The fields of what we seal. All of it is a JSON array that starts with its version: short, and the decoder names every
 * field once. What was sealed by us can still be of another version of us, so nothing is believed unchecked.
 */

/** The fields behind the version, or null unless `text` is an array of exactly this version and count. */
export function readFields(text: string, version: number, count: number): readonly unknown[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed) || parsed[0] !== version || parsed.length !== count + 1) return null;
  return parsed.slice(1);
}

export const isText = (value: unknown): value is string => typeof value === 'string';

export const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);

/** A time or a span in seconds. */
export const isSeconds = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;

export const isSecondsOrNull = (value: unknown): value is number | null => value === null || isSeconds(value);

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Every item through `read`; null as soon as one is odd. */
export function readList<T>(value: unknown, read: (item: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const items: T[] = [];
  for (const item of value) {
    const made = read(item);
    if (made === null) return null;
    items.push(made);
  }
  return items;
}
