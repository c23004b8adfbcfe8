import type { ASTNode } from '@marcbachmann/cel-js';
import { isMisread, parseCondition } from '../cel/parse.ts';

/** Conditions by name, as they are written. */
export type Names = ReadonlyMap<string, string>;

/** A name that a condition looks at, and whether it makes the condition true by not being so. */
export interface Reading {
  readonly name: string;
  readonly negated: boolean;
}

/** A call in a condition: `target.name(argument, …)`. */
export interface Call {
  readonly name: string;
  /** What it is called on: a dotted name, or empty. */
  readonly target: string;
  readonly parameters: readonly ASTNode[];
}

/** Many rules say the same, and each lint asks anew: the tree of a text is read once in a run. */
const trees = new WeakMap<Names, Map<string, ASTNode | null>>();

function treeOf(text: string, names: Names): ASTNode | null {
  const known = trees.get(names) ?? new Map<string, ASTNode | null>();
  trees.set(names, known);
  const before = known.get(text);
  if (before !== undefined) return before;
  const read = parseCondition(text);
  const tree = isMisread(read) ? null : read;
  known.set(text, tree);
  return tree;
}

/** Every dotted name that a condition reads, those of the conditions it names included; and those names themselves. */
export function readingsOf(text: string, names: Names): readonly Reading[] {
  const found = new Map<string, Reading>();
  const open = new Set<string>();
  const walk = (node: ASTNode, negated: boolean): void => {
    const name = dotted(node);
    if (name !== null) {
      found.set(`${negated} ${name}`, { name, negated });
      const inner = names.get(name);
      const key = `${negated} ${name}`;
      if (inner === undefined || open.has(key)) return;
      open.add(key);
      const tree = treeOf(inner, names);
      if (tree !== null) walk(tree, negated);
      return;
    }
    const flips = node.op === '!_' || node.op === '!=';
    for (const child of childrenOf(node)) walk(child, negated !== flips);
    // What chooses between two outcomes counts as both.
    if (node.op === '?:') walk(node.args[0], !negated);
  };
  const tree = treeOf(text, names);
  if (tree !== null) walk(tree, false);
  return [...found.values()];
}

/** Every call in a condition, without those of conditions that it names. */
export function callsIn(text: string, names: Names): readonly Call[] {
  const found: Call[] = [];
  const walk = (node: ASTNode): void => {
    if (node.op === 'rcall') {
      const [name, target, parameters] = node.args;
      found.push({ name, target: dotted(target) ?? '', parameters });
    }
    for (const child of childrenOf(node)) walk(child);
  };
  const tree = treeOf(text, names);
  if (tree !== null) walk(tree);
  return found;
}

/** Whether a condition can never be true: it says false, or asks for what excludes itself. Says no where it cannot tell. */
export function neverTrue(text: string, names: Names): boolean {
  const tree = treeOf(text, names);
  return tree !== null && truthOf(tree, names, 0) === false;
}

/** As deep as conditions are followed into those they name. */
const DEEPEST = 30;

/** What is named is looked into once: conditions that name one another twice would double what there is to do each time. */
const truths = new WeakMap<Names, Map<string, boolean | null>>();

function truthOf(node: ASTNode, names: Names, depth: number): boolean | null {
  if (depth > DEEPEST) return null;
  const next = (child: ASTNode): boolean | null => truthOf(child, names, depth + 1);
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? node.args : null;
    case 'id': {
      const known = truths.get(names) ?? new Map<string, boolean | null>();
      truths.set(names, known);
      const before = known.get(node.args);
      if (before !== undefined) return before;
      const inner = treeOf(names.get(node.args) ?? '', names);
      const truth = inner === null ? null : next(inner);
      known.set(node.args, truth);
      return truth;
    }
    case '!_': {
      const inner = next(node.args);
      return inner === null ? null : !inner;
    }
    case '||': {
      const links = linksOf(node, '||', names, new Set());
      return links.every((link) => next(link) === false) ? false : null;
    }
    case '&&': {
      const links = linksOf(node, '&&', names, new Set());
      return links.some((link) => next(link) === false) || contradict(links) ? false : null;
    }
    default:
      return null;
  }
}

