import { globMatches, type PatternPiece } from './path-pattern.ts';

/** A value filed under a pattern, with the place that decides between several hits. */
export interface Ordered {
  readonly order: number;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  readonly globs: { readonly parts: readonly string[]; readonly node: Node<T> }[];
  /** The same by their text: thousands of patterns are filed in linear time. */
  readonly globNodes: Map<string, Node<T>>;
  any: Node<T> | null;
  /** The node behind `**`: stays active for every further segment. */
  rest: Node<T> | null;
  /** True on the node behind `**`. */
  loops: boolean;
  /** Values whose pattern ends here, in order. */
  values: T[];
}

const newNode = <T>(): Node<T> => ({
  literals: new Map(),
  globs: [],
  globNodes: new Map(),
  any: null,
  rest: null,
  loops: false,
  values: [],
});

/**
 * Path patterns as a tree of segments, walked with a set of active nodes: the cost of a look-up grows with the segments
 * of the path and with the wildcards that lie on its way, not with the number of patterns.
 */
export class PathTree<T extends Ordered> {
  readonly #root = newNode<T>();

  /** Files `value` under a pattern. Values must be added in ascending order. */
  add(pattern: readonly PatternPiece[], value: T): void {
    let node = this.#root;
    for (const piece of pattern) node = child(node, piece);
    if (node.values[node.values.length - 1] !== value) node.values.push(value);
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
      const existing = node.literals.get(piece.text);
      if (existing !== undefined) return existing;
      const made = newNode<T>();
      node.literals.set(piece.text, made);
      return made;
    }
    case 'glob': {
      const key = piece.parts.join('*');
      const existing = node.globNodes.get(key);
      if (existing !== undefined) return existing;
      const made = newNode<T>();
      node.globNodes.set(key, made);
      node.globs.push({ parts: piece.parts, node: made });
      return made;
    }
    case 'any':
      node.any ??= newNode<T>();
      return node.any;
    case 'rest':
      // `**/**` is `**`.
      if (node.loops) return node;
      node.rest ??= { ...newNode<T>(), loops: true };
      return node.rest;
  }
}

function step<T>(node: Node<T>, segment: string, next: Node<T>[]): void {
  if (node.loops) enter(node, next);
  const literal = node.literals.get(segment);
  if (literal !== undefined) enter(literal, next);
  if (node.any !== null) enter(node.any, next);
  for (const glob of node.globs) if (globMatches(glob.parts, segment)) enter(glob.node, next);
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
    if (node.values.length === 0) continue;
    if (only === null) only = node.values;
    else {
      merged ??= [...only];
      merged.push(...node.values);
    }
  }
  if (merged === null) return only ?? [];
  return merged.sort((a, b) => a.order - b.order);
}
