import { globMatches, type PatternPiece } from './path-pattern.ts';

/** A value filed under a pattern, with the place that decides between several hits. */
export interface Ordered {
  readonly order: number;
}

/** Most nodes lead nowhere or to one place: what a node does not have takes no room, and none to walk past. */
interface Node<T> {
  literals: Map<string, Node<T>> | null;
  /** By their text, so that thousands of patterns are filed in linear time. */
  globs: Map<string, Glob<T>> | null;
  any: Node<T> | null;
  /** The node behind `**`: stays active for every further segment. */
  rest: Node<T> | null;
  /** True on the node behind `**`. */
  readonly loops: boolean;
  /** Values whose pattern ends here, in order. */
  values: T[] | null;
}

interface Glob<T> {
  readonly parts: readonly string[];
  readonly node: Node<T>;
}

const newNode = <T>(loops: boolean): Node<T> => ({
  literals: null,
  globs: null,
  any: null,
  rest: null,
  loops,
  values: null,
});

/**
 * Path patterns as a tree of segments, walked with a set of active nodes: the cost of a look-up grows with the segments
 * of the path and with the wildcards that lie on its way, not with the number of patterns.
 */
export class PathTree<T extends Ordered> {
  readonly #root = newNode<T>(false);

  /** Files `value` under a pattern. Values must be added in ascending order. */
  add(pattern: readonly PatternPiece[], value: T): void {
    let node = this.#root;
    for (const piece of pattern) node = child(node, piece);
    if (node.values === null) node.values = [value];
    else if (node.values[node.values.length - 1] !== value) node.values.push(value);
  }

  /** All values whose pattern matches, lowest order first. */
  find(segments: readonly string[]): readonly T[] {
    let active: Node<T>[] = [this.#root];
    if (this.#root.rest !== null) active.push(this.#root.rest);
    for (const segment of segments) {
      const next: Node<T>[] = [];
      for (const node of active) step(node, segment, next);
      if (next.length === 0) return [];
      active = next;
    }
    return collect(active);
  }
}

function child<T>(node: Node<T>, piece: PatternPiece): Node<T> {
  switch (piece.kind) {
    case 'literal': {
      node.literals ??= new Map();
      const made = node.literals.get(piece.text) ?? newNode<T>(false);
      node.literals.set(piece.text, made);
      return made;
    }
    case 'glob': {
      node.globs ??= new Map();
      const key = piece.parts.join('*');
      const made = node.globs.get(key) ?? { parts: piece.parts, node: newNode<T>(false) };
      node.globs.set(key, made);
      return made.node;
    }
    case 'any':
      node.any ??= newNode<T>(false);
      return node.any;
    case 'rest':
      // `**/**` is `**`.
      if (node.loops) return node;
      node.rest ??= newNode<T>(true);
      return node.rest;
  }
}

function step<T>(node: Node<T>, segment: string, next: Node<T>[]): void {
  if (node.loops) enter(node, next);
  const literal = node.literals?.get(segment);
  if (literal !== undefined) enter(literal, next);
  if (node.any !== null) enter(node.any, next);
  if (node.globs === null) return;
  for (const glob of node.globs.values()) if (globMatches(glob.parts, segment)) enter(glob.node, next);
}

/** Makes a node active, with the node behind its `**`, which also covers no segment at all. */
function enter<T>(node: Node<T>, next: Node<T>[]): void {
  if (next.includes(node)) return;
  next.push(node);
  if (node.rest !== null && !next.includes(node.rest)) next.push(node.rest);
}

function collect<T extends Ordered>(active: readonly Node<T>[]): readonly T[] {
  let only: readonly T[] | null = null;
  let merged: T[] | null = null;
  for (const node of active) {
    if (node.values === null) continue;
    if (only === null) only = node.values;
    else {
      merged ??= [...only];
      merged.push(...node.values);
    }
  }
  if (merged === null) return only ?? [];
  return merged.sort((a, b) => a.order - b.order);
}