/** The parts of a chain, with what conditions that it names stand for; what is `seen` already once. */
function linksOf(node: ASTNode, op: '&&' | '||', names: Names, seen: Set<string>): readonly ASTNode[] {
  if (node.op === op) return node.args.flatMap((child) => linksOf(child, op, names, seen));
  if (node.op !== 'id') return [node];
  if (seen.has(node.args)) return [];
  seen.add(node.args);
  const inner = treeOf(names.get(node.args) ?? '', names);
  return inner === null ? [node] : linksOf(inner, op, names, seen);
}

interface Range {
  /** The values it can only be; null = any. */
  among: readonly unknown[] | null;
  least: number;
  most: number;
}

/** Whether some of these, that all must hold, leave no value for what they are about. */
function contradict(links: readonly ASTNode[]): boolean {
  const ranges = new Map<string, Range>();
  for (const link of links) {
    const said = comparison(link);
    if (said === null) continue;
    const range = ranges.get(said.about) ?? { among: null, least: -Infinity, most: Infinity };
    ranges.set(said.about, range);
    narrow(range, said);
    const possible = range.among?.some(
      (value) => typeof value !== 'number' || (value >= range.least && value <= range.most),
    );
    if (possible === false || range.least > range.most) return true;
  }
  return false;
}

interface Comparison {
  readonly about: string;
  readonly op: string;
  readonly values: readonly unknown[];
}

function narrow(range: Range, { op, values }: Comparison): void {
  const [value] = values;
  if (op === '==' || op === 'in') range.among = (range.among ?? values).filter((one) => values.includes(one));
  if (typeof value !== 'number') return;
  // Open ends count as closed ones: then something that nearly contradicts itself is let pass.
  if (op === '<' || op === '<=') range.most = Math.min(range.most, value);
  if (op === '>' || op === '>=') range.least = Math.max(range.least, value);
}

const TURNED: Readonly<Record<string, string>> = { '==': '==', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `something == literal`, either way round, or `something in [literals]`; null for anything else. */
function comparison(node: ASTNode): Comparison | null {
  if (node.op === 'in') {
    const [item, list] = node.args;
    if (list.op !== 'list' || literal(item) !== undefined) return null;
    const values = list.args.map(literal);
    return values.includes(undefined) ? null : { about: aboutOf(item), op: 'in', values };
  }
  const turned = TURNED[node.op];
  if (turned === undefined) return null;
  const [left, right] = node.args as readonly [ASTNode, ASTNode];
  const values = [literal(left), literal(right)] as const;
  if (values[0] === undefined && values[1] !== undefined)
    return { about: aboutOf(left), op: node.op, values: [values[1]] };
  if (values[0] !== undefined && values[1] === undefined)
    return { about: aboutOf(right), op: turned, values: [values[0]] };
  return null;
}

/** The part as it is written: equal texts are equal values within one request. */
const aboutOf = ({ input, start, end }: ASTNode): string => input.slice(start, end).replace(/\s+/g, '');

export function literal(node: ASTNode): string | number | undefined {
  if (node.op !== 'value') return undefined;
  if (typeof node.args === 'bigint') return Number(node.args);
  return typeof node.args === 'string' || typeof node.args === 'number' ? node.args : undefined;
}

/** `user.groups` of its tree; null for what is no such name. An index is what it is taken of. */
function dotted(node: ASTNode): string | null {
  if (node.op === 'id') return node.args;
  if (node.op !== '.' && node.op !== '.?') return null;
  const [inner, field] = node.args;
  const name = dotted(inner);
  return name === null ? null : `${name}.${field}`;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  const { args } = node;
  const parts: readonly unknown[] = Array.isArray(args) ? args.flat(2) : [args];
  return parts.filter((part): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part);
}
