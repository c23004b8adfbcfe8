import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

/** Steps from the top of a file to one of its values. */
export type Path = readonly (string | number)[];

/** One YAML file that was read: its plain value, and where in the text each part of it stands. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  /** Null where the file could not be read as YAML. */
  readonly root: Node | null;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Maps without a prototype, lists and scalars. */
  readonly value: unknown;
}

/** One place in one file. */
export interface Where {
  readonly source: SourceFile;
  readonly path: Path;
}

export const top = (source: SourceFile): Where => ({ source, path: [] });

/** A place below another one. */
export const below = (where: Where, ...steps: Path): Where => ({
  source: where.source,
  path: [...where.path, ...steps],
});

/** The plain value at a place, undefined where nothing is. */
export function valueAt(where: Where): unknown {
  let value = where.source.value;
  for (const step of where.path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isPlainMap(value) && typeof step === 'string') value = value[step];
    else return undefined;
  }
  return value;
}

export const isPlainMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys of the map at a place; none where there is no map. */
export function keysAt(where: Where): readonly string[] {
  const value = valueAt(where);
  return isPlainMap(value) ? Object.keys(value) : [];
}

/** How many items the list at a place has; none where there is no list. */
export function lengthAt(where: Where): number {
  const value = valueAt(where);
  return Array.isArray(value) ? value.length : 0;
}

/**
 * Offset of a place in the text. Where it does not exist (a missing key) it is the nearest thing that does.
 *
 * @param atKey - the key rather than its value
 */
export function offsetOf(where: Where, atKey: boolean): number {
  const { source, path } = where;
  let node: Node | null = source.root;
  let key: Node | null = null;
  for (const [depth, step] of path.entries()) {
    const parent = isAlias(node) ? (source.targets.get(node) ?? null) : node;
    if (isMap(parent)) {
      const pair = pairOf(parent, step);
      // Values of an entry are missing below its key, not at the start of its first line.
      if (pair === undefined) return startOf(depth === 0 ? parent : (key ?? parent));
      key = pair.key as Node;
      node = pair.value as Node | null;
    } else if (isSeq(parent) && typeof step === 'number') {
      node = (parent.items[step] as Node | undefined) ?? parent;
      key = null;
    } else break;
  }
  return startOf(atKey ? (key ?? node) : (node ?? key));
}

const pairs = new WeakMap<YAMLMap, ReadonlyMap<string | number | null, Pair>>();

/** The entry of a map with a key. A file may have ten thousand of them, and as many mistakes. */
export function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  let known = pairs.get(map);
  if (known === undefined) {
    // Of two with one key, which is a mistake, the first counts.
    known = new Map(map.items.toReversed().map((pair) => [keyText(pair), pair]));
    pairs.set(map, known);
  }
  return known.get(key);
}

/** Where something stands, in numbers: a place that outlives the text. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** @param atKey - the key rather than its value */
export function placeOf(where: Where, atKey = false): Place {
  const { line, col } = where.source.lines.linePos(offsetOf(where, atKey));
  return { file: where.source.file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;

/** The text of a pair's key, null where it is no scalar. */
export const keyText = (pair: Pair): string | null => (isScalar(pair.key) ? String(pair.key.value) : null);
