import type { ASTNode } from '@marcbachmann/cel-js';
import { parseDuration } from '../durations.ts';
import { parseInstant } from '../instants.ts';
import { suggest } from '../nearest.ts';
import { isWrong, type Wrong } from '../problems.ts';
import { compileHas } from './access.ts';
import { readDecimal } from './decimal.ts';
import { type Draft, written } from './draft.ts';
import { compileLoop, LOOPS } from './loops.ts';
import { METHODS, methodsOf } from './methods.ts';
import { compilePattern } from './patterns.ts';
import { FAILED, isList, kindName, lift, lift2, type Term } from './term.ts';
import { compileClock } from './times.ts';

type Call = Extract<ASTNode, { op: 'call' }>;
type MethodCall = Extract<ASTNode, { op: 'rcall' }>;

/** Functions that are called by their name alone. */
const FUNCTIONS = ['decimal', 'duration', 'has', 'size', 'timestamp'];

/** Compiles `f(x)`. */
export function compileCall(node: Call, draft: Draft): Term | null {
  const [name, args] = node.args;
  const [first, second] = args;
  if (!FUNCTIONS.includes(name)) return noFunction(name, node, draft);
  if (first === undefined || second !== undefined) return draft.wrong(node.start, `${name}() takes one value`);
  const place = { at: node.start, end: node.end };
  switch (name) {
    case 'has':
      return compileHas(first, node, draft);
    case 'timestamp':
      return constant('timestamp', first, place, parseInstant, draft);
    case 'duration':
      return constant('duration', first, place, parseDuration, draft);
    case 'decimal':
      return compileDecimal(first, place, draft);
    default: {
      const term = draft.term(first);
      return term && applyMethod('size', term, [], node.start, place, draft);
    }
  }
}

function noFunction(name: string, node: Call, draft: Draft): null {
  const numbers = ['int', 'uint', 'double'].includes(name);
  const method = METHODS.some((known) => known.name === name) || LOOPS.has(name);
  const hint = numbers
    ? 'decimal(…) reads a number'
    : method
      ? `write it behind a point: value.${name}(…)`
      : suggest(name, FUNCTIONS);
  return draft.wrong(node.start, `there is no function ${name}() in conditions`, hint);
}

type Place = Pick<Term, 'at' | 'end'>;

/** What has to be written out, so that it is read once, when the file is loaded. */
function constant(
  kind: 'timestamp' | 'duration',
  node: ASTNode,
  place: Place,
  read: (text: string) => number | Wrong,
  draft: Draft,
): Term | null {
  if (node.op !== 'value' || typeof node.args !== 'string') {
    const such = kind === 'timestamp' ? 'timestamp("2026-11-22T14:05:00Z")' : 'duration("10m")';
    return draft.wrong(node.start, `${kind}() takes a text that is written out`, `such as ${such}`);
  }
  const value = read(node.args);
  return isWrong(value) ? draft.wrong(node.start, value) : { kind, run: () => value, ...place };
}

function compileDecimal(node: ASTNode, place: Place, draft: Draft): Term | null {
  const term = draft.term(node);
  if (term === null) return null;
  if (term.kind !== 'string') {
    const hint = typeof term.literal === 'number' ? `write decimal("${term.literal}")` : undefined;
    return draft.wrong(term.at, `decimal() takes text, not ${kindName(term.kind)}`, hint);
  }
  if (typeof term.literal === 'string') {
    const value = readDecimal(term.literal);
    if (value !== null) return { kind: 'decimal', run: () => value, ...place };
    return draft.wrong(term.at, `"${term.literal}" is not a decimal`, 'digits and one point only: "1200.50"');
  }
  return { kind: 'decimal', run: lift(term.run, (text: string) => readDecimal(text) ?? FAILED), ...place };
}

/** Compiles `value.f(x)`. */
export function compileMethod(node: MethodCall, draft: Draft): Term | null {
  const [name, receiver, args] = node.args;
  const at = draft.text.indexOf(name, receiver.end);
  const place = { at: node.start, end: node.end };
  if (LOOPS.has(name)) return compileLoop(node, at, draft);
  const term = draft.term(receiver);
  if (term === null) return null;
  if (name === 'matches' && term.kind === 'string') return compileMatches(term, args, at, place, draft);
  if (term.kind === 'timestamp') return compileClock(name, term, args, at, place, draft);
  return applyMethod(name, term, args, at, place, draft);
}

function compileMatches(term: Term, args: readonly ASTNode[], at: number, place: Place, draft: Draft): Term | null {
  const [pattern, second] = args;
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string' || second !== undefined) {
    const hint = 'such as matches("^/reports/[0-9]{4}/")';
    return draft.wrong(pattern?.start ?? at, 'matches() takes one pattern that is written out', hint);
  }
  const matches = compilePattern(pattern.args);
  if (isWrong(matches)) return draft.wrong(pattern.start, matches);
  return { kind: 'bool', run: lift(term.run, matches), ...place };
}

function applyMethod(
  name: string,
  term: Term,
  args: readonly ASTNode[],
  at: number,
  place: Place,
  draft: Draft,
): Term | null {
  const method = methodsOf(term.kind).find((known) => known.name === name);
  if (method === undefined) return noMethod(name, term, args, at, draft);
  const [node, second] = args;
  const arg = node === undefined ? undefined : draft.term(node);
  if (arg === null) return null;
  if (second !== undefined || arg?.kind !== method.takes) {
    const takes = method.takes === undefined ? 'nothing between its brackets' : kindName(method.takes);
    return draft.wrong(second?.start ?? arg?.at ?? at, `${name}() takes ${takes}`);
  }
  const run = arg === undefined ? lift(term.run, method.apply as never) : lift2(term.run, arg.run, method.apply);
  return { kind: method.kind, run, ...place };
}

function noMethod(name: string, term: Term, args: readonly ASTNode[], at: number, draft: Draft): null {
  const [arg] = args;
  const message = `there is no ${name}() for ${kindName(term.kind)}`;
  if (name === 'contains' && arg !== undefined) {
    const item = written(draft, { at: arg.start, end: arg.end });
    return draft.wrong(at, message, `write ${item} in ${written(draft, term)}`);
  }
  const names = methodsOf(term.kind).map((known) => known.name);
  return draft.wrong(at, message, suggest(name, isList(term.kind) ? [...names, ...LOOPS] : names));
}
