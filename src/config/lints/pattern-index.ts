import type { PatternPiece } from '../../core/path-pattern.ts';
import { type Pattern, segmentCovers, segmentsOverlap } from './pattern-sets.ts';

type Single = Exclude<PatternPiece, { kind: 'rest' }>;

interface Edge<T> {
  readonly piece: Single;
  readonly node: Node<T>;
}

interface Node<T> {
  readonly id: number;
  readonly literals: Map<string, Edge<T>>;
  /** Globs and `*`, by their text. */
  readonly wild: Map<string, Edge<T>>;
  /** The node behind `**`. */
  rest: Node<T> | null;
  /** Whether it stands behind `**`, and so takes any further segment. */
  readonly loops: boolean;
  readonly values: T[];
}

/** What one look-up does with a node, and which nodes it goes on to. */
type Step<T> = (node: Node<T>, at: number, go: (node: Node<T>, at: number) => void) => void;

/**
 * Patterns filed so that those which have to do with another one are found without comparing all: thousands of rules are
 * linted at every load. What it may spend is limited, whatever the patterns are: once that is used up it finds nothing
 * more, and a lint is silent rather than slow.
 */
export class PatternIndex<T> {
  readonly #limit: number;
  #nodes = 0;
  #spent = 0;
  readonly #root = this.#newNode(false);

  /** @param limit - how many nodes, edges and values all look-ups together may look at */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How much was looked at so far. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether the limit is reached: then that nothing was found means nothing. */
  get exhausted(): boolean {
    return this.#spent > this.#limit;
  }

  add(pattern: Pattern, value: T): void {
    let node = this.#root;
    for (const piece of pattern) {
      if (piece.kind !== 'rest') node = this.#childOf(node, piece);
      else if (!node.loops) {
        node.rest ??= this.#newNode(true);
        node = node.rest;
      }
    }
    node.values.push(value);
  }

  /** Calls `visit` with every value whose pattern covers `pattern`, until it says true. */
  covering(pattern: Pattern, visit: (value: T) => boolean): void {
    this.#walk(pattern, visit, (node, at, go) => {
      const piece = pattern[at];
      if (node.rest !== null) go(node.rest, at);
      if (piece === undefined) return;
      if (node.loops) go(node, at + 1);
      if (piece.kind === 'rest') return;
      const literal = piece.kind === 'literal' ? node.literals.get(piece.text) : undefined;
      if (literal !== undefined) go(literal.node, at + 1);
      for (const edge of this.#counted(node.wild)) if (segmentCovers(edge.piece, piece)) go(edge.node, at + 1);
    });
  }

  /** Calls `visit` with every value whose pattern and `pattern` match some path both, until it says true. */
  overlapping(pattern: Pattern, visit: (value: T) => boolean): void {
    this.#walk(pattern, visit, (node, at, go) => {
      const piece = pattern[at];
      if (node.rest !== null) go(node.rest, at);
      if (piece === undefined) return;
      if (piece.kind === 'rest') {
        go(node, at + 1);
        for (const edges of [node.literals, node.wild]) for (const edge of this.#counted(edges)) go(edge.node, at);
        return;
      }
      if (node.loops) go(node, at + 1);
      const literal = piece.kind === 'literal' ? node.literals.get(piece.text) : undefined;
      if (literal !== undefined) go(literal.node, at + 1);
      const compared = piece.kind === 'literal' ? [node.wild] : [node.literals, node.wild];
      for (const edges of compared) {
        for (const edge of this.#counted(edges)) if (segmentsOverlap(edge.piece, piece)) go(edge.node, at + 1);
      }
    });
  }

  #walk(pattern: Pattern, visit: (value: T) => boolean, step: Step<T>): void {
    const width = pattern.length + 1;
    const seen = new Set<number>();
    const open: (readonly [Node<T>, number])[] = [];
    const go = (node: Node<T>, at: number): void => {
      const key = node.id * width + at;
      if (seen.has(key)) return;
      seen.add(key);
      open.push([node, at]);
    };
    go(this.#root, 0);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [node, at] = next;
      if (++this.#spent > this.#limit) return;
      if (at === pattern.length) {
        for (const value of node.values) if (++this.#spent > this.#limit || visit(value)) return;
      }
      step(node, at, go);
    }
  }

  *#counted(edges: ReadonlyMap<string, Edge<T>>): Iterable<Edge<T>> {
    for (const edge of edges.values()) {
      if (++this.#spent > this.#limit) return;
      yield edge;
    }
  }

  #childOf(node: Node<T>, piece: Single): Node<T> {
    const edges = piece.kind === 'literal' ? node.literals : node.wild;
    const key = piece.kind === 'literal' ? piece.text : piece.kind === 'any' ? '*' : piece.parts.join('*');
    const edge = edges.get(key) ?? { piece, node: this.#newNode(false) };
    edges.set(key, edge);
    return edge.node;
  }

  #newNode(loops: boolean): Node<T> {
    return { id: this.#nodes++, literals: new Map(), wild: new Map(), rest: null, loops, values: [] };
  }
}
